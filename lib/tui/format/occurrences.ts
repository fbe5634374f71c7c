import { columns } from '../width.ts'
import { joint, textOf } from './row.ts'
import type { Row } from './wrap.ts'

/** A place where words stand: a row, and the columns from one up to another. Words that are broken over rows have several. */
export type Occurrence = { row: number; from: number; to: number }[]

/** Letters that are looked for: what is longer is found by its beginning, since a pattern without end is none that can be matched. */
const longest = 500

/** What looks for words as they are typed: capitals count only where some are. Marks may stand `between` two letters. */
export function wordsPattern(words: string, between = ''): RegExp {
  const escaped = [...words].slice(0, longest).map((letter) => letter.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`))
  return new RegExp(escaped.join(between), words === words.toLowerCase() ? 'giu' : 'gu')
}

/** All matches of a global pattern in rows; those that were one line before their width parted them are one line here. */
export function occurrences(rows: readonly Row[], pattern: RegExp): Occurrence[] {
  const found: Occurrence[] = []
  let first = 0
  while (first < rows.length) {
    let last = first + 1
    while (last < rows.length && joint(rows[last]!) !== undefined) last += 1
    const line = rows.slice(first, last).map(partOf)
    const text = line.map((part) => part.before + part.text).join('')
    for (const { 0: words, index } of text.matchAll(pattern))
      found.push(spread(line, first, index, index + words.length))
    first = last
  }
  return found.filter((one) => one.length > 0)
}

interface Part {
  before: string
  margin: string
  text: string
}

/** A row as a part of its line: what was between it and the row before, what is no part of the text, and the text. */
function partOf(row: Row, index: number): Part {
  const start = index === 0 ? 0 : row.findIndex((span) => span.joins !== undefined)
  return {
    before: index === 0 ? '' : (joint(row) ?? ''),
    margin: textOf(row.slice(0, start)),
    text: textOf(row.slice(start)),
  }
}

/** A stretch of a line's text, as columns of the rows that the line takes; `first` is the first of them. */
function spread(line: readonly Part[], first: number, start: number, end: number): Occurrence {
  const found: Occurrence = []
  let at = 0
  for (const [row, { before, margin, text }] of line.entries()) {
    at += before.length
    const [from, to] = [Math.max(0, start - at), Math.min(text.length, end - at)]
    if (from < to) {
      const left = columns(margin) + columns(text.slice(0, from))
      found.push({ row: first + row, from: left, to: left + columns(text.slice(from, to)) })
    }
    at += text.length
  }
  return found
}
