import type { Tone } from '../../config/theme.ts'
import { harmless } from '../harmless.ts'
import { columnsOf, isSimple } from '../width.ts'
import { segments } from '../format/segments.ts'
import type { Coloured } from '../format/colour-thread.ts'
import type { Line } from './lines.ts'

/** Characters of a line that are drawn; fewer where each has to be measured. */
const longestDrawn = 20_000
const longestMeasured = 2_000
/** Columns from one tab stop to the next. */
const tab = 4

/** A stretch of a laid line in one tone. */
export interface Stretch {
  end: number
  tone: Tone
}

/** A line as it is drawn: harmless, with tabs as spaces. Places in it are UTF-16 units of `text`. */
export class LaidLine {
  readonly text: string
  readonly stretches: readonly Stretch[]
  private readonly source: string
  private readonly exact: boolean
  private readonly simple: boolean
  private parts: { at: number; column: number }[] | undefined
  private rowsAt: { width: number; starts: number[] } | undefined

  constructor({ text, more }: Line, colours: readonly Coloured[] | undefined) {
    const drawn = text.slice(0, longestDrawn)
    const shown = isSimple(drawn.replaceAll('\t', ' ')) ? drawn : drawn.slice(0, longestMeasured)
    const expanded = expand(shown)
    const end = more || shown.length < text.length ? ' … the line goes on' : ''
    this.source = text
    // Where something had to be made harmless, places in what is drawn are none in the source.
    this.exact = harmless(expanded) === expanded
    this.text = (this.exact ? expanded : harmless(shown)) + end
    this.simple = isSimple(this.text)
    this.stretches = this.exact && colours !== undefined ? stretchesOf(shown, colours) : []
  }

  /** The columns that it takes. */
  get columns(): number {
    if (this.simple) return this.text.length
    return this.graphemes().at(-1)!.column
  }

  /** The place of the character at a column; the end beyond it. */
  at(column: number): number {
    if (this.simple) return Math.max(0, Math.min(column, this.text.length))
    let low = 0
    let high = this.graphemes().length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.graphemes()[middle]!.column < column) low = middle + 1
      else high = middle
    }
    return this.graphemes()[low]?.at ?? this.text.length
  }

  columnOf(at: number): number {
    if (this.simple) return at
    return this.graphemes().find((part) => part.at >= at)?.column ?? this.columns
  }

  /** Where the rows begin that it takes when it is wrapped. */
  rows(width: number): readonly number[] {
    if (this.rowsAt?.width === width) return this.rowsAt.starts
    const starts = [0]
    if (this.simple) for (let at = width; at < this.text.length; at += width) starts.push(at)
    else {
      let from = 0
      for (const [i, { at, column }] of this.graphemes().entries()) {
        const end = this.graphemes()[i + 1]?.column ?? column
        if (end - from <= width || at === starts.at(-1)) continue
        starts.push(at)
        from = column
      }
    }
    this.rowsAt = { width, starts }
    return starts
  }

  /** The part of the source between two places. */
  part(from: number, to: number): string {
    if (!this.exact) return this.text.slice(from, to)
    return this.source.slice(
      sourceAt(this.source, from),
      to >= this.text.length ? undefined : sourceAt(this.source, to),
    )
  }

  /** Where a place of the source is drawn. */
  drawn(source: number): number {
    return this.exact ? expand(this.source.slice(0, source)).length : Math.min(source, this.text.length)
  }

  /** Each character's place and column, and the end's. */
  private graphemes(): { at: number; column: number }[] {
    if (this.parts === undefined) {
      this.parts = []
      let column = 0
      for (const { segment, index } of segments(this.text)) {
        this.parts.push({ at: index, column })
        column += columnsOf(segment)
      }
      this.parts.push({ at: this.text.length, column })
    }
    return this.parts
  }
}

function expand(text: string): string {
  if (!text.includes('\t')) return text
  let line = ''
  for (const [i, part] of text.split('\t').entries())
    line += (i === 0 ? '' : ' '.repeat(tab - (line.length % tab))) + part
  return line
}

function sourceAt(source: string, drawn: number): number {
  if (!source.includes('\t')) return drawn
  let at = 0
  for (let column = 0; at < source.length && column < drawn; at++)
    column += source[at] === '\t' ? tab - (column % tab) : 1
  return at
}

function stretchesOf(text: string, colours: readonly Coloured[]): Stretch[] {
  let source = 0
  let end = 0
  return colours.map(({ length, tone }) => {
    for (const character of text.slice(source, source + length))
      end += character === '\t' ? tab - (end % tab) : character.length
    source += length
    return { end, tone }
  })
}
