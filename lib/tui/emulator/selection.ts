import { wordAround } from '../format/word.ts'
import { Selection, type Range, type Unit } from '../selection.ts'
import { columns } from '../width.ts'
import type { Emulator } from './emulator.ts'
import type { Piece } from './window.ts'

/** A cell of a terminal, its row counted from the first that is kept. */
export interface Cell {
  row: number
  x: number
}

/** What is selected of a terminal. */
export class TerminalSelection extends Selection<Cell> {
  private readonly terminal: () => Emulator | undefined

  constructor(terminal: () => Emulator | undefined) {
    super()
    this.terminal = terminal
  }

  /** The columns of a piece that are selected. */
  columnsOf(piece: Piece): Omit<Piece, 'row'> | undefined {
    const { range } = this
    if (range === undefined || piece.row < range.from.row || piece.row > range.to.row) return undefined
    const from = Math.max(piece.from, piece.row === range.from.row ? range.from.x : 0)
    const to = Math.min(piece.to, piece.row === range.to.row ? range.to.x : Infinity)
    return from < to ? { from, to } : undefined
  }

  /** The text that is selected: rows that the terminal's width has parted are one line again. */
  text(): string {
    const [terminal, range] = [this.terminal(), this.range]
    if (terminal === undefined || range === undefined) return ''
    const { from, to } = range
    let text = ''
    for (let row = from.row; row <= to.row; row += 1) {
      const begin = row === from.row ? from.x : 0
      const end = row === to.row ? to.x : terminal.cols
      const goesOn = row < to.row && terminal.continues(row + 1)
      const part = terminal.text(row, begin, end)
      text += goesOn ? part : part.trimEnd()
      if (row < to.row && !goesOn) text += '\n'
    }
    return text
  }

  protected around({ row, x }: Cell, unit: Unit): Range<Cell> | undefined {
    const terminal = this.terminal()
    if (terminal === undefined) return undefined
    if (unit === 'line') return lineAt(terminal, row)
    const { first, last } = (unit === 'word' ? wordAt(terminal, row, x) : undefined) ?? { first: x, last: x }
    return { from: { row, x: first }, to: { row, x: last + 1 } }
  }

  protected compare(a: Cell, b: Cell): number {
    return a.row - b.row || a.x - b.x
  }
}

/** The columns of the word at a cell. */
function wordAt(terminal: Emulator, row: number, x: number): { first: number; last: number } | undefined {
  const characters: string[] = []
  for (let at = 0; at < terminal.cols; at += 1) {
    const character = terminal.text(row, at, at + 1)
    characters.push(character)
    // The second cell of a wide character has no text of its own.
    if (columns(character) === 2 && (at += 1) < terminal.cols) characters.push(character)
  }
  return wordAround(characters, x)
}

/** The line that a row is of, however many rows it takes. */
function lineAt(terminal: Emulator, row: number): Range<Cell> {
  let [first, last] = [row, row]
  while (first > 0 && terminal.continues(first)) first -= 1
  while (terminal.continues(last + 1)) last += 1
  return { from: { row: first, x: 0 }, to: { row: last, x: terminal.cols } }
}
