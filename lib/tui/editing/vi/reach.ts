import type { Range } from '../draft.ts'
import { graphemeAfter, lineEnd, lineStart } from '../motions.ts'
import type { Operator, Target } from './motions.ts'
import type { Taken } from './objects.ts'

/** What an operator takes from the cursor to where a motion leads. */
export function between(text: string, cursor: number, target: Target, operator: Operator): Taken {
  const [from, to] = [Math.min(cursor, target.at), Math.max(cursor, target.at)]
  if (target.takes === 'lines') return wholeLines(text, { from, to })
  if (target.takes === 'before') return exact(text, { from, to }, operator)
  // An empty line has no character to be taken with.
  return leftOver(text, { from, to: text[to] === '\n' ? to : graphemeAfter(text, to) }, operator)
}

/** A range that ends before a line's first character ends with the line before (vim's `:help exclusive-linewise`). */
export function exact(text: string, range: Range, operator: Operator): Taken {
  const { from, to } = range
  if (to <= lineEnd(text, from) || text[to - 1] !== '\n') return leftOver(text, range, operator)
  const before = { from, to: to - 1 }
  return isIndent(text, from) ? wholeLines(text, before) : leftOver(text, before, operator)
}

/** Where only space would be left of lines, they are deleted whole. */
function leftOver(text: string, range: Range, operator: Operator): Taken {
  const { from, to } = range
  const rest = text.slice(to, lineEnd(text, to))
  const whole = operator === 'delete' && to > lineEnd(text, from) && isIndent(text, from) && /^[ \t]*$/.test(rest)
  return whole ? wholeLines(text, range) : range
}

/** Whether nothing but space stands before a place in its line. */
function isIndent(text: string, at: number): boolean {
  return /^[ \t]*$/.test(text.slice(lineStart(text, at), at))
}

/** The lines that a range touches, without the end of the last. */
export function wholeLines(text: string, { from, to }: Range): Taken {
  return { from: lineStart(text, from), to: lineEnd(text, to), lines: true }
}
