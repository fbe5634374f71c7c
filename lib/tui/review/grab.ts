import { textBetween } from '../width.ts'
import { isBefore, rowsFrom, type Place } from './page.ts'
import type { Sheet } from './sheet.ts'

/** Where the mouse was pressed or is held: a row and the column in it. */
export interface Point {
  place: Place
  x: number
}

/** Rows that are copied at most. */
const mostRows = 20_000

/** What the mouse is drawn over: text of code alone, of one side where there are two. */
export class Grab {
  private readonly sheet: Sheet
  private readonly from: Point
  private to: Point

  constructor(sheet: Sheet, from: Point) {
    this.sheet = sheet
    this.from = from
    this.to = from
  }

  get isEmpty(): boolean {
    const { place, x } = this.to
    return isSame(place, this.from.place) && x === this.from.x
  }

  drag(to: Point): void {
    this.to = to
  }

  /** The part of a row's text that is chosen, with its column; undefined where none of it is. */
  within(place: Place): { text: string; x: number } | undefined {
    const [start, end] = this.ordered()
    if (isBefore(place, start.place) || isBefore(end.place, place)) return undefined
    const row = this.sheet.textAt(place, this.side)
    if (row === undefined) return undefined
    const first = isSame(place, start.place) ? Math.max(0, start.x - row.x) : 0
    const last = isSame(place, end.place) ? end.x - row.x + 1 : Infinity
    return last <= first ? undefined : { text: textBetween(row.text, first, last), x: row.x + first }
  }

  /** What is copied: a line that is chosen whole as its source has it. */
  text(): string {
    const [start, end] = this.ordered()
    const lines: string[] = []
    let open: { item: string; index: number } | undefined
    for (const place of rowsFrom(this.sheet, start.place, mostRows)) {
      if (isBefore(end.place, place)) break
      const part = this.within(place)
      if (part === undefined) continue
      const item = `${place.section} ${place.item}`
      if (open?.item === item) lines[open.index] += ` ${part.text.trimStart()}`
      else open = { item, index: lines.push(part.text) - 1 }
      const whole = !isSameItem(place, start.place) && !isSameItem(place, end.place)
      const source = whole ? this.sheet.sourceOf(place, this.side) : undefined
      if (source !== undefined) lines[open.index] = source
    }
    return lines.join('\n')
  }

  private get side(): 'left' | 'right' {
    const { place, x } = this.from
    return x >= this.sheet.measureOf(place.section).middle ? 'right' : 'left'
  }

  private ordered(): [Point, Point] {
    const { from, to } = this
    const backwards = isSame(from.place, to.place) ? to.x < from.x : isBefore(to.place, from.place)
    return backwards ? [to, from] : [from, to]
  }
}

function isSame(one: Place, other: Place): boolean {
  return isSameItem(one, other) && one.row === other.row
}

function isSameItem(one: Place, other: Place): boolean {
  return one.section === other.section && one.item === other.item
}
