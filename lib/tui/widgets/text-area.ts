import type { Action } from '../../config/actions.ts'
import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import type { CursorShape } from '../cursor-shape.ts'
import { Clicks } from '../clicks.ts'
import { chip, chipAt, selection, type Draft, type Range } from '../editing/draft.ts'
import { Editor } from '../editing/editor.ts'
import { lineEnd, lineStart, wordAt } from '../editing/motions.ts'
import { Rows } from '../editing/rows.ts'
import { segments } from '../format/segments.ts'
import { harmless } from '../harmless.ts'
import { wheelRows, type ViewMouse } from '../view.ts'
import { isSimple } from '../width.ts'

/** Columns before the text: air, a mark, a space. */
export const margin = 3

export interface AreaLook {
  focused: boolean
  tone: Tone
  top?: number
  shape?: CursorShape | undefined
}

/** An editor on the screen: its text in rows, moved in by rows, and by the mouse. */
export class TextArea {
  readonly editor: Editor
  private readonly rows: Rows
  private readonly masked: boolean
  private readonly clicks = new Clicks()
  private first = 0
  private width = 80
  private height = 1
  /** What was painted last: the cursor is brought into view where something has changed since. */
  private painted: Draft | undefined
  /** The column that moving up and down keeps to. */
  private goal: { cursor: number; column: number } | undefined
  /** What a press took, which a drag makes longer by the like of it. */
  private taken: { range: Range; clicks: 1 | 2 | 3 } | undefined

  /** `masked`: only dots are shown. */
  constructor(masked = false) {
    this.masked = masked
    this.editor = new Editor()
    this.rows = new Rows((grapheme) => this.shown(grapheme))
  }

  /** Rows that the text takes where the area is so many columns wide. */
  rowsIn(width: number): number {
    return this.rows.of(this.editor.draft, roomIn(width)).length
  }

  /** Draws the rows in view from row `top` on; `focused`: with the terminal's cursor, in its own shape or another. */
  paint(canvas: Canvas, { focused, tone, top = 0, shape }: AreaLook): void {
    const { draft } = this.editor
    this.width = canvas.width
    this.height = Math.max(1, canvas.height - top)
    const rows = this.laid()
    const at = this.rows.place(draft, roomIn(this.width))
    if (draft !== this.painted) this.first = Math.max(Math.min(this.first, at.row), at.row - this.height + 1)
    this.painted = draft
    this.scroll(0)
    for (const [i, row] of rows.slice(this.first, this.first + this.height).entries())
      this.paintRow(canvas, top + i, row, tone)
    const y = at.row - this.first
    if (focused && y >= 0 && y < this.height)
      canvas.cursor(Math.min(canvas.width - 1, margin + at.column), top + y, shape)
  }

  /** What an action says, where it is one of an editor's or moves by rows. False where it is neither. */
  act(action: Action): boolean {
    const move = byRows[action]
    if (move === undefined) return this.editor.act(action)
    move(this)
    return true
  }

  /** Moves so many rows as shown. False where there is none, on the first and the last. */
  vertical(by: number, select?: true): boolean {
    const { draft } = this.editor
    const at = this.rows.place(draft, roomIn(this.width))
    const target = this.laid()[at.row + by]
    if (target === undefined) return false
    const column = this.goal?.cursor === draft.cursor ? this.goal.column : at.column
    this.editor.move(this.rows.at(draft, target, column), select)
    this.goal = { cursor: this.editor.cursor, column }
    return true
  }

  /** To the end of a row as shown; from there to that of the line. */
  toRowEnd(end: 'start' | 'end', select?: true): void {
    const { draft } = this.editor
    const row = this.laid()[this.rows.place(draft, roomIn(this.width)).row]!
    const ofRow = end === 'start' ? row.from : this.rows.endOf(draft, row)
    const ofLine = (end === 'start' ? lineStart : lineEnd)(draft.text, draft.cursor)
    this.editor.move(draft.cursor === ofRow ? ofLine : ofRow, select)
  }

  /** Hears the mouse; `y` counts from the first row of the text. `now` in milliseconds. */
  mouse({ action, button, shift, x, y }: ViewMouse, now: number): void {
    if (action === 'wheel') return this.scroll(button === 'up' ? -wheelRows : wheelRows)
    if (button !== 'left') return
    if (action === 'down') this.press(this.placeOf(x, y), this.clicks.count(x, y, now), shift)
    else if (action === 'drag') this.drag(this.placeOf(x, y))
    else this.taken = undefined
  }

  private press(at: number, clicks: 1 | 2 | 3, shift: boolean): void {
    if (shift) return this.editor.move(at, true)
    this.editor.dropMark()
    const range = this.unit(at, clicks)
    this.taken = { range, clicks }
    if (clicks > 1 && chipAt(this.editor.draft, at)) {
      this.editor.move(at)
      this.editor.unfold()
    } else if (clicks === 1) this.editor.move(at)
    else this.editor.select(range)
  }

  /** The selection grows by the like of what was pressed. */
  private drag(at: number): void {
    if (this.taken === undefined) return
    const { range, clicks } = this.taken
    const unit = this.unit(at, clicks)
    if (unit.from < range.from) this.editor.select({ from: range.to, to: unit.from })
    else this.editor.select({ from: range.from, to: Math.max(range.to, unit.to) })
  }

  private unit(at: number, clicks: 1 | 2 | 3): Range {
    const { text } = this.editor
    if (clicks === 1) return { from: at, to: at }
    return clicks === 2 ? wordAt(text, at) : { from: lineStart(text, at), to: lineEnd(text, at) }
  }

  private placeOf(x: number, y: number): number {
    const rows = this.laid()
    const row = rows[Math.max(0, Math.min(this.first + y, rows.length - 1))]!
    return this.first + y >= rows.length ? this.editor.text.length : this.rows.at(this.editor.draft, row, x - margin)
  }

  private scroll(by: number): void {
    this.first = Math.max(0, Math.min(this.first + by, this.laid().length - this.height))
  }

  private laid(): readonly Range[] {
    return this.rows.of(this.editor.draft, roomIn(this.width))
  }

  private paintRow(canvas: Canvas, y: number, { from, to }: Range, tone: Tone): void {
    const { draft } = this.editor
    const chosen = selection(draft)
    const all = draft.text.slice(from, to)
    if (chosen === undefined && !this.masked && isSimple(all) && !all.includes(chip))
      return void canvas.text(margin, y, all, tone)
    let x = margin
    let run = ''
    let runTone = tone
    const draw = (text: string, as: Tone) => {
      if (as !== runTone) {
        x = canvas.text(x, y, run, runTone)
        run = ''
        runTone = as
      }
      run += text
    }
    for (const { segment, index } of segments(all)) {
      const at = from + index
      const isChosen = chosen !== undefined && at >= chosen.from && at < chosen.to
      const text = segment === chip ? (chipAt(draft, at)?.label ?? '') : this.shown(segment)
      draw(text, isChosen ? 'selection' : segment === chip ? 'code' : tone)
    }
    // A line's end that is selected can be seen.
    if (chosen !== undefined && draft.text[to] === '\n' && to >= chosen.from && to < chosen.to) draw(' ', 'selection')
    canvas.text(x, y, run, runTone)
  }

  private shown(grapheme: string): string {
    if (this.masked) return '•'
    return grapheme === '\t' ? '    ' : harmless(grapheme)
  }
}

const byRows: Partial<Record<Action, (area: TextArea) => void>> = {
  'select.up': (area) => void area.vertical(-1, true),
  'select.down': (area) => void area.vertical(1, true),
  'cursor.row-start': (area) => area.toRowEnd('start'),
  'cursor.row-end': (area) => area.toRowEnd('end'),
  'select.row-start': (area) => area.toRowEnd('start', true),
  'select.row-end': (area) => area.toRowEnd('end', true),
}

/** Columns for the text: one is left for the cursor behind it. */
function roomIn(width: number): number {
  return Math.max(4, width - margin - 1)
}
