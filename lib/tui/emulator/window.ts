import type { Emulator } from './emulator.ts'

/** A row of the pane: some columns of a row of the terminal. */
export interface Piece {
  row: number
  from: number
  to: number
}

/**
 * The part of a terminal that a pane shows. A terminal that is wider than its pane has its rows folded. `back`: rows of the
 * pane that it was scrolled up by; `exact`: its whole screen is shown from the top.
 */
export function windowOf(terminal: Emulator, width: number, height: number, back: number, exact: boolean): Piece[] {
  const { top, rows, alternate, cursor } = terminal
  // A program's own screen is taller than a small pane: its upper part, unless it is at work further down.
  const last = exact
    ? top + rows - 1
    : alternate
      ? Math.min(top + rows - 1, Math.max(top + height - 1, cursor.row))
      : cursor.row
  const pieces: Piece[] = []
  for (let row = last; row >= 0 && pieces.length < height + back; row -= 1) {
    if (alternate && row < top) break
    const folded = fold(terminal, row, width)
    for (let i = folded.length - 1; i >= 0; i -= 1) pieces.push(folded[i]!)
  }
  pieces.reverse()
  const end = Math.max(Math.min(height, pieces.length), pieces.length - back)
  return pieces.slice(Math.max(0, end - height), end)
}

function fold(terminal: Emulator, row: number, width: number): Piece[] {
  if (terminal.cols <= width) return [{ row, from: 0, to: terminal.cols }]
  const { cursor } = terminal
  const length = Math.max(terminal.lengthOf(row), row === cursor.row ? cursor.x + 1 : 0)
  const pieces: Piece[] = []
  for (let from = 0; from === 0 || from < length; from += width)
    pieces.push({ row, from, to: Math.min(from + width, terminal.cols) })
  return pieces
}
