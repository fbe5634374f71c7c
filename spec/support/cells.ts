import type { IBufferCell, Terminal } from '@xterm/headless'

/** One cell as a terminal shows it: what stands in it, and how it looks in words (`bold fg#ff0000`; plain is ''). */
export interface Cell {
  text: string
  look: string
}

/** The rows of the terminal's screen as text, without the blanks at their ends. */
export function readRows(terminal: Terminal): string[] {
  const { baseY } = terminal.buffer.active
  return Array.from({ length: terminal.rows }, (_, row) =>
    terminal.buffer.active
      .getLine(baseY + row)!
      .translateToString(true)
      .trimEnd(),
  )
}

/** All cells of the terminal's screen. The second half of a wide character is an empty text. */
export function readCells(terminal: Terminal): Cell[][] {
  const { baseY } = terminal.buffer.active
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = terminal.buffer.active.getLine(baseY + row)!
    return Array.from({ length: terminal.cols }, (_column, column) => readCell(line.getCell(column)!))
  })
}

function readCell(cell: IBufferCell): Cell {
  const look = [
    cell.isBold() && 'bold',
    cell.isDim() && 'dim',
    cell.isItalic() && 'italic',
    cell.isUnderline() && 'underline',
    cell.isInverse() && 'inverse',
    !cell.isFgDefault() && `fg${colourName(cell.isFgRGB(), cell.getFgColor())}`,
    !cell.isBgDefault() && `bg${colourName(cell.isBgRGB(), cell.getBgColor())}`,
  ]
  const text = cell.getWidth() === 0 ? '' : cell.getChars() || ' '
  return { text, look: look.filter(Boolean).join(' ') }
}

function colourName(isRgb: boolean, value: number): string {
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : String(value)
}
