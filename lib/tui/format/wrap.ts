import type { Tone } from '../../config/theme.ts'
import { harmless } from '../harmless.ts'
import { columns, columnsOf, cut, graphemes } from '../width.ts'

/** A piece of a line in one tone. */
export interface Span {
  text: string
  tone: Tone
  /** What is copied in place of the text: nothing of a gutter, all of an address that is shown cut. */
  copies?: string
  /**
   * The row goes on from the one before, where only its width broke the line: what stood there between the two. What is
   * before it in the row is no part of the text.
   */
  joins?: string
  /** Where it leads: an address that terminals can open. */
  href?: string
}

/** One laid-out line. */
export type Row = readonly Span[]

/** Prose is not read well beyond this, however wide the screen. */
export const proseWidth = 96

/** The columns that a row takes. */
export function rowWidth(row: Row): number {
  return row.reduce((sum, span) => sum + columns(span.text), 0)
}

/**
 * Lays text out in rows of at most `width` columns, broken between words (wide characters break anywhere but before
 * closing punctuation), and inside a word only where the word alone is wider than a row. `\n` breaks always; a row that
 * only its width has begun says so by `joins`.
 * `first` stands before the first row and `rest` before the others; both count towards the width.
 */
export function wrap(spans: Row, width: number, first: Row = [], rest: Row = first): Row[] {
  const rows = new Rows(Math.max(1, width), first, rest)
  for (const span of spans) {
    let part = span
    for (const piece of span.text.match(pieces) ?? []) {
      if (piece === '\n') rows.end()
      else if (piece.startsWith(' ')) rows.space({ ...part, text: piece })
      else rows.word({ ...part, text: piece }, wide.test(piece))
      // What is copied instead of it is copied once.
      if (span.copies !== undefined) part = { ...span, copies: '' }
    }
  }
  rows.close()
  return rows.done
}

const cjk = '[\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\uff00-\\uff60]'
const closing = '[\\u3001\\u3002\\uff0c\\uff0e\\uff01\\uff1f\\uff1a\\uff1b\\uff09\\u300d\\u300f\\u3011\\u300b\\u3009]'
const pieces = new RegExp(`\\n| +|${cjk}${closing}*|(?:(?!${cjk})[^ \\n])+`, 'g')
const wide = new RegExp(`^${cjk}`)

/** Rows under way: what is in the row, the blanks after it, and the word that may still grow. */
class Rows {
  readonly done: Row[] = []
  private row: Span[]
  private used: number
  private empty = true
  private blank: Span | undefined
  private held: Span[] = []
  private heldWidth = 0
  private joins: string | undefined
  private readonly width: number
  private readonly rest: Row

  constructor(width: number, first: Row, rest: Row) {
    this.width = width
    this.rest = rest
    this.row = [...first]
    this.used = rowWidth(first)
  }

  /** Joins what is held unless a break is allowed before it. */
  word(span: Span, breakable: boolean): void {
    if (breakable) this.flush()
    this.held.push(span)
    this.heldWidth += columns(span.text)
    if (breakable) this.flush()
  }

  space(span: Span): void {
    this.flush()
    const before = this.blank
    if (before === undefined) this.blank = span
    else {
      const special = before.copies !== undefined || span.copies !== undefined
      const copies = special ? (before.copies ?? before.text) + (span.copies ?? span.text) : undefined
      this.blank = { ...span, text: before.text + span.text, copies }
    }
  }

  end(): void {
    this.flush()
    this.next()
  }

  close(): void {
    this.flush()
    if (!this.empty || this.done.length === 0) this.done.push(this.row)
  }

  private start(joins?: string): void {
    this.joins = joins
    this.row = [...this.rest]
    this.used = rowWidth(this.rest)
    this.empty = true
    this.blank = undefined
  }

  private flush(): void {
    if (this.held.length === 0) return
    // Blanks at the start of a row are kept only where the text itself begins with them.
    const blank = this.blank !== undefined && (!this.empty || this.done.length === 0) ? this.blank : undefined
    const blankWidth = blank === undefined ? 0 : blank.text.length
    if (this.used + blankWidth + this.heldWidth <= this.width) {
      if (blank !== undefined) this.put(blank, blankWidth)
      for (const span of this.held) this.put(span, columns(span.text))
    } else {
      if (!this.empty) this.next(blank?.copies ?? blank?.text ?? '')
      for (const span of this.held) this.putLong(span)
    }
    this.blank = undefined
    this.held = []
    this.heldWidth = 0
  }

  private next(joins?: string): void {
    this.done.push(this.row)
    this.start(joins)
  }

  private put(span: Span, width: number): void {
    const last = this.row.at(-1)
    // Once the row is begun its last piece is its own.
    if (!this.empty && last !== undefined && goesOn(last, span)) last.text += span.text
    else this.row.push(this.empty && this.joins !== undefined ? { ...span, joins: this.joins } : span)
    this.used += width
    this.empty = false
  }

  private putLong(span: Span): void {
    const width = columns(span.text)
    if (this.used + width <= this.width) return this.put(span, width)
    let part = span
    let piece = ''
    let taken = 0
    for (const grapheme of graphemes(span.text)) {
      const wanted = columnsOf(grapheme)
      if (this.used + taken + wanted > this.width && (!this.empty || taken > 0)) {
        if (piece !== '') this.put({ ...part, text: piece }, taken)
        if (piece !== '' && span.copies !== undefined) part = { ...span, copies: '' }
        this.next('')
        piece = ''
        taken = 0
      }
      piece += grapheme
      taken += wanted
    }
    if (piece !== '') this.put({ ...part, text: piece }, taken)
  }
}

function goesOn(last: Span, span: Span): boolean {
  return last.tone === span.tone && last.href === span.href && last.copies === undefined && span.copies === undefined
}

/** Both ends of a text, at most `max` columns, with `…` between them where something is missing. */
export function cutMiddle(text: string, max: number): string {
  if (columns(text) <= max) return text
  if (max <= 1) return cut(text, max)
  const all = graphemes(harmless(text))
  return `${take(all, Math.floor((max - 1) / 2))}…${take(all.toReversed(), Math.ceil((max - 1) / 2), true)}`
}

function take(parts: readonly string[], max: number, backwards = false): string {
  let used = 0
  let end = 0
  while (end < parts.length && used + columnsOf(parts[end]!) <= max) used += columnsOf(parts[end++]!)
  const taken = parts.slice(0, end)
  return (backwards ? taken.toReversed() : taken).join('')
}
