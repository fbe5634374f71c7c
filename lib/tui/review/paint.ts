import type { Tone } from '../../config/theme.ts'
import type { Change, DiffLine, Hunk } from '../../core/changes.ts'
import type { Canvas } from '../canvas.ts'
import { cutMiddle, type Row, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { columns } from '../width.ts'
import type { TakenState } from './taken.ts'

/** How a canvas of this width is divided. Column 0 has the bar of the hunk that is acted on, column 1 the marks. */
export interface Measure {
  width: number
  /** Columns of a line's number. */
  digits: number
  /** Both numbers of a line are shown. */
  both: boolean
  /** The column of the code, and the columns that it has. */
  code: number
  room: number
  /** The same of the right half, and the line between, where there are two. */
  middle: number
  half: number
}

const marksEnd = 3
/** From this width on a line has both of its numbers. */
const bothFrom = 64

export function measure(width: number, digits: number): Measure {
  const both = width >= bothFrom
  const code = marksEnd + (both ? 2 * digits + 1 : digits) + 3
  const middle = Math.floor((width + 1) / 2)
  return {
    width,
    digits,
    both,
    code,
    room: Math.max(8, width - code - 1),
    middle,
    half: Math.max(8, middle - marksEnd - digits - 4),
  }
}

export const marks: Record<TakenState, { text: string; tone: Tone }> = {
  taken: { text: '✓', tone: 'ok' },
  some: { text: '◐', tone: 'waiting' },
  dropped: { text: '○', tone: 'dim' },
  never: { text: '✗', tone: 'error' },
}

/** A line over the whole width; `row` counts the rows of a line that is broken. */
export function paintLine(
  canvas: Canvas,
  y: number,
  { both, digits, code, width }: Measure,
  line: DiffLine,
  rows: readonly Row[],
  row: number,
  taken: boolean,
): void {
  const tone = toneOf(line, taken)
  if (tone === 'added' || tone === 'removed') canvas.fill(marksEnd - 1, y, width, 1, tone)
  const dim = tone === 'added' || tone === 'removed' ? tone : 'dim'
  if (row === 0) {
    if (both) canvas.text(marksEnd, y, numberOf(line.before, digits), dim)
    const second = both ? line.after : line.sign === '-' ? line.before : line.after
    canvas.text(code - 3 - digits, y, numberOf(second, digits), dim)
    canvas.text(code - 2, y, signOf(line), tone)
  }
  paintSpans(canvas, code, y, rows[row] ?? [], tone, width - 1 - code)
}

/** One side of a pair, in its half. */
export function paintHalf(
  canvas: Canvas,
  y: number,
  { digits, middle, half, width }: Measure,
  side: 'left' | 'right',
  line: DiffLine | undefined,
  rows: readonly Row[],
  row: number,
  taken: boolean,
): void {
  const x = side === 'left' ? marksEnd : middle + 1
  if (line === undefined) return
  const tone = toneOf(line, taken)
  const end = side === 'left' ? middle - 1 : width
  if (tone === 'added' || tone === 'removed') canvas.fill(x - 1, y, end - x + 1, 1, tone)
  const dim = tone === 'added' || tone === 'removed' ? tone : 'dim'
  if (row === 0) {
    canvas.text(x, y, numberOf(side === 'left' ? line.before : line.after, digits), dim)
    canvas.text(x + digits + 1, y, signOf(line), tone)
  }
  paintSpans(canvas, x + digits + 3, y, rows[row] ?? [], tone, Math.min(half, end - x - digits - 3))
}

function paintSpans(canvas: Canvas, x: number, y: number, row: Row, tone: Tone, room: number): void {
  const ground = tone === 'added' || tone === 'removed' ? tone : undefined
  const end = x + room
  let at = x
  for (const span of row) {
    const own = span.tone === 'addedWord' || span.tone === 'removedWord' || span.tone === 'selection'
    at = canvas.text(at, y, span.text, span.tone, Math.max(0, end - at), own ? undefined : ground)
  }
}

/** The row over a hunk: whether it is taken, where it is, and what it is in. */
export function paintHunk(
  canvas: Canvas,
  y: number,
  hunk: Hunk,
  state: TakenState | undefined,
  current: boolean,
): void {
  if (state !== undefined) canvas.text(1, y, marks[state].text, marks[state].tone)
  const { afterStart, afterLines, heading = '' } = hunk
  const place = afterLines < 2 ? `${afterStart}` : `${afterStart}–${afterStart + afterLines - 1}`
  const x = canvas.text(marksEnd, y, `⋯ ${place}`, current ? 'strong' : 'dim')
  canvas.text(x + 2, y, harmless(heading), 'dim', Math.max(0, canvas.width - x - 3))
}

/** What stands at the right end of a file's heading. */
export interface FileWords {
  mark: TakenState
  folded: boolean
  current: boolean
  /** `1/4`. */
  place: string
  reading: boolean
  sign: Span
}

/** The heading of a file. */
export function paintFile(canvas: Canvas, y: number, change: Change, words: FileWords): void {
  const { mark, folded, current, place, reading, sign } = words
  canvas.text(1, y, marks[mark].text, marks[mark].tone)
  canvas.text(3, y, folded ? '▸' : '▾', 'dim')
  canvas.text(5, y, sign.text, sign.tone)
  const counts: Span[] = [
    ...(reading ? [{ text: 'reading… ', tone: 'dim' as const }] : []),
    ...countsOf(change),
    { text: place === '' ? '' : `  ${place}`, tone: 'dim' },
  ]
  const width = counts.reduce((sum, span) => sum + columns(span.text), 0)
  const name = change.from === undefined ? change.path : `${change.from} → ${change.path}`
  canvas.text(7, y, cutMiddle(harmless(name), canvas.width - 9 - width), current ? 'focus' : 'strong')
  let x = canvas.width - 1 - width
  for (const span of counts) x = canvas.text(x, y, span.text, span.tone)
}

/** What a change brings and takes away, or why that is not said in lines. */
export function countsOf({ binary, added = 0, removed = 0, executable, type }: Change): Span[] {
  if (binary) return [{ text: 'binary', tone: 'dim' }]
  const spans: Span[] = []
  if (type === 'symlink') spans.push({ text: 'link', tone: 'dim' })
  if (executable !== undefined) spans.push({ text: executable ? '+x' : '−x', tone: 'waiting' })
  if (added > 0) spans.push({ text: `+${added}`, tone: 'ok' })
  if (removed > 0) spans.push({ text: `−${removed}`, tone: 'error' })
  return spans.flatMap((span, i) => (i === 0 ? [span] : [{ text: ' ', tone: 'dim' as const }, span]))
}

function toneOf({ sign }: DiffLine, taken: boolean): Tone {
  if (!taken) return 'dim'
  return sign === '+' ? 'added' : sign === '-' ? 'removed' : 'normal'
}

function signOf({ sign }: DiffLine): string {
  return sign === '-' ? '−' : sign
}

function numberOf(number: number | undefined, digits: number): string {
  return String(number ?? '').padStart(digits)
}
