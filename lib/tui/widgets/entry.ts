import type { Tone } from '../../config/theme.ts'
import { Blocks, type Block } from '../format/blocks.ts'
import { duration, seconds } from '../format/duration.ts'
import type { Highlighter } from '../format/highlight.ts'
import { markdown } from '../format/markdown.ts'
import { proseWidth, rowWidth, wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { Entry, Sign, ToolEntry, ToolState } from '../state.ts'
import { columns, cut } from '../width.ts'

/** Everything but prompts is set in by this much, so that the eye finds where each exchange begins. */
const indent: Row = [{ text: '  ', tone: 'normal' }]

/** Lines shown of a prompt that is not opened, of output while it comes, of a failure, of the person's own command. */
const promptLines = 12
const liveLines = 4
const failedLines = 6
const ownLines = 40

/** Columns of a line of code that are shown: what is longer was made by a machine. */
const longestLine = 4_000

/** Lines of output laid out as one piece. */
const pieceLines = 200

/** What an entry looks like at one width: pieces of rows, each laid out when it comes into view. */
export interface Laid {
  readonly pieces: number
  rows(piece: number): readonly Row[]
}

/** How an entry is to be shown. */
export interface View {
  /** Columns from the gutter on. */
  width: number
  /** The person asked to see all of it. */
  open: boolean
}

/** Text of the model, kept between frames: what is closed is laid out once for each width. */
export class LaidText implements Laid {
  private readonly blocks = new Blocks()
  private taken = 0
  private width = 0
  private laid: Row[][] = []
  private plain = new Set<number>()
  private readonly highlighter: Highlighter

  constructor(highlighter: Highlighter) {
    this.highlighter = highlighter
  }

  /** Takes what was added to the text; `false` where it is not a continuation, and a new one has to be made. */
  update(text: string, width: number): boolean {
    if (text.length < this.taken) return false
    if (text.length > this.taken) this.blocks.push(text.slice(this.taken))
    this.taken = text.length
    if (width !== this.width) this.laid = []
    this.width = width
    return true
  }

  /** Asks again for colours that were not there yet. */
  recolour(): void {
    for (const index of this.plain) delete this.laid[index]
    this.plain.clear()
  }

  get pieces(): number {
    return this.blocks.count
  }

  rows(index: number): readonly Row[] {
    const known = this.laid[index]
    if (known !== undefined) return known
    const block = this.blocks.at(index)
    const body = block.kind === 'code' ? this.code(block, index) : prose(block, this.width)
    const rows = index === 0 || block.joined ? body : [[], ...body]
    if (index < this.blocks.closedCount) this.laid[index] = rows
    return rows
  }

  private code(block: Block, index: number): Row[] {
    const lines = block.lines.map((line) => harmless(cut(line, longestLine)))
    const coloured = block.whole ? this.highlighter.rows(block.language, lines) : undefined
    if (block.whole && coloured === undefined) this.plain.add(index)
    return lines.flatMap((line, i) => codeRows(coloured?.[i] ?? [{ text: line, tone: 'normal' }], this.width))
  }
}

/** A line of code, which goes on in the next row, set in further, where it is too long: nobody can scroll sideways. */
function codeRows(line: Row, width: number): Row[] {
  const margin = [...indent, ...indent]
  if (rowWidth(line) + 4 <= width) return [[...margin, ...line]]
  const leading = /^ */.exec(line[0]?.text ?? '')![0].slice(0, Math.floor(width / 3))
  return wrap(line, width, margin, [...margin, { text: `${leading}  `, tone: 'normal' }])
}

function prose(block: Block, width: number): Row[] {
  const room = Math.min(proseWidth, width - 2)
  return markdown(block.lines.map((line) => harmless(line)).join('\n'), room).map((row) => [...indent, ...row])
}

/** Lays out any entry that is not the model's text. Small, whatever the entry holds, unless it is opened. */
export function layEntry(entry: Exclude<Entry, { kind: 'text' }>, view: View): Laid {
  switch (entry.kind) {
    case 'prompt':
      return prompt(entry.text, entry.command, view)
    case 'thought':
      return thought(entry.text, view)
    case 'tool':
      return output(entry, view)
    case 'notice':
      return one(notice(entry.text, entry.sign, view.width))
  }
}

function one(rows: readonly Row[]): Laid {
  return { pieces: 1, rows: () => rows }
}

function prompt(text: string, command: boolean, view: View): Laid {
  const shown = view.open ? text : firstLines(text, promptLines)
  const bar: Row = [{ text: '▌ ', tone: 'prompt' }]
  const words = (command ? `! ${shown}` : shown).split('\n').map((line) => harmless(line))
  const tone: Tone = command ? 'code' : 'strong'
  const width = Math.min(proseWidth + 2, view.width)
  const rows = words.flatMap((line) => wrap([{ text: line, tone }], width, bar))
  const hidden = shown.length < text.length ? [[...bar, { text: '… and more of it', tone: 'dim' as const }]] : []
  return one([...rows, ...hidden])
}

/** At most so many lines, and never more than a screen can hold. */
function firstLines(text: string, most: number): string {
  let end = -1
  for (let i = 0; i < most; i += 1) {
    const next = text.indexOf('\n', end + 1)
    if (next < 0) return text.slice(0, 4_000)
    end = next
  }
  return text.slice(0, Math.min(end, 4_000))
}

/** One line, the newest of it, unless it is opened. */
function thought(text: string, view: View): Laid {
  const width = Math.min(proseWidth + 2, view.width)
  if (view.open) {
    const lines = text.split('\n').map((line) => harmless(line))
    return one(lines.flatMap((line) => wrap([{ text: line, tone: 'dim' }], width, indent)))
  }
  const line = text.slice(-2_000).trimEnd().split('\n').at(-1)!.trim()
  const label = '∴ thought  '
  return one([[...indent, { text: label + cut(harmless(line), width - 2 - label.length), tone: 'dim' }]])
}

/** A notice: its sign, and its words beside that. */
export function notice(text: string, sign: Sign, width: number): Row[] {
  const first: Row = [...indent, { text: `${signs[sign].sign} `, tone: signs[sign].tone }]
  const tone: Tone = sign === 'dim' || sign === 'ok' ? 'dim' : signs[sign].tone
  const lines = text
    .slice(0, 4_000)
    .split('\n')
    .map((line) => harmless(line))
    .join('\n')
  return wrap([{ text: lines, tone }], Math.min(proseWidth + 2, width), first, [...indent, ...indent])
}

const signs: Record<Sign, { sign: string; tone: Tone }> = {
  ok: { sign: '✓', tone: 'ok' },
  error: { sign: '✗', tone: 'error' },
  waiting: { sign: '?', tone: 'waiting' },
  dim: { sign: '·', tone: 'dim' },
}

/** What a call printed, under its line; the line itself is `toolLine`, drawn anew because its time counts. */
function output(tool: ToolEntry, view: View): Laid {
  const lines = shownLines(tool, view.open)
  return {
    pieces: Math.max(1, Math.ceil(lines.length / pieceLines)),
    rows: (piece) => {
      const part = lines.slice(piece * pieceLines, (piece + 1) * pieceLines)
      const rows = part.flatMap((line) => outputRows(line, tool.state, view))
      return piece === 0 ? [[], ...rows] : rows
    },
  }
}

/** A row of each line; of a failure two, for its reason is a sentence; all of it where that was asked for. */
function outputRows(line: string, state: ToolState, { width, open }: View): Row[] {
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
  const name = harmless(tool.name).padEnd(8)
  // Columns: gutter 2, sign 2, name, gap 2, subject, gap 2, result, gap 1, time 9.
  const free = room - 4 - columns(name) - 2 - 9
  const result = harmless(tool.result)
  const resultRoom = result === '' || free < 24 ? 0 : Math.min(24, Math.floor(free * 0.4))
  const subject = column(harmless(firstLine(tool.subject)), free - resultRoom - (resultRoom > 0 ? 3 : 0))
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
