import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import { segments } from '../format/segments.ts'
import { harmless } from '../harmless.ts'
import { columns, columnsOf, isSimple } from '../width.ts'
import { chip, Editor } from './editor.ts'

/** A line as it is shown: a range of the text, and whether the text's own line ends with it. */
interface Line {
  from: number
  to: number
}

/** How the composer presents itself. */
export interface ComposerLook {
  focused: boolean
  /** Said in dim letters while nothing is written. */
  placeholder: string
}

/** Columns before the text: air, the mark, a space. */
const margin = 3

/** Where prompts are written. What is written is the editor's; this is how it is shown and moved in by rows. */
export class Composer {
  readonly editor = new Editor()
  /** Set while something else than a prompt is asked for: it is written in an editor of its own and never remembered. */
  private aside: { kind: 'secret' | 'remark'; editor: Editor } | undefined
  private first = 0
  private width = 80
  /** The column that moving up and down keeps to. */
  private goal: { cursor: number; column: number } | undefined
  private laid: { text: string; width: number; lines: Line[] } | undefined

  /** The editor that keys go to. */
  get current(): Editor {
    return this.aside?.editor ?? this.editor
  }

  /** What is asked for instead of a prompt: a secret, shown as dots, or what to tell the model with a no. */
  get asks(): 'secret' | 'remark' | undefined {
    return this.aside?.kind
  }

  /** True where what is written is a command for the sandbox and not a prompt. */
  get isCommand(): boolean {
    return this.aside === undefined && this.editor.text.startsWith('!')
  }

  ask(kind: 'secret' | 'remark'): void {
    this.aside = { kind, editor: new Editor() }
    this.first = 0
  }

  /** Ends the asking, and gives what was written. */
  takeAsked(): string {
    const text = this.aside?.editor.expanded().trim() ?? ''
    this.aside = undefined
    this.first = 0
    return text
  }

  /** Rows that the text takes where the composer is so many columns wide. */
  rows(width: number): number {
    return this.lines(width).length
  }

  paint(canvas: Canvas, look: ComposerLook): void {
    this.width = canvas.width
    const lines = this.lines(canvas.width)
    const at = this.place(lines)
    this.first = Math.min(this.first, Math.max(0, lines.length - canvas.height))
    this.first = Math.max(Math.min(this.first, at.row), at.row - canvas.height + 1)
    const mark: Tone = look.focused ? 'strong' : 'dim'
    canvas.text(1, 0, '›', this.isCommand ? 'waiting' : mark)
    if (this.current.isEmpty) canvas.text(margin, 0, look.placeholder, 'dim', canvas.width - margin - 1)
    for (const [y, line] of lines.slice(this.first, this.first + canvas.height).entries()) this.line(canvas, y, line)
    if (look.focused) canvas.cursor(Math.min(canvas.width - 1, margin + at.column), at.row - this.first)
  }

  /** Moves a row up or down as shown. False on the first and the last, where the key means something else. */
  vertical(step: -1 | 1): boolean {
    const lines = this.lines(this.width)
    const at = this.place(lines)
    const target = lines[at.row + step]
    if (target === undefined) return false
    const { cursor } = this.current.draft
    const goal = this.goal?.cursor === cursor ? this.goal.column : at.column
    this.current.move(this.offset(target, goal))
    this.goal = { cursor: this.current.draft.cursor, column: goal }
    return true
  }

  /** Puts the cursor where a click was. */
  click(x: number, y: number): void {
    const line = this.lines(this.width)[this.first + y]
    this.current.move(line === undefined ? this.current.text.length : this.offset(line, x - margin))
  }

  private line(canvas: Canvas, y: number, line: Line): void {
    const { text } = this.current
    let x = margin
    let plain = ''
    const tone: Tone = this.isCommand ? 'code' : 'normal'
    const flush = () => {
      x = canvas.text(x, y, plain, tone)
      plain = ''
    }
    for (const { segment, index } of segments(text.slice(line.from, line.to))) {
      if (segment !== chip) plain += this.shown(segment)
      else {
        flush()
        x = canvas.text(x, y, this.label(line.from + index), 'selection')
      }
    }
    flush()
  }

  private place(lines: Line[]): { row: number; column: number } {
    const { cursor } = this.current.draft
    const last = lines.findLastIndex((line) => line.from <= cursor)
    const row = Math.max(0, last)
    return { row, column: this.measure(lines[row]!.from, cursor) }
  }

  private offset(line: Line, column: number): number {
    let used = 0
    for (const { segment, index } of segments(this.current.text.slice(line.from, line.to))) {
      const width = this.columns(segment, line.from + index)
      if (used + width > column) return line.from + index
      used += width
    }
    // At a soft break the end of a row is the start of the next: stay on this one.
    const soft = this.current.text[line.to] !== '\n' && line.to < this.current.text.length
    return soft ? line.to - 1 : line.to
  }

  private measure(from: number, to: number): number {
    let sum = 0
    for (const { segment, index } of segments(this.current.text.slice(from, to)))
      sum += this.columns(segment, from + index)
    return sum
  }

  private shown(segment: string): string {
    if (this.asks === 'secret') return '•'
    return segment === '\t' ? '    ' : harmless(segment)
  }

  private columns(segment: string, at: number): number {
    if (segment === chip) return columns(this.label(at))
    const shown = this.shown(segment)
    return shown.length === 1 ? columnsOf(shown) : columns(shown)
  }

  private label(at: number): string {
    const { text, chips } = this.current.draft
    return chips[text.slice(0, at).split(chip).length - 1]?.label ?? ''
  }

  /** Breaks the text into rows: at its line ends, then after words, then anywhere. */
  private lines(width: number): Line[] {
    const { text } = this.current
    if (this.laid?.text === text && this.laid.width === width) return this.laid.lines
    const room = Math.max(4, width - margin - 1)
    const lines: Line[] = []
    let from = 0
    while (from <= text.length) {
      const end = text.indexOf('\n', from)
      const to = end < 0 ? text.length : end
      this.breakLine(from, to, room, lines)
      from = to + 1
    }
    this.laid = { text, width, lines }
    return lines
  }

  private breakLine(from: number, to: number, room: number, lines: Line[]): void {
    if (to - from <= room && isSimple(this.current.text.slice(from, to))) return void lines.push({ from, to })
    let start = from
    let used = 0
    let word = from
    for (const { segment, index } of segments(this.current.text.slice(from, to))) {
      const at = from + index
      const width = this.columns(segment, at)
      if (used + width > room && at > start) {
        const cut = word > start ? word : at
        lines.push({ from: start, to: cut })
        used = cut === at ? 0 : this.measure(cut, at)
        start = cut
      }
      used += width
      if (segment === ' ') word = at + 1
    }
    lines.push({ from: start, to })
  }
}
