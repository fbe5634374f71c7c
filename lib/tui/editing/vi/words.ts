import { graphemeAfter, graphemeBefore, kindAt } from '../motions.ts'

/** What kind of a word a character belongs to; space and the ends of lines belong to none. */
export type KindOf = (text: string, at: number) => string

/** Letters are one kind of word, signs another, as for `w`. */
export const smallWord: KindOf = kindAt

/** All that is no space is a word, as for `W`. */
export const bigWord: KindOf = (text, at) => {
  const kind = kindAt(text, at)
  return kind === 'sign' ? 'word' : kind
}

export function isBlank(kind: string): boolean {
  return kind === 'space' || kind === 'line' || kind === 'end'
}

/** A line without any character: it counts as a word. */
function isEmptyLine(text: string, at: number): boolean {
  return (at === 0 || text[at - 1] === '\n') && (at === text.length || text[at] === '\n')
}

/** The start of the next word. `inLine`: not beyond the end of the line that it leaves, where an operator stops. */
export function wordOn(text: string, at: number, kindOf: KindOf, inLine: boolean): number {
  const kind = kindOf(text, at)
  let place = isBlank(kind) ? graphemeAfter(text, at) : pastWord(text, at, kindOf)
  if (inLine && kind === 'line') return place
  while (place < text.length && isBlank(kindOf(text, place)) && !isEmptyLine(text, place)) {
    if (inLine && text[place] === '\n') break
    place = graphemeAfter(text, place)
  }
  return place
}

/** The last character of the word that ends next; `here`: of this one, even from its last. */
export function wordEndOn(text: string, at: number, kindOf: KindOf, here = false): number {
  const kind = kindOf(text, at)
  let place = graphemeAfter(text, at)
  if (isBlank(kind) || kindOf(text, place) !== kind) {
    if (here && !isBlank(kind)) return at
    while (isBlank(kindOf(text, place))) {
      if (place === text.length) return place
      place = graphemeAfter(text, place)
    }
  }
  return graphemeBefore(text, pastWord(text, place, kindOf))
}

/** The start of the word that began last. */
export function wordBack(text: string, at: number, kindOf: KindOf): number {
  let place = graphemeBefore(text, at)
  while (isBlank(kindOf(text, place))) {
    if (place === 0 || (place < at && isEmptyLine(text, place))) return place
    place = graphemeBefore(text, place)
  }
  return wordStart(text, place, kindOf)
}

/** The last character of the word that ended last. */
export function wordEndBack(text: string, at: number, kindOf: KindOf): number {
  const kind = kindOf(text, at)
  let place = graphemeBefore(text, at)
  if (!isBlank(kind))
    while (kindOf(text, place) === kind) {
      if (place === 0) return 0
      place = graphemeBefore(text, place)
    }
  while (place > 0 && isBlank(kindOf(text, place)) && !isEmptyLine(text, place)) place = graphemeBefore(text, place)
  return place
}

/** Behind the last character that is of the same kind as the one at a place. */
export function pastWord(text: string, at: number, kindOf: KindOf): number {
  const kind = kindOf(text, at)
  let place = at
  while (place < text.length && kindOf(text, place) === kind) place = graphemeAfter(text, place)
  return place
}

/** The first character of those of one kind around a place. */
export function wordStart(text: string, at: number, kindOf: KindOf): number {
  const kind = kindOf(text, at)
  let place = at
  while (place > 0) {
    const before = graphemeBefore(text, place)
    if (kindOf(text, before) !== kind) break
    place = before
  }
  return place
}
