import type { Tone } from '../../config/theme.ts'
import { Blocks, type Block } from '../format/blocks.ts'
import { codeRows, type Colours } from '../format/code.ts'
import type { Highlighter } from '../format/highlight.ts'
import { isProseLoaded, prose } from '../format/prose.ts'
import { proseWidth, wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { Entry, Sign } from '../state.ts'
import { columns, cut } from '../width.ts'
import { layCard, type CardLook } from './card.ts'
import { indent, signs, type Laid } from './laid.ts'

/** Pieces of one text that stay laid out. */
const mostKept = 256

/** Lines shown of a prompt that is not opened. */
const promptLines = 12

/** Text of the model, kept between frames: what is closed is laid out once for each width. */
export class LaidText implements Laid {
  private readonly blocks = new Blocks()
  private taken = 0
  private width = 0
  private laid: Row[][] = []
  private kept = 0
  /** The last piece, which may still change, as it is now. */
  private last: { index: number; rows: Row[] } | undefined
  private plain = new Set<number>()
  private readonly highlighter: Highlighter

  constructor(highlighter: Highlighter) {
    this.highlighter = highlighter
  }

  /** Takes what was added to the text; `false` where it is not a continuation, and a new one has to be made. */
  update(text: string, width: number): boolean {
    if (text.length < this.taken) return false
    if (text.length > this.taken || width !== this.width) this.last = undefined
    if (text.length > this.taken) this.blocks.push(text.slice(this.taken))
    this.taken = text.length
    if (width !== this.width) this.laid = []
    this.width = width
    return true
  }

  /** Lays out again what had to do without colours, or without Markdown. */
  recolour(): void {
    this.last = undefined
    for (const index of this.plain) delete this.laid[index]
    this.plain.clear()
  }

  get pieces(): number {
    return this.blocks.count
  }

  rows(index: number): readonly Row[] {
    const known = this.last?.index === index ? this.last.rows : this.laid[index]
    if (known !== undefined) return known
    const block = this.blocks.at(index)
    const body = this.body(block, index)
    const apart = block.kind === 'code' ? codeLabel(block.language, this.width) : []
    const rows = index === 0 || block.joined ? body : [apart, ...body]
    if (index < this.blocks.closedCount) this.keep(index, rows)
    else this.last = { index, rows }
    return rows
  }

  /** Of a long text only some pieces are kept. */
  private keep(index: number, rows: Row[]): void {
    if (this.kept >= mostKept) {
      this.laid = []
      this.kept = 0
    }
    this.laid[index] = rows
    this.kept += 1
  }

  /** The whole of the code that a piece is of, whatever pieces it was cut in. */
  code(index: number): string | undefined {
    if (this.blocks.at(index).kind !== 'code') return undefined
    let from = index
    while (this.blocks.at(from).joined) from -= 1
    let lines = [...this.blocks.at(from).lines]
    for (let at = from + 1; at < this.blocks.count && this.blocks.at(at).joined; at += 1)
      lines = lines.concat(this.blocks.at(at).lines)
    return lines.join('\n')
  }

  private body(block: Block, index: number): Row[] {
    const colours: Colours = (language, lines) => {
      const rows = this.highlighter.rows(language, lines)
      if (rows === undefined) this.plain.add(index)
      return rows
    }
    const closed = index < this.blocks.closedCount ? colours : undefined
    if (block.kind === 'code') return codeRows(block.language, block.lines, closed, this.width, [...indent, ...indent])
    const room = Math.min(proseWidth, this.width - 2)
    const source = block.lines.map((line) => harmless(line)).join('\n')
    if (!isProseLoaded()) this.plain.add(index)
    return prose(source, room, closed).map((row) => [...indent, ...row])
  }
}

/** The row over code: what can be done with it. A click on its last columns copies. */
function codeLabel(language: string, width: number): Row {
  const text = `${harmless(language.slice(0, 20))}  ${copyLabel}`
  const left = Math.max(0, Math.min(proseWidth + 2, width) - columns(text))
  return [
    { text: ' '.repeat(left), tone: 'normal', copies: '' },
    { text, tone: 'dim', copies: '' },
  ]
}

/** At the right end of the row over code. */
export const copyLabel = 'copy'

/** Lays out any entry that is not the model's text. Small, whatever the entry holds, unless it is opened. */
export function layEntry(entry: Exclude<Entry, { kind: 'text' }>, look: CardLook): Laid {
  switch (entry.kind) {
    case 'prompt':
      return prompt(entry.text, entry.command, look)
    case 'thought':
      return thought(entry.text, look)
    case 'tool':
      return layCard(entry, look)
    case 'notice':
      return one(notice(entry.text, entry.sign, look.width))
  }
}

function one(rows: readonly Row[]): Laid {
  return { pieces: 1, rows: () => rows }
}

function prompt(text: string, command: boolean, look: CardLook): Laid {
  const shown = look.open ? text : firstLines(text, promptLines)
  const bar: Row = [{ text: '▌ ', tone: 'prompt', copies: '' }]
  const words = (command ? `! ${shown}` : shown).split('\n').map((line) => harmless(line))
  const tone: Tone = command ? 'code' : 'strong'
  const width = Math.min(proseWidth + 2, look.width)
  const rows = words.flatMap((line) => wrap([{ text: line, tone }], width, bar))
  const hidden =
    shown.length < text.length ? [[...bar, { text: '… and more of it', tone: 'dim' as const, copies: '' }]] : []
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
function thought(text: string, look: CardLook): Laid {
  const width = Math.min(proseWidth + 2, look.width)
  if (look.open) {
    const lines = text.split('\n').map((line) => harmless(line))
    return one(lines.flatMap((line) => wrap([{ text: line, tone: 'dim' }], width, indent)))
  }
  const line = text.slice(-2_000).trimEnd().split('\n').at(-1)!.trim()
  const label = '∴ thought  '
  return one([[...indent, { text: label + cut(harmless(line), width - 2 - label.length), tone: 'dim' }]])
}

/** A notice: its sign, and its words beside that. */
export function notice(text: string, sign: Sign, width: number): Row[] {
  const first: Row = [...indent, { text: `${signs[sign].sign} `, tone: signs[sign].tone, copies: '' }]
  const tone: Tone = sign === 'dim' || sign === 'ok' ? 'dim' : signs[sign].tone
  const lines = text
    .slice(0, 4_000)
    .split('\n')
    .map((line) => harmless(line))
    .join('\n')
  return wrap([{ text: lines, tone }], Math.min(proseWidth + 2, width), first, [...indent, ...indent])
}
