import type { Action } from '../../../config/actions.ts'
import type { Range } from '../draft.ts'
import { graphemeBefore, lineEnd, lineStart } from '../motions.ts'
import { bigWord, isBlank, pastWord, smallWord, wordStart, type KindOf } from './words.ts'

/** What a text object takes: a range, or whole lines. */
export interface Taken extends Range {
  lines?: boolean
}

/** Finds the text object around a place, `count` of them or deep; undefined where there is none. */
export type TextObject = (text: string, at: number, count: number) => Taken | undefined

/** Every text object by its action: `inner` is what it holds, `around` it with what belongs to it. */
export const textObjects: Readonly<Partial<Record<Action, TextObject>>> = {
  'vi.inner-word': (text, at, count) => word(text, at, count, smallWord, false),
  'vi.around-word': (text, at, count) => word(text, at, count, smallWord, true),
  'vi.inner-big-word': (text, at, count) => word(text, at, count, bigWord, false),
  'vi.around-big-word': (text, at, count) => word(text, at, count, bigWord, true),
  'vi.inner-paragraph': (text, at, count) => paragraph(text, at, count, false),
  'vi.around-paragraph': (text, at, count) => paragraph(text, at, count, true),
  'vi.inner-quotes': (text, at, count) => quoted(text, at, '"', count > 1 ? 'quotes' : 'inner'),
  'vi.around-quotes': (text, at) => quoted(text, at, '"', 'around'),
  'vi.inner-single-quotes': (text, at, count) => quoted(text, at, "'", count > 1 ? 'quotes' : 'inner'),
  'vi.around-single-quotes': (text, at) => quoted(text, at, "'", 'around'),
  'vi.inner-backticks': (text, at, count) => quoted(text, at, '`', count > 1 ? 'quotes' : 'inner'),
  'vi.around-backticks': (text, at) => quoted(text, at, '`', 'around'),
  'vi.inner-parentheses': (text, at, count) => enclosed(text, at, count, '()', false),
  'vi.around-parentheses': (text, at, count) => enclosed(text, at, count, '()', true),
  'vi.inner-brackets': (text, at, count) => enclosed(text, at, count, '[]', false),
  'vi.around-brackets': (text, at, count) => enclosed(text, at, count, '[]', true),
  'vi.inner-braces': (text, at, count) => enclosed(text, at, count, '{}', false),
  'vi.around-braces': (text, at, count) => enclosed(text, at, count, '{}', true),
  'vi.inner-angles': (text, at, count) => enclosed(text, at, count, '<>', false),
  'vi.around-angles': (text, at, count) => enclosed(text, at, count, '<>', true),
}

/** Words and the spaces between them, in the line; `around`: a word with the space behind it, or else before it. */
function word(text: string, at: number, count: number, kindOf: KindOf, around: boolean): Taken | undefined {
  const [start, end] = [lineStart(text, at), lineEnd(text, at)]
  if (at === end) return around ? undefined : { from: at, to: at }
  const isSpace = (place: number) => place < end && isBlank(kindOf(text, place))
  const from = wordStart(text, at, kindOf)
  const spaceFirst = isSpace(from)
  let to = from
  for (let left = count; left > 0; left -= 1) {
    if (to === end) return undefined
    to = pastWord(text, to, kindOf)
    if (!around) continue
    if (spaceFirst && to === end) return undefined
    if (spaceFirst || isSpace(to)) to = pastWord(text, to, kindOf)
  }
  if (!around || spaceFirst || isSpace(graphemeBefore(text, to))) return { from, to }
  const space = from === start ? from : wordStart(text, graphemeBefore(text, from), kindOf)
  return space > start && isSpace(space) ? { from: space, to } : { from, to }
}

/** Paragraphs and the blank lines between them; `around`: with the blank lines behind, or else before. */
function paragraph(text: string, at: number, count: number, around: boolean): Taken | undefined {
  const isBlankLine = (start: number) => /^[ \t]*$/.test(text.slice(start, lineEnd(text, start)))
  const blank = isBlankLine(lineStart(text, at))
  const first = (start: number, kind: boolean): number => {
    let line = start
    while (line > 0 && isBlankLine(lineStart(text, line - 1)) === kind) line = lineStart(text, line - 1)
    return line
  }
  let from = first(lineStart(text, at), blank)
  let to = from - 1
  let kind = blank
  for (let left = around ? count * 2 : count; left > 0; left -= 1) {
    if (to >= text.length) {
      if (!around || blank || left > 1) return undefined
      if (from > 0) from = first(lineStart(text, from - 1), true)
      break
    }
    do to = lineEnd(text, to + 1)
    while (to < text.length && isBlankLine(to + 1) === kind)
    kind = !kind
  }
  return { from, to, lines: true }
}

/** In a line: the quotes around the place, or the next ones. */
function quoted(text: string, at: number, quote: string, what: 'inner' | 'quotes' | 'around'): Taken | undefined {
  const start = lineStart(text, at)
  const line = text.slice(start, lineEnd(text, at))
  const pair = quotesAt(line, at - start, quote)
  if (pair === undefined) return undefined
  const [open, close] = pair
  if (what === 'inner') return { from: start + open + 1, to: start + close }
  if (what === 'quotes') return { from: start + open, to: start + close + 1 }
  const behind = /^[ \t]*/.exec(line.slice(close + 1))![0].length
  const ahead = behind > 0 ? 0 : /[ \t]*$/.exec(line.slice(0, open))![0].length
  return { from: start + open - ahead, to: start + close + 1 + behind }
}

function quotesAt(line: string, at: number, quote: string): [open: number, close: number] | undefined {
  const next = (from: number) => {
    for (let place = from; place < line.length; place += 1) {
      if (line[place] === '\\') place += 1
      else if (line[place] === quote) return place
    }
    return -1
  }
  if (line[at] === quote) {
    // Whether it opens or closes is counted from the line's beginning.
    for (let open = next(0); open >= 0 && open <= at;) {
      const close = next(open + 1)
      if (close < 0) return undefined
      if (at <= close) return [open, close]
      open = next(close + 1)
    }
    return undefined
  }
  let open = at - 1
  while (open >= 0 && (line[open] !== quote || isEscaped(line, open))) open -= 1
  if (open < 0) open = next(at)
  const close = open < 0 ? -1 : next(open + 1)
  return close < 0 ? undefined : [open, close]
}

function isEscaped(line: string, at: number): boolean {
  return /\\*$/.exec(line.slice(0, at))![0].length % 2 === 1
}

/** What stands between brackets around the place, or else the next ones; lines between two lines with them as lines. */
function enclosed(text: string, at: number, count: number, pair: string, around: boolean): Taken | undefined {
  const [opens, closes] = [pair[0]!, pair[1]!]
  let open: number | undefined = text[at] === opens ? at : unclosed(text, at - 1, opens, closes, -1)
  if (open === undefined && count === 1 && text.includes(opens, at)) open = text.indexOf(opens, at)
  for (let left = count; left > 1 && open !== undefined; left -= 1) {
    open = unclosed(text, open - 1, opens, closes, -1)
  }
  const close = open === undefined ? undefined : unclosed(text, open + 1, closes, opens, 1)
  if (open === undefined || close === undefined) return undefined
  if (around) return { from: open, to: close + 1 }
  const from = text[open + 1] === '\n' ? open + 2 : open + 1
  const indent = lineStart(text, close)
  const alone = indent > open && /^[ \t]*$/.test(text.slice(indent, close))
  return { from, to: Math.max(from, alone ? indent : close) }
}

/** The bracket that no other of its pair closes on the way. */
function unclosed(text: string, at: number, wanted: string, other: string, way: 1 | -1): number | undefined {
  let depth = 0
  for (let place = at; place >= 0 && place < text.length; place += way) {
    if (text[place] === other) depth += 1
    else if (text[place] === wanted && depth === 0) return place
    else if (text[place] === wanted) depth -= 1
  }
  return undefined
}
