import { wordAround } from '../format/word.ts'
import { columns } from '../width.ts'
import type { Emulator } from './emulator.ts'
import type { Piece } from './window.ts'

/** A cell of a terminal, its row counted from the first that is kept. */
export interface Cell {
  row: number
  x: number
}

/** What the mouse has marked, from the cell where it began to where it is. */
export interface Selection {
  from: Cell
  to: Cell
}

/** The word at a cell, or the cell where there is none. */
export function wordAt(terminal: Emulator, { row, x }: Cell): Selection {
  const characters: string[] = []
  for (let at = 0; at < terminal.cols; at += 1) {
    const character = terminal.text(row, at, at + 1)
    characters.push(character)
    // The second cell of a wide character has no text of its own.
    if (columns(character) === 2 && (at += 1) < terminal.cols) characters.push(character)
  }
  const { first, last } = wordAround(characters, x) ?? { first: x, last: x }
  return { from: { row, x: first }, to: { row, x: last } }
}

/** The line that a row is of, however many rows it takes. */
export function lineAt(terminal: Emulator, { row }: Cell): Selection {
  let [first, last] = [row, row]
  while (first > 0 && terminal.continues(first)) first -= 1
  while (terminal.continues(last + 1)) last += 1
  return { from: { row: first, x: 0 }, to: { row: last, x: terminal.cols - 1 } }
}

/** The columns of a piece that are marked; null where none is. */
export function markedIn({ from, to }: Selection, piece: Piece): { from: number; to: number } | null {
  const [first, last] = isBefore(from, to) ? [from, to] : [to, from]
  if (piece.row < first.row || piece.row > last.row) return null
  const begin = Math.max(piece.from, piece.row === first.row ? first.x : 0)
  const end = Math.min(piece.to, piece.row === last.row ? last.x + 1 : Infinity)
  return begin < end ? { from: begin, to: end } : null
}

/** The text that is marked: rows that the terminal's width has parted are one line again. */
export function markedText(terminal: Emulator, { from, to }: Selection): string {
  const [first, last] = isBefore(from, to) ? [from, to] : [to, from]
  let text = ''
  for (let row = first.row; row <= last.row; row += 1) {
    const begin = row === first.row ? first.x : 0
    const end = row === last.row ? last.x + 1 : terminal.cols
    const goesOn = row < last.row && terminal.continues(row + 1)
    const part = terminal.text(row, begin, end)
    text += goesOn ? part : part.trimEnd()
    if (row < last.row && !goesOn) text += '\n'
  }
  return text
}

function isBefore(a: Cell, b: Cell): boolean {
  return a.row < b.row || (a.row === b.row && a.x <= b.x)
}
