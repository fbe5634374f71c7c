import type { Tone } from '../../config/theme.ts'
import { columns, columnsOf, graphemes, textBetween } from '../width.ts'
import type { Range } from './word-marks.ts'
import type { Row, Span } from './wrap.ts'

/** Rows as text again: what of them stands between two columns, and what is copied of them. Columns count from 0. */

/** The part of a row from one column up to another: the characters that begin there. */
export function between(row: Row, from: number, to: number): Span[] {
  const kept: Span[] = []
  let at = 0
  for (const span of row) {
    const width = columns(span.text)
    const [begin, end] = [Math.max(0, from - at), Math.min(width, to - at)]
    if (begin < end) kept.push(begin === 0 && end === width ? span : part(span, begin, end))
    at += width
  }
  return kept
}

/** The row with what is between two columns in another tone. */
export function toned(row: Row, from: number, to: number, tone: Tone): Row {
  const middle = between(row, from, to).map((span) => ({ ...span, tone }))
  return [...between(row, 0, from), ...middle, ...between(row, to, Infinity)]
}

/** The row with ranges of its text, in UTF-16 units, in another tone. */
export function marked(row: Row, ranges: readonly Range[], tone: Tone): Row {
  if (ranges.length === 0) return row
  const spans: Span[] = []
  let at = 0
  for (const span of row) {
    const end = at + span.text.length
    let from = at
    for (const [begin, until] of ranges) {
      const [left, right] = [Math.max(from, begin), Math.min(end, until)]
      if (left >= right) continue
      if (from < left) spans.push({ ...span, text: span.text.slice(from - at, left - at) })
      spans.push({ ...span, text: span.text.slice(left - at, right - at), tone })
      from = right
    }
    if (from < end) spans.push({ ...span, text: span.text.slice(from - at) })
    at = end
  }
  return spans
}

/** What a row shows. */
export function textOf(row: Row): string {
  return row.map((span) => span.text).join('')
}

/** The graphemes of a row's text, each with its first column. */
export function cellsOf(shown: string): { text: string; column: number; width: number }[] {
  let column = 0
  return graphemes(shown).map((text) => {
    const width = columnsOf(text)
    column += width
    return { text, column: column - width, width }
  })
}

/** What was between this row and the one before, where only the width has parted them; undefined where a line begins. */
export function joint(row: Row): string | undefined {
  return row.find((span) => span.joins !== undefined)?.joins
}

/** The rows as the text that they were laid out from: without decoration, each line in one piece. */
export function copied(rows: Iterable<Row>): string {
  const lines: string[] = []
  for (const row of rows) {
    const start = row.findIndex((span) => span.joins !== undefined)
    const text = row.slice(Math.max(0, start)).reduce((sum, span) => sum + (span.copies ?? span.text), '')
    if (start >= 0 && lines.length > 0) lines.push(lines.pop()! + row[start]!.joins! + text)
    else lines.push(text)
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** A piece of a span. What is copied instead of it goes with its beginning. */
function part(span: Span, from: number, to: number): Span {
  const text = textBetween(span.text, from, to)
  if (from === 0) return { ...span, text }
  return { ...span, text, joins: undefined, copies: span.copies === undefined ? undefined : '' }
}
