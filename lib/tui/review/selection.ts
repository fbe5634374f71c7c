import { wordColumns } from '../format/word.ts'
import { Selection, type Range, type Unit } from '../selection.ts'
import { textBetween } from '../width.ts'
import { compare, isBefore, rowsFrom, type Place } from './page.ts'
import type { Sheet, Side } from './sheet.ts'

/** A cell of the changes: a row, and the column in it. */
export interface Point {
  place: Place
  x: number
}

/** Rows that are copied at most. */
const mostRows = 20_000

/** What is selected of the changes: text of code alone, of the side where it was begun. */
export class ChangesSelection extends Selection<Point> {
  private side: Side = 'left'
  private readonly sheet: Sheet

  constructor(sheet: Sheet) {
    super()
    this.sheet = sheet
  }

  override begin(point: Point, unit: Unit): boolean {
    this.side = point.x >= this.sheet.measureOf(point.place.section).middle ? 'right' : 'left'
    return super.begin(point, unit)
  }

  /** The part of a row's text that is selected, with its column; undefined where none of it is. */
  within(place: Place): { text: string; x: number } | undefined {
    const { range } = this
    if (range === undefined || isBefore(place, range.from.place) || isBefore(range.to.place, place)) return undefined
    const row = this.sheet.textAt(place, this.side)
    if (row === undefined) return undefined
    const first = isSame(place, range.from.place) ? Math.max(0, range.from.x - row.x) : 0
    const last = isSame(place, range.to.place) ? range.to.x - row.x : Infinity
    return last <= first ? undefined : { text: textBetween(row.text, first, last), x: row.x + first }
  }

  /** What is copied: a line that is selected whole as its source has it. */
  text(): string {
    const { range } = this
    if (range === undefined) return ''
    const { from, to } = range
    const lines: string[] = []
    let open: { item: string; index: number } | undefined
    for (const place of rowsFrom(this.sheet, from.place, mostRows)) {
      if (isBefore(to.place, place)) break
      const part = this.within(place)
      if (part === undefined) continue
      const item = `${place.section} ${place.item}`
      if (open?.item === item) lines[open.index] += ` ${part.text.trimStart()}`
      else open = { item, index: lines.push(part.text) - 1 }
      const begins = !isSameItem(place, from.place) || (from.place.row === 0 && from.x === 0)
      const ends = !isSameItem(place, to.place) || to.x === Infinity
      const source = begins && ends ? this.sheet.sourceOf(place, this.side) : undefined
      if (source !== undefined) lines[open.index] = source
    }
    return lines.join('\n')
  }

  protected around(point: Point, unit: Unit): Range<Point> | undefined {
    const { place, x } = point
    if (unit === 'character') return { from: point, to: { place, x: x + 1 } }
    const row = this.sheet.textAt(place, this.side)
    if (row === undefined || x < row.x) return undefined
    if (unit === 'line') {
      const last = this.sheet.height(place.section, place.item) - 1
      return { from: { place: { ...place, row: 0 }, x: 0 }, to: { place: { ...place, row: last }, x: Infinity } }
    }
    const word = wordColumns(row.text, x - row.x)
    return word && { from: { place, x: row.x + word.from }, to: { place, x: row.x + word.to } }
  }

  protected compare(a: Point, b: Point): number {
    return compare(a.place, b.place) || a.x - b.x
  }
}

function isSame(one: Place, other: Place): boolean {
  return isSameItem(one, other) && one.row === other.row
}

function isSameItem(one: Place, other: Place): boolean {
  return one.section === other.section && one.item === other.item
}
