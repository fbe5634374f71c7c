import { segments } from '../format/segments.ts'
import { columns, columnsOf, isSimple } from '../width.ts'
import { chip, chipAt, type Draft, type Range } from './draft.ts'

/** A text as it is shown: broken into rows at its line ends, then after words, then anywhere. */
export class Rows {
  /** How a grapheme is drawn. */
  private readonly shown: (grapheme: string) => string
  private laid: { text: string; chips: Draft['chips']; room: number; rows: Range[] } | undefined
  /** Where the lines that were laid last are broken, from their starts: most stay as they are from key to key. */
  private breaks = new Map<string, readonly number[]>()

  constructor(shown: (grapheme: string) => string) {
    this.shown = shown
  }

  /** The rows in so many columns. The last of a line ends where the line does. */
  of(draft: Draft, room: number): readonly Range[] {
    const { laid } = this
    if (laid?.text === draft.text && laid.chips === draft.chips && laid.room === room) return laid.rows
    const known = laid?.room === room ? this.breaks : new Map<string, readonly number[]>()
    this.breaks = new Map()
    const rows: Range[] = []
    const { text } = draft
    for (let from = 0; from <= text.length;) {
      const end = text.indexOf('\n', from)
      const to = end < 0 ? text.length : end
      let start = from
      for (const at of this.breaksOf(draft, from, to, room, known)) {
        rows.push({ from: start, to: from + at })
        start = from + at
      }
      rows.push({ from: start, to })
      from = to + 1
    }
    this.laid = { text, chips: draft.chips, room, rows }
    return rows
  }

  /** The row and the column of a place. */
  place(draft: Draft, room: number, at = draft.cursor): { row: number; column: number } {
    const rows = this.of(draft, room)
    let [low, high] = [0, rows.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (rows[middle]!.from <= at) low = middle
      else high = middle - 1
    }
    return { row: low, column: this.measure(draft, { from: rows[low]!.from, to: at }) }
  }

  /** The place in a row that is nearest to a column, from the left. */
  at(draft: Draft, row: Range, column: number): number {
    let used = 0
    for (const { segment, index } of segments(draft.text.slice(row.from, row.to))) {
      const width = this.width(draft, segment, row.from + index)
      if (used + width > column) return row.from + index
      used += width
    }
    return this.endOf(draft, row)
  }

  /** The last place in a row: at a soft break its end is the start of the next. */
  endOf({ text }: Draft, { from, to }: Range): number {
    if (to >= text.length || text[to] === '\n') return to
    return from + (segments(text.slice(from, to)).at(-1)?.index ?? 0)
  }

  private breaksOf(draft: Draft, from: number, to: number, room: number, known: Map<string, readonly number[]>) {
    const line = draft.text.slice(from, to)
    if (line.length <= room && isSimple(line) && !line.includes(chip)) return []
    const same = known.get(line) ?? this.breaks.get(line)
    const breaks = same ?? this.findBreaks(draft, from, line, room)
    // What a chip's label takes is not in the line.
    if (!line.includes(chip)) this.breaks.set(line, breaks)
    return breaks
  }

  private findBreaks(draft: Draft, from: number, line: string, room: number): readonly number[] {
    const breaks: number[] = []
    let start = 0
    let used = 0
    let word = 0
    for (const { segment, index } of segments(line)) {
      const width = this.width(draft, segment, from + index)
      if (used + width > room && index > start) {
        const cut = word > start ? word : index
        breaks.push(cut)
        used = cut === index ? 0 : this.measure(draft, { from: from + cut, to: from + index })
        start = cut
      }
      used += width
      if (segment === ' ') word = index + 1
    }
    return breaks
  }

  private measure(draft: Draft, { from, to }: Range): number {
    const part = draft.text.slice(from, to)
    if (isSimple(part) && !part.includes(chip)) return part.length
    let sum = 0
    for (const { segment, index } of segments(part)) sum += this.width(draft, segment, from + index)
    return sum
  }

  private width(draft: Draft, segment: string, at: number): number {
    if (segment === chip) return columns(chipAt(draft, at)?.label ?? '')
    const shown = this.shown(segment)
    return shown.length === 1 ? columnsOf(shown) : columns(shown)
  }
}
