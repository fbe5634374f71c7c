import drawGauge from 'blessed-contrib/lib/widget/gauge.js'
import drawLine from 'blessed-contrib/lib/widget/charts/line.js'
import drawSparkline from 'blessed-contrib/lib/widget/sparkline.js'
import type { Tone } from '../../config/theme.ts'
import type { Row, Span } from '../format/wrap.ts'

/**
 * Charts of blessed-contrib, as rows of our own cells: it draws each on a canvas of its own, which is read back, so that
 * tones, depths of colour and the diff of the screen hold for charts as for all else. Loaded when one is to be seen.
 */

/** blessed wants a screen for each element. These are never on one. */
const nowhere = { setEffects: () => {} }

/** The colours that its canvas is drawn with: by them the line is told from the axes. */
const inks = { line: 'yellow', axis: 'black', text: 'green' }
const inkOfLine = '\x1b[33m'

const blank: Span = { text: ' ', tone: 'normal' }

/** Dots of a line's canvas that are not the line's: the axis and what is written under it; what keeps it off both edges. */
const [lineFoot, lineAir] = [11, 2]

/** Columns at the left of a line chart, and rows under it besides the axis, that are left free to be written on. */
export const gutter = 8
export const footRows = 1

/** A line over time in a chart of so many cells, axes and all: one point a part, from 0 to 1; NaN where there is none. */
export function line(parts: readonly number[], width: number, height: number): Row[] {
  // Its canvas ends in a row of nothing.
  const rows = height + 1
  const dots = rows * 4 - lineFoot
  const widget = drawLine({
    screen: nowhere,
    width: width + 6,
    height: rows + 2,
    style: { line: inks.line, text: inks.text, baseline: inks.axis },
    xPadding: gutter * 2,
    minY: 0,
    maxY: dots / (dots - lineAir),
    numYLabels: 1,
  })
  widget.emit('attach')
  widget.setData([{ x: parts.map(() => ' '), y: parts.map(clamp) }])
  const cells = cellsOf(widget.ctx.canvas.frame()).slice(0, height)
  // What it writes itself has no unit.
  return cells.map((row) =>
    joined(row.map((cell) => (isDots(cell.text) ? { text: cell.text, tone: toneOf(cell.ink) } : blank))),
  )
}

/** How full something is, from 0 to 1, in one row of `width` cells. */
export function gauge(part: number, width: number, tone: 'dim' | 'waiting'): Row {
  const widget = drawGauge({ screen: nowhere, width: width + 4, height: 3, showLabel: false })
  widget.emit('attach')
  widget.setPercent(clamp(part))
  // It cannot be empty: there is always one cell.
  const cells = cellsOf(widget.ctx.canvas.frame())[2]!.slice(1, width + 1)
  return joined(cells.map(({ ink }) => (part > 0 && ink !== '' ? { text: '▓', tone } : { text: '░', tone: 'line' })))
}

/** Parts from 0 to 1 over time in one row, a cell each; NaN where there is none. */
export function sparkline(parts: readonly number[]): string {
  const widget = drawSparkline({ screen: nowhere, width: parts.length + 4, height: 4 })
  // It goes from the least number to the most: both are given to it, and taken away again.
  widget.setData([''], [[...parts.map((part) => Math.round(clamp(part) * finest) || 0), 0, finest]])
  const bars = widget.content.split('\r\n')[2]!
  return parts.map((part, i) => (Number.isNaN(part) ? ' ' : bars[i]!)).join('')
}

/** It reckons with whole numbers. */
const finest = 1000

/** The cells of a drawn canvas: each with the sequences that colour it, without those that only end a colour. */
function cellsOf(frame: string): { ink: string; text: string }[][] {
  return frame.split('\n').map((row) => {
    const inked = row.replaceAll(/\x1b\[[34]9m/g, '')
    return Array.from(inked.matchAll(/((?:\x1b\[\d+m)*)([^\x1b])/g), ([, sequences, text]) => ({
      ink: sequences!,
      text: text!,
    }))
  })
}

function toneOf(inkOfCell: string): Tone {
  return inkOfCell === inkOfLine ? 'normal' : 'line'
}

function clamp(part: number): number {
  return Math.max(0, Math.min(part, 1))
}

function isDots(text: string): boolean {
  return text >= '\u2801' && text <= '\u28ff'
}

/** Neighbours of one tone in one piece. */
function joined(cells: Row): Row {
  const row: Span[] = []
  for (const cell of cells) {
    const last = row.at(-1)
    if (last?.tone === cell.tone) last.text += cell.text
    else row.push({ ...cell })
  }
  return row
}
