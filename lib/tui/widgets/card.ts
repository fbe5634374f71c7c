import type { Tone } from '../../config/theme.ts'
import { duration, seconds } from '../format/duration.ts'
import { proseWidth, wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { ToolEntry, ToolState } from '../state.ts'
import { columns, cut } from '../width.ts'
import { argumentRows, type ArgumentsLook } from './arguments.ts'
import { indent, signs, type Laid } from './laid.ts'

/** Lines shown of output while it comes, of a failure, of the person's own command. */
const liveLines = 4
const failedLines = 6
const ownLines = 40

/** Lines of output laid out as one piece. */
const pieceLines = 200

export interface CardLook extends ArgumentsLook {
  /** The person asked for all of it. */
  open: boolean
}

/** What stands under the line of a call: opened, what it was given; then what it printed. The line itself is `toolLine`. */
export function layCard(tool: ToolEntry, look: CardLook): Laid {
  const given = look.open ? argumentRows(tool, look) : []
  const lines = shownLines(tool, look.open)
  const apart: Row[] = given.length > 0 && lines.length > 0 ? [[]] : []
  return {
    pieces: Math.max(1, Math.ceil(lines.length / pieceLines)),
    rows: (piece) => {
      const part = lines.slice(piece * pieceLines, (piece + 1) * pieceLines)
      const rows = part.flatMap((line) => outputRows(line, tool.state, look))
      // The first is the place of the line, drawn anew because its time counts.
      return piece === 0 ? [[], ...given, ...apart, ...rows] : rows
    },
  }
}

/** A row of each line; of a failure two, for its reason is a sentence; all of it where that was asked for. */
function outputRows(line: string, state: ToolState, { width, open }: CardLook): Row[] {
  const margin = [...indent, ...indent]
  if (open) return wrap([{ text: harmless(line), tone: 'dim' }], width, margin)
  const rows = state === 'failed' ? 2 : 1
  const shown = { text: cut(harmless(line.slice(0, 2_000)), (width - 4) * rows), tone: 'dim' as const }
  return rows === 1 ? [[...margin, shown]] : wrap([shown], width, margin)
}

/** The last lines, without empty ones before them; all of them where that was asked for. */
function shownLines(tool: ToolEntry, open: boolean): string[] {
  const text = tool.output.trimEnd()
  const most = tool.own ? ownLines : { running: liveLines, failed: failedLines, ok: 0, waiting: 0 }[tool.state]
  if (text === '' || (most === 0 && !open)) return []
  if (open) return text.split('\n')
  let from = text.length
  for (let i = 0; i < most && from > 0; i += 1) from = text.lastIndexOf('\n', from - 1)
  return text
    .slice(from + 1)
    .replace(/^\s*\n/, '')
    .split('\n')
}

const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'

/** The one line of a call: sign, name, what it is called on, what came of it, how long it took. */
export function toolLine(tool: ToolEntry, width: number, now: number): Row {
  const room = Math.min(proseWidth + 2, width)
  const { sign, tone } = toolSign(tool, now)
  const time =
    tool.state === 'waiting' ? 'waiting' : tool.ms === undefined ? seconds(now - tool.startedAt) : duration(tool.ms)
  const name = nameOf(tool)
  // Columns: gutter 2, sign 2, name, gap 2, subject, gap 2, result, gap 1, time 9.
  const free = room - 4 - columns(name) - 2 - 9
  const result = harmless(tool.result)
  const whole = harmless(firstLine(tool.subject))
  const resultRoom = result === '' || free < 24 ? 0 : roomOfResult(columns(result), free, columns(whole))
  const subject = column(whole, free - resultRoom - (resultRoom > 0 ? 3 : 0))
  const outcome = resultRoom > 0 ? `  ${column(result, resultRoom)} ` : ''
  return [
    ...indent,
    { text: `${sign} `, tone },
    { text: `${name}  `, tone: tool.state === 'waiting' ? 'waiting' : 'normal' },
    { text: subject, tone: tool.state === 'running' ? 'strong' : 'normal' },
    { text: outcome, tone: tool.state === 'failed' ? 'error' : 'dim' },
    { text: time.padStart(9), tone: tool.state === 'waiting' ? 'waiting' : 'dim' },
  ]
}

/** Results stand under each other, unless one or its subject needs room that the other leaves. */
function roomOfResult(wanted: number, free: number, subject: number): number {
  const usual = Math.min(24, Math.floor(free * 0.4))
  const left = free - 3 - subject
  return wanted > usual ? Math.max(usual, Math.min(wanted, left)) : Math.min(usual, Math.max(wanted, left))
}

/** The column at which a call's line says what it is called on, counted from 0. */
export function subjectColumn(tool: ToolEntry): number {
  return 2 + 2 + columns(nameOf(tool)) + 2
}

function nameOf(tool: ToolEntry): string {
  return harmless(tool.name).padEnd(8)
}

function toolSign(tool: ToolEntry, now: number): { sign: string; tone: Tone } {
  if (tool.state === 'running') return { sign: spinnerAt(now), tone: 'accent' }
  return signs[({ ok: 'ok', failed: 'error', waiting: 'waiting' } as const)[tool.state]]
}

/** The spinner's sign at a time. */
export function spinnerAt(now: number): string {
  return spinner[Math.floor(now / 100) % spinner.length]!
}

function column(text: string, width: number): string {
  const shown = cut(text, Math.max(0, width))
  return shown + ' '.repeat(Math.max(0, width - columns(shown)))
}

function firstLine(text: string): string {
  const end = text.indexOf('\n')
  return end < 0 ? text : `${text.slice(0, end)} …`
}
