import type { Action } from '../config/actions.ts'
import type { Tone } from '../config/theme.ts'
import type { Canvas } from './canvas.ts'
import type { KeyEvent } from './events.ts'
import { LineField } from './line-field.ts'
import { columns } from './width.ts'

export interface Asked {
  /** Stands before the line. */
  label: string
  tone?: Tone
  /** What the line begins with; absent: no line is asked for, only a yes. */
  line?: string
  /** Takes the line as it was left. */
  done(line: string): void
  /** Hears the line after each key. */
  typed?(line: string): void
  /** Hears that it was given up. */
  left?(): void
}

/** One line that a view asks for: a name, a number, or only a yes. Its keys are those of a picker. */
export class LinePrompt {
  private asked: Asked | undefined
  private field = new LineField()

  get isOpen(): boolean {
    return this.asked !== undefined
  }

  open(asked: Asked): void {
    this.asked = asked
    this.field = new LineField(asked.line)
  }

  close(): void {
    const { asked } = this
    this.asked = undefined
    asked?.left?.()
  }

  /** Draws it on a row, with a word at the right end; the cursor stands in the line where it is `focused`. */
  paint(canvas: Canvas, y: number, focused: boolean, right = ''): void {
    if (this.asked === undefined) return
    const end = canvas.width - 1 - (right === '' ? 0 : columns(right) + 2)
    const x = canvas.text(1, y, this.asked.label, this.asked.tone ?? 'accent', end - 1) + 1
    canvas.text(canvas.width - 1 - columns(right), y, right, 'dim')
    if (this.asked.line !== undefined) this.field.paint(canvas, x, y, end - x, focused)
  }

  /** Draws it on two rows, for where there is little room: what is asked, and under it the line or what answers it. */
  paintTall(canvas: Canvas, y: number, focused: boolean): void {
    if (this.asked === undefined) return
    const { label, tone = 'accent', line } = this.asked
    canvas.text(1, y, label, tone, canvas.width - 2)
    if (line !== undefined) this.field.paint(canvas, 1, y + 1, canvas.width - 2, focused)
    else canvas.text(1, y + 1, 'enter yes   esc no', 'dim', canvas.width - 2)
  }

  /** Does what an action of a picker or of a line says. False where it is neither, and for moves in a list. */
  act(action: Action): boolean {
    const { asked } = this
    if (asked === undefined) return false
    if (action === 'list.choose') {
      this.asked = undefined
      asked.done(this.field.text)
    } else if (action === 'list.close') this.close()
    else if (this.field.act(action)) asked.typed?.(this.field.text)
    else return false
    return true
  }

  /** Takes a key that types something. False for others. */
  key(event: KeyEvent): boolean {
    return event.text !== undefined && event.key !== 'tab' && this.paste(event.text)
  }

  paste(text: string): boolean {
    const { asked } = this
    if (asked === undefined) return false
    if (asked.line !== undefined) {
      this.field.insert(text)
      asked.typed?.(this.field.text)
    }
    return true
  }
}
