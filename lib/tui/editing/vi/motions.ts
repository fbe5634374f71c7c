import type { Action } from '../../../config/actions.ts'
import { columns } from '../../width.ts'
import { graphemeAfter, graphemeBefore, lineEnd, lineStart } from '../motions.ts'
import { bigWord, smallWord, wordBack, wordEndBack, wordEndOn, wordOn, type KindOf } from './words.ts'

/** Where a motion leads, and what an operator takes on the way: up to there, that character too, or whole lines. */
export interface Target {
  at: number
  takes: 'before' | 'with' | 'lines'
}

/** What a motion may need to know besides text and place. */
export interface Asked {
  /** How often; undefined where nobody said. */
  count: number | undefined
  /** The character that `f` and its like look for. */
  letter: string
  /** What waits for the motion, if anything does. */
  operator: Operator | undefined
  /** The column that moving by lines keeps to; that of the place where it is undefined. */
  column: number | undefined
}

export type Operator = 'delete' | 'change' | 'yank'

/** A motion of vi; undefined where it leads nowhere. */
export type Motion = (text: string, at: number, asked: Asked) => Target | undefined

const before = (at: number): Target => ({ at, takes: 'before' })
const including = (at: number): Target => ({ at, takes: 'with' })
const lines = (at: number): Target => ({ at, takes: 'lines' })

/** Every motion by its action; those of other keys for moving mean what they are nearest to. What waits for a letter is in `seeking`. */
export const viMotions: Readonly<Partial<Record<Action, Motion>>> = {
  'cursor.left': (text, at, { count, operator }) =>
    at === lineStart(text, at) && operator !== 'change'
      ? undefined
      : before(times(count, at, (from) => leftOf(text, from))),
  'cursor.right': (text, at, { count, operator }) =>
    at === lineEnd(text, at) && operator !== 'change'
      ? undefined
      : before(times(count, at, (from) => rightOf(text, from))),
  'cursor.down': (text, at, { count = 1, column }) => byLines(text, at, count, column),
  'cursor.up': (text, at, { count = 1, column }) => byLines(text, at, -count, column),
  'cursor.word-right': (text, at, asked) => wordMotion(text, at, asked, smallWord),
  'cursor.word-left': (text, at, { count }) => back(before, at, count, (from) => wordBack(text, from, smallWord)),
  'cursor.line-start': (text, at) => before(lineStart(text, at)),
  'cursor.row-start': (text, at) => before(lineStart(text, at)),
  'cursor.line-end': lineEndMotion,
  'cursor.row-end': lineEndMotion,
  'cursor.text-start': (text, _, { count = 1 }) => lines(textOfLine(text, lineNumber(text, count))),
  'cursor.text-end': (text, _, { count }) =>
    lines(textOfLine(text, count === undefined ? text.length : lineNumber(text, count))),
  'vi.big-word': (text, at, asked) => wordMotion(text, at, asked, bigWord),
  'vi.big-word-back': (text, at, { count }) => back(before, at, count, (from) => wordBack(text, from, bigWord)),
  'vi.word-end': (text, at, { count }) => including(times(count, at, (from) => wordEndOn(text, from, smallWord))),
  'vi.big-word-end': (text, at, { count }) => including(times(count, at, (from) => wordEndOn(text, from, bigWord))),
  'vi.word-end-back': (text, at, { count }) => back(including, at, count, (from) => wordEndBack(text, from, smallWord)),
  'vi.line-text': (text, at) => before(textOfLine(text, at)),
  'vi.paragraph': (text, at, { count = 1 }) => paragraph(text, at, count, 1),
  'vi.paragraph-back': (text, at, { count = 1 }) => paragraph(text, at, count, -1),
  'vi.bracket': (text, at) => matching(text, at),
}

/** Motions that a letter follows, which they look for in the line. `again`: what was found last is not found again. */
export const seeking: Readonly<Partial<Record<Action, Motion>>> = {
  'vi.find': (text, at, { count = 1, letter }) => found(including, seek(text, at, count, letter, 1)),
  'vi.till': (text, at, { count = 1, letter }) =>
    found((place) => including(graphemeBefore(text, place)), seek(text, at, count, letter, 1)),
  'vi.find-back': (text, at, { count = 1, letter }) => found(before, seek(text, at, count, letter, -1)),
  'vi.till-back': (text, at, { count = 1, letter }) =>
    found((place) => before(graphemeAfter(text, place)), seek(text, at, count, letter, -1)),
}

/** Where a line's text begins: its first character that is no space, else its last. */
export function textOfLine(text: string, at: number): number {
  const start = lineStart(text, at)
  const end = lineEnd(text, at)
  const place = start + /^[ \t]*/.exec(text.slice(start, end))![0].length
  return place === end ? lastOf(text, at) : place
}

/** The last character of a line; its start where it is empty. */
export function lastOf(text: string, at: number): number {
  const end = lineEnd(text, at)
  return end === lineStart(text, at) ? end : graphemeBefore(text, end)
}

/** So many times a step, or as often as it leads on. */
export function times(count: number | undefined, at: number, step: (at: number) => number): number {
  let place = at
  for (let left = count ?? 1; left > 0; left -= 1) {
    const next = step(place)
    if (next === place) break
    place = next
  }
  return place
}

/** A character to the left, in the line. */
export function leftOf(text: string, at: number): number {
  return Math.max(lineStart(text, at), graphemeBefore(text, at))
}

/** A character to the right, in the line; behind its last at most. */
export function rightOf(text: string, at: number): number {
  return Math.min(lineEnd(text, at), graphemeAfter(text, at))
}

function found(target: (at: number) => Target, at: number | undefined): Target | undefined {
  return at === undefined ? undefined : target(at)
}

/**
 * To the next word. An operator stops at the end of the line that the last word is in; and to change a word is to change it
 * without the space behind it.
 */
function wordMotion(text: string, at: number, { count = 1, operator }: Asked, kindOf: KindOf): Target | undefined {
  if (at === text.length && operator !== undefined) return operator === 'change' ? before(at) : undefined
  if (operator === 'change' && !/^(?:[ \t\n]|$)/.test(text.slice(at, at + 1))) {
    const first = wordEndOn(text, at, kindOf, true)
    return including(times(count - 1, first, (from) => wordEndOn(text, from, kindOf)))
  }
  const most = times(count - 1, at, (from) => wordOn(text, from, kindOf, false))
  return before(count > 1 && most === text.length ? most : wordOn(text, most, kindOf, operator !== undefined))
}

function back(
  target: (at: number) => Target,
  at: number,
  count: number | undefined,
  step: (at: number) => number,
): Target | undefined {
  return at === 0 ? undefined : target(times(count, at, step))
}

function lineEndMotion(text: string, at: number, { count = 1 }: Asked): Target | undefined {
  const place = count === 1 ? at : byLines(text, at, count - 1, 0)?.at
  return place === undefined ? undefined : including(lastOf(text, place))
}

/** So many lines down or up, or as many as there are, in the same column; undefined where there is none. */
function byLines(text: string, at: number, by: number, column: number | undefined): Target | undefined {
  const own = lineStart(text, at)
  const wanted = column ?? columns(text.slice(own, at))
  const start = times(Math.abs(by), own, (line) => lineBeside(text, line, by))
  if (start === own && by !== 0) return undefined
  const last = lastOf(text, start)
  let place = start
  for (let used = 0; place < last;) {
    const next = graphemeAfter(text, place)
    used += columns(text.slice(place, next))
    if (used > wanted) break
    place = next
  }
  return lines(place)
}

/** The start of the line below or above one; its own where there is none. */
function lineBeside(text: string, start: number, by: number): number {
  if (by < 0) return start === 0 ? start : lineStart(text, start - 1)
  const end = lineEnd(text, start)
  return end === text.length ? start : end + 1
}

/** Where a line begins, counted from 1; the last where there are not so many. */
function lineNumber(text: string, number: number): number {
  let start = 0
  for (let line = 1; line < number && lineEnd(text, start) < text.length; line += 1) start = lineEnd(text, start) + 1
  return start
}

/** The letter in the line, so many times from the place; a character is only found as a whole. */
function seek(text: string, at: number, count: number, letter: string, way: 1 | -1): number | undefined {
  const [start, end] = [lineStart(text, at), lineEnd(text, at)]
  let place = at
  for (let left = count; left > 0;) {
    if (way < 0 && place === start) return undefined
    place = way > 0 ? text.indexOf(letter, place + 1) : text.lastIndexOf(letter, place - 1)
    if (place < start || place >= end) return undefined
    if (graphemeBefore(text, place + letter.length) === place && graphemeAfter(text, place) === place + letter.length)
      left -= 1
  }
  return place
}

/** The empty line after or before the paragraph; or the end of the text, or its beginning. */
function paragraph(text: string, at: number, count: number, way: 1 | -1): Target | undefined {
  let line = lineStart(text, at)
  for (let left = count; left > 0; left -= 1) {
    let within = false
    for (;;) {
      const empty = line === lineEnd(text, line)
      if (within && empty) break
      within ||= !empty
      if (way > 0 ? lineEnd(text, line) === text.length : line === 0) {
        if (left > 1) return undefined
        return way < 0 ? before(0) : line === text.length ? before(line) : including(lastOf(text, line))
      }
      line = way > 0 ? lineEnd(text, line) + 1 : lineStart(text, line - 1)
    }
  }
  return before(line)
}

const brackets = '()[]{}'

/** The bracket that belongs to the next one in the line. */
function matching(text: string, at: number): Target | undefined {
  const end = lineEnd(text, at)
  let from = at
  while (from < end && !brackets.includes(text[from]!)) from += 1
  if (from === end) return undefined
  const index = brackets.indexOf(text[from]!)
  const way = index % 2 === 0 ? 1 : -1
  const other = brackets[index + way]
  let depth = 0
  for (let place = from; place >= 0 && place < text.length; place += way) {
    if (text[place] === text[from]) depth += 1
    else if (text[place] === other) depth -= 1
    if (depth === 0) return including(place)
  }
  return undefined
}
