import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import type { LineMark } from './changed-lines.ts'
import type { LaidLine } from './laid.ts'
import type { PageRow } from './page.ts'

/** A stretch that stands out: what is selected, what was found. Places as in LaidLine. */
export interface Accent {
  from: number
  to: number
  tone: Tone
}

/** Columns between the numbers and the text: the mark, and a space at each side. */
export const gutter = 3

export interface RowLook {
  /** Columns of the numbers. */
  digits: number
  mark?: LineMark
  /** It is the line that was asked for. */
  marked: boolean
  accents: readonly Accent[]
}

/** Draws a row of a file: the line's number on its first row, what became of it, its text, and where that goes on out of sight. */
export function paintFileRow(canvas: Canvas, y: number, row: PageRow, laid: LaidLine | undefined, look: RowLook): void {
  const { digits, mark, marked, accents } = look
  if (row.first) canvas.text(1, y, String(row.line + 1).padStart(digits), marked ? 'accent' : 'dim')
  if (mark !== undefined && row.first) canvas.text(digits + 2, y, mark.sign, mark.tone)
  if (laid === undefined) return
  let x = digits + 1 + gutter
  for (let at = row.from; at < row.to;) {
    const accent = accents.find(({ from, to }) => from <= at && at < to)
    const next = accents.reduce((end, { from }) => (from > at && from < end ? from : end), row.to)
    const stretch = accent === undefined ? stretchAt(laid, at) : undefined
    const end = Math.min(next, accent?.to ?? stretch?.end ?? row.to, row.to)
    x = canvas.text(x, y, laid.text.slice(at, end), accent?.tone ?? stretch?.tone ?? 'normal')
    at = end
  }
  if (row.before === true) canvas.text(digits + gutter, y, '‹', 'dim')
  if (row.after === true) canvas.text(canvas.width - 1, y, '›', 'dim')
}

function stretchAt({ stretches }: LaidLine, at: number) {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (stretches[middle]!.end <= at) low = middle + 1
    else high = middle
  }
  return stretches[low]
}
