import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import { columns } from '../width.ts'

/** Draws the border of what stands over the panes, with its title, and a word at its right end. */
export function paintBorder(canvas: Canvas, title: string, tone: Tone, right: string): void {
  const { width, height } = canvas
  const end = width - 2
  canvas.fill(0, 0, width, height, 'normal')
  canvas.fill(2, 0, end - 2, 1, tone, '─')
  canvas.fill(2, height - 1, end - 2, 1, tone, '─')
  canvas.fill(1, 1, 1, height - 2, tone, '│')
  canvas.fill(end, 1, 1, height - 2, tone, '│')
  canvas.text(1, 0, '┌', tone)
  canvas.text(end, 0, '┐', tone)
  canvas.text(1, height - 1, '└', tone)
  canvas.text(end, height - 1, '┘', tone)
  const room = width - 8 - (right === '' ? 0 : columns(right) + 3)
  const x = canvas.text(4, 0, title, 'focus', room)
  canvas.text(3, 0, ' ', 'normal')
  canvas.text(x, 0, ' ', 'normal')
  if (right !== '') canvas.text(end - columns(right) - 3, 0, ` ${right} `, tone === 'accent' ? 'waiting' : 'dim')
}
