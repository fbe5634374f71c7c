import { harmless, tabWidth } from '../harmless.ts'
import { columns, cut } from '../width.ts'
import { between } from './row.ts'
import { rowWidth, wrap, type Row, type Span } from './wrap.ts'

/** Columns of a line of code that are shown: what is longer was made by a machine. */
const longestLine = 4_000
/** A line with more tabs than this is no code that anybody indented: it is copied with spaces. */
const mostTabs = 64

/** Gives lines of a language their colours: a row for each, or undefined where it cannot (yet). */
export type Colours = (language: string, lines: readonly string[]) => readonly Row[] | undefined

/**
 * Lays out lines of code, each after `margin`. A line that is too long goes on in the next row, set in further: nobody
 * can scroll sideways. Tabs are shown as spaces and copied as tabs.
 */
export function codeRows(
  language: string,
  source: readonly string[],
  colours: Colours | undefined,
  width: number,
  margin: Row,
): Row[] {
  const lines = source.map((line) => harmless(cut(line, longestLine)))
  const coloured = colours?.(language, lines)
  return lines.flatMap((line, i) => {
    const row = withTabs(coloured?.[i] ?? [{ text: line, tone: 'normal' }], source[i]!)
    if (rowWidth(row) + rowWidth(margin) <= width) return [[...margin, ...row]]
    const leading = /^ */.exec(line)![0].slice(0, Math.floor(width / 3))
    return wrap(row, width, margin, [...margin, { text: `${leading}  `, tone: 'normal' }])
  })
}

/** The row with a span of its own for each tab of its source. */
function withTabs(row: Row, source: string): Row {
  const parts = source.split('\t')
  if (parts.length === 1 || parts.length > mostTabs) return row
  const spans: Span[] = []
  let [length, column, done] = [0, 0, 0]
  for (const part of parts.slice(0, -1)) {
    const safe = harmless(part)
    length += safe.length
    column += columns(safe)
    const width = tabWidth - (length % tabWidth)
    spans.push(...between(row, done, column), { text: ' '.repeat(width), tone: 'normal', copies: '\t' })
    length += width
    column += width
    done = column
  }
  return [...spans, ...between(row, done, Infinity)]
}
