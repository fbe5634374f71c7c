import { between, cellsOf, copied, joint, textOf } from '../format/row.ts'
import { isWordly, wordColumns } from '../format/word.ts'
import { rowWidth, type Row } from '../format/wrap.ts'
import { Selection, type Range, type Unit } from '../selection.ts'
import { compare, type ConversationRows, type Place } from './conversation-rows.ts'

/** A character of the conversation: a row, and a column of it counted from 0. */
export interface Spot extends Place {
  column: number
}

/** What is selected of the conversation. */
export class ConversationSelection extends Selection<Spot> {
  private readonly rows: ConversationRows

  constructor(rows: ConversationRows) {
    super()
    this.rows = rows
  }

  /** Selects whole rows, both included. */
  coverRows(first: Place, last: Place): void {
    const to = { ...last, column: rowWidth(this.rows.row(last)) }
    this.cover({ from: { ...first, column: 0 }, to })
  }

  override get range(): Range<Spot> | undefined {
    const range = super.range
    return range !== undefined && range.from.entry < this.rows.count ? range : undefined
  }

  /** The columns of a row that are selected. */
  columnsOf(place: Place): [number, number] | undefined {
    const { range } = this
    if (range === undefined || compare(place, range.from) < 0 || compare(place, range.to) > 0) return undefined
    const from = compare(place, range.from) === 0 ? range.from.column : 0
    const to = compare(place, range.to) === 0 ? range.to.column : Infinity
    return from < to ? [from, to] : undefined
  }

  /** What is copied of it: the text as it was written, as far as the rows know. Empty where nothing is selected. */
  text(): string {
    return copied(this.selectedRows())
  }

  private *selectedRows(): Generator<Row> {
    const { range } = this
    if (range === undefined) return
    for (const place of this.rows.from(range.from)) {
      if (compare(place, range.to) > 0) return
      yield between(this.rows.row(place), ...(this.columnsOf(place) ?? [0, 0]))
    }
  }

  protected around(spot: Spot, unit: Unit): Range<Spot> {
    if (unit === 'word') return this.word(spot)
    if (unit === 'line') return this.line(spot)
    return { from: spot, to: { ...spot, column: spot.column + 1 } }
  }

  protected compare(a: Spot, b: Spot): number {
    return compare(a, b) || a.column - b.column
  }

  /** The whole line that a row is of, however many rows it takes. */
  private line(at: Place): Range<Spot> {
    const rows = this.rows.rows(at.entry, at.piece)
    let [first, last] = [at.row, at.row]
    while (first > 0 && joint(rows[first] ?? []) !== undefined) first -= 1
    while (last + 1 < rows.length && joint(rows[last + 1]!) !== undefined) last += 1
    const to = { ...at, row: last }
    return { from: { ...at, row: first, column: 0 }, to: { ...to, column: rowWidth(this.rows.row(to)) } }
  }

  private word(spot: Spot): Range<Spot> {
    const row = this.rows.row(spot)
    const word = wordColumns(textOf(row), spot.column)
    if (word === undefined) return { from: spot, to: { ...spot, column: spot.column + 1 } }
    const [from, to] = [
      { ...spot, column: word.from },
      { ...spot, column: word.to },
    ]
    return {
      from: isMargin(row, from.column) ? this.before(from) : from,
      to: word.isLast ? this.after(to) : to,
    }
  }

  /** Where a word begins that goes on from the row before, broken by its width alone. */
  private before(from: Spot): Spot {
    const row = from.row - 1
    const rows = this.rows.rows(from.entry, from.piece)
    if (row < 0 || joint(rows[from.row] ?? []) !== '') return from
    return this.word({ ...from, row, column: Math.max(0, rowWidth(rows[row]!) - 1) }).from
  }

  /** Where a word ends that goes on in the next row. */
  private after(to: Spot): Spot {
    const row = to.row + 1
    const next = this.rows.rows(to.entry, to.piece)[row]
    if (next === undefined || joint(next) !== '') return to
    return this.forward({ ...to, row, column: marginOf(next) }).to
  }

  private forward(spot: Spot): Range<Spot> {
    const cells = cellsOf(textOf(this.rows.row(spot))).filter(({ column }) => column >= spot.column)
    const end = cells.findIndex(({ text }) => !isWordly(text))
    const last = cells.at(end < 0 ? -1 : end - 1)
    const to = last === undefined || end === 0 ? spot : { ...spot, column: last.column + last.width }
    return { from: spot, to: end < 0 ? this.after(to) : to }
  }
}

/** The columns before the text of a row that goes on from another. */
function marginOf(row: Row): number {
  const start = row.findIndex((span) => span.joins !== undefined)
  return rowWidth(row.slice(0, Math.max(0, start)))
}

function isMargin(row: Row, column: number): boolean {
  return joint(row) !== undefined && column <= marginOf(row)
}
