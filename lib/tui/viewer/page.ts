import type { Coloured } from '../format/colour-thread.ts'
import type { Document } from './document.ts'
import { LaidLine } from './laid.ts'

/** A place in a file: a line counted from 0, and UTF-16 units into it as it is drawn. */
export interface Place {
  line: number
  at: number
}

/** A row of the screen: the part of a line that it shows. */
export interface PageRow {
  line: number
  from: number
  to: number
  /** The line begins here. */
  first: boolean
  /** It goes on out of sight, at the left or at the right. */
  before?: boolean
  after?: boolean
}

/** Laid lines that are kept. */
const mostLaid = 2_000

/** What of a file is in view: where it begins, how its lines are cut into rows, and what lies under the mouse. */
export class Page {
  wrap = false
  /** Columns that are out of sight at the left, where lines are not wrapped. */
  left = 0
  /** The first row in view: a line, and which of its rows. */
  top = { line: 0, row: 0 }
  width = 80
  height = 24
  private document: Document | undefined
  private wanted: Place | undefined
  private colours: { from: number; rows: Coloured[][] } = { from: 0, rows: [] }
  private readonly laid = new Map<number, LaidLine>()
  private laidFrom: Document['window'] | undefined

  /** Takes another file, or the same as it is now; the place in it stays. */
  take(document: Document): void {
    this.document = document
    this.colours = { from: 0, rows: [] }
    this.laid.clear()
  }

  /** Takes the colours of the lines from one on. */
  colour(from: number, rows: Coloured[][]): void {
    this.colours = { from, rows }
    this.laid.clear()
  }

  /** A line as it is drawn; undefined where it is not there, or not yet. */
  line(number: number): LaidLine | undefined {
    const { document } = this
    if (document === undefined) return undefined
    if (this.laidFrom !== document.window) this.laid.clear()
    this.laidFrom = document.window
    let laid = this.laid.get(number)
    if (laid === undefined) {
      const line = document.line(number)
      if (line === undefined) return undefined
      laid = new LaidLine(line, this.colours.rows[number - this.colours.from])
      if (this.laid.size >= mostLaid) this.laid.clear()
      this.laid.set(number, laid)
    }
    return laid
  }

  /** The rows in view, the page being so large. What is not there yet is asked for. */
  rows(width: number, height: number): PageRow[] {
    this.width = Math.max(1, width)
    this.height = Math.max(1, height)
    if (this.document === undefined) return []
    if (this.wanted !== undefined) this.show(this.wanted)
    this.settle()
    this.document.want(this.top.line, this.top.line + this.height)
    const rows: PageRow[] = []
    for (let { line, row } = this.top; rows.length < height && line < this.document.lines.known; line++, row = 0) {
      const laid = this.line(line)
      if (laid === undefined) rows.push({ line, from: 0, to: 0, first: true })
      else if (this.wrap) {
        const starts = laid.rows(this.width)
        for (; row < starts.length && rows.length < height; row++)
          rows.push({ line, from: starts[row]!, to: starts[row + 1] ?? laid.text.length, first: row === 0 })
      } else {
        const [from, to] = [laid.at(this.left), laid.at(this.left + this.width)]
        rows.push({ line, from, to, first: true, before: from > 0, after: to < laid.text.length })
      }
    }
    return rows
  }

  /** Scrolls by rows as they are shown. */
  scroll(by: number): void {
    this.wanted = undefined
    if (!this.wrap) this.top = { line: Math.max(0, this.top.line + by), row: 0 }
    for (let left = this.wrap ? by : 0; left < 0; left++) {
      if (this.top.row > 0) this.top.row -= 1
      else if (this.top.line > 0) this.top = { line: this.top.line - 1, row: this.rowsOf(this.top.line - 1) - 1 }
    }
    for (let left = this.wrap ? by : 0; left > 0; left--) {
      if (this.top.row + 1 < this.rowsOf(this.top.line)) this.top.row += 1
      else this.top = { line: this.top.line + 1, row: 0 }
    }
  }

  toTop(): void {
    this.wanted = undefined
    this.top = { line: 0, row: 0 }
  }

  /** The last line at the foot. */
  toEnd(): void {
    this.top = { line: Math.max(0, (this.document?.lines.known ?? 0) - 1), row: Infinity }
    this.wanted = undefined
  }

  /** Brings a place into view with the next frame, in the upper third, unless it is there. */
  reveal(place: Place): void {
    this.wanted = place
  }

  private show({ line, at }: Place): void {
    if (line < this.top.line || line >= this.top.line + this.height)
      this.top = { line: Math.max(0, line - Math.floor(this.height / 3)), row: 0 }
    const laid = this.line(line)
    // How far to the right it is can be told once it was read.
    if (laid !== undefined) this.wanted = undefined
    const column = laid?.columnOf(at) ?? 0
    if (this.wrap) this.top.row = line === this.top.line ? this.rowOf(line, at) : 0
    else if (column < this.left || column >= this.left + this.width - 1)
      this.left = column < this.width - 1 ? 0 : Math.max(0, column - Math.floor(this.width / 2))
  }

  scrollSideways(by: number): void {
    if (!this.wrap) this.left = Math.max(0, this.left + by)
  }

  setWrap(on: boolean): void {
    this.wrap = on
    this.left = 0
    this.top.row = 0
  }

  /** The place under a cell, rows counted from the page's first. */
  placeAt(x: number, y: number): Place {
    const rows = this.rows(this.width, this.height)
    const row = rows[Math.max(0, Math.min(y, rows.length - 1))]
    if (row === undefined) return { line: 0, at: 0 }
    const laid = this.line(row.line)
    if (laid === undefined) return { line: row.line, at: 0 }
    if (y >= rows.length) return { line: row.line, at: laid.text.length }
    const column = laid.columnOf(row.from) + Math.max(0, x)
    return { line: row.line, at: this.wrap ? Math.min(row.to, laid.at(column)) : laid.at(column) }
  }

  private rowsOf(line: number): number {
    return this.wrap ? (this.line(line)?.rows(this.width).length ?? 1) : 1
  }

  private rowOf(line: number, at: number): number {
    const starts = this.line(line)?.rows(this.width) ?? [0]
    return Math.max(
      0,
      starts.findLastIndex((start) => start <= at),
    )
  }

  /** The end of the file does not leave the foot of the page. */
  private settle(): void {
    const { lines } = this.document!
    const { known } = lines
    let { line, row } = this.top
    // Further than this from the end there is enough to fill the page; what is not counted yet may be long.
    if (line + this.height < known || !lines.whole) {
      this.top = { line: Math.min(line, Math.max(0, known - 1)), row: Math.min(row, this.rowsOf(line) - 1) }
      return
    }
    let first = { line: Math.max(0, known - 1), row: this.rowsOf(known - 1) - 1 }
    for (let left = this.height - 1; left > 0 && (first.line > 0 || first.row > 0); left--)
      first =
        first.row > 0
          ? { ...first, row: first.row - 1 }
          : { line: first.line - 1, row: this.rowsOf(first.line - 1) - 1 }
    const after = line > first.line || (line === first.line && row > first.row)
    if (after) ({ line, row } = first)
    this.top = { line, row: Math.max(0, Math.min(row, this.rowsOf(line) - 1)) }
  }
}
