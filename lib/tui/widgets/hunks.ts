import type { Tone } from '../../config/theme.ts'
import type { DiffLine, FileDiff } from '../../core/changes.ts'
import type { Canvas } from '../canvas.ts'
import { wrap, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { columns } from '../width.ts'

/** One row of a diff as shown: the number and sign of a line on its first row, then what of the line goes there. */
export interface DiffRow {
  number: string
  sign: string
  text: string
  tone: Tone
  /** The index of its hunk, where it is a line of one. */
  hunk?: number
}

/** A diff laid out at one width, and the rows at which its hunks begin. */
export interface LaidDiff {
  rows: DiffRow[]
  hunks: number[]
}

/** Characters of a line that are shown; what is longer was made by a machine. */
const longest = 4_000

/** Lays out a diff, sentences first. Long lines go on in the next row: what is reviewed is seen whole. */
export function layDiff(diff: FileDiff, notes: readonly Span[], width: number): LaidDiff {
  const last = diff.hunks.at(-1)
  const end = last === undefined ? 0 : Math.max(last.beforeStart + last.beforeLines, last.afterStart + last.afterLines)
  const digits = String(end).length
  const rows = notes.flatMap((one) => wrap([one], width - 2).map((row) => note(row[0]!.text, one.tone)))
  const hunks: number[] = []
  for (const [i, hunk] of diff.hunks.entries()) {
    if (i > 0) rows.push({ number: '⋯', sign: '', text: '', tone: 'dim' })
    hunks.push(rows.length)
    for (const line of hunk.lines)
      for (const row of layLine(line, digits, Math.max(8, width - digits - 5))) rows.push({ ...row, hunk: i })
  }
  return { rows, hunks }
}

/** A row of a sentence among the rows of a diff. */
function note(text: string, tone: Tone): DiffRow {
  return { number: '', sign: '', text, tone }
}

function layLine({ sign, text, before, after }: DiffLine, digits: number, room: number): DiffRow[] {
  const tone: Tone = sign === '+' ? 'added' : sign === '-' ? 'removed' : 'normal'
  const number = String((sign === '-' ? before : after) ?? '').padStart(digits)
  const shown = sign === '-' ? '−' : sign
  const safe = harmless(text.length > longest ? `${text.slice(0, longest)}… and ${text.length - longest} more` : text)
  if (columns(safe) <= room) return [{ number, sign: shown, text: safe, tone }]
  const indent = /^ */.exec(safe)![0].slice(0, Math.floor(room / 2))
  const rest = [{ text: `${indent}  `, tone }]
  return wrap([{ text: safe, tone }], room, [], rest).map((row, i) => ({
    number: i === 0 ? number : ' '.repeat(digits),
    sign: i === 0 ? shown : ' ',
    text: row.map((span) => span.text).join(''),
    tone,
  }))
}

export function paintDiffRow(canvas: Canvas, y: number, { number, sign, text, tone }: DiffRow): void {
  if (tone === 'added' || tone === 'removed') canvas.fill(0, y, canvas.width, 1, tone)
  if (number === '') return void canvas.text(1, y, text, tone, canvas.width - 2)
  const x = canvas.text(1, y, number, tone === 'normal' ? 'dim' : tone)
  canvas.text(x + 1, y, sign, tone)
  canvas.text(x + 3, y, text, tone, Math.max(0, canvas.width - x - 4))
}
