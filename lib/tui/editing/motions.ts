import { segments } from '../format/segments.ts'

/** From a place in a text to another. */
export type Motion = (text: string, at: number) => number

/** A grapheme longer than this is no character that anybody typed. */
const longestGrapheme = 64
/** Nobody moves over a longer word as one. */
const longestWord = 1_000

export function graphemeBefore(text: string, at: number): number {
  if (at === 0) return 0
  const start = Math.max(text.lastIndexOf('\n', at - 1), at - longestGrapheme - 1) + 1
  if (start >= at) return at - 1
  return start + segments(text.slice(start, at)).at(-1)!.index
}

export function graphemeAfter(text: string, at: number): number {
  const [next] = segments(text.slice(at, at + longestGrapheme))
  return at + (next?.segment.length ?? 0)
}

/** To the start of the word that ends before, over what parts them: letters and digits are a word, so are signs. */
export function wordBefore(text: string, at: number): number {
  const head = text.slice(0, at).trimEnd()
  return head.length - (/[\p{L}\p{N}\p{M}_]+$|[^\p{L}\p{N}\p{M}_\s]+$/u.exec(head.slice(-longestWord))?.[0].length ?? 0)
}

export function wordAfter(text: string, at: number): number {
  const rest = text.slice(at, at + longestWord)
  return at + (/^\s*(?:[\p{L}\p{N}\p{M}_]+|[^\p{L}\p{N}\p{M}_\s]+)?/u.exec(rest)?.[0].length ?? 0)
}

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
}

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

export function textStart(): number {
  return 0
}

export function textEnd(text: string): number {
  return text.length
}

/** The word, the space or the signs at a place: what a double click takes. */
export function wordAt(text: string, at: number): { from: number; to: number } {
  const kind = kindAt(text, at)
  let [from, to] = [at, at]
  while (from > 0 && at - from < longestWord && kindAt(text, graphemeBefore(text, from)) === kind)
    from = graphemeBefore(text, from)
  while (to < text.length && to - at < longestWord && kindAt(text, to) === kind) to = graphemeAfter(text, to)
  return { from, to }
}

/** What the character at a place is a part of: a word, space, a line's end, signs; `end` behind the last. */
export function kindAt(text: string, at: number): 'word' | 'space' | 'line' | 'sign' | 'end' {
  const code = text.codePointAt(at)
  if (code === undefined) return 'end'
  if (code === 10) return 'line'
  const character = String.fromCodePoint(code)
  if (/\s/.test(character)) return 'space'
  return /[\p{L}\p{N}\p{M}_]/u.test(character) ? 'word' : 'sign'
}
