import type { Action } from '../config/actions.ts'
import type { Tone } from '../config/theme.ts'
import type { Canvas } from './canvas.ts'
import { Editor } from './editing/editor.ts'
import type { KeyEvent } from './events.ts'
import { columns, columnsOf, split } from './width.ts'

/** UTF-16 units that a line holds: more is no name, no path and no word, but a paste by mistake. */
const longest = 4_096

/** One line of text that is typed; of a long one as much is in sight as there is room for, the cursor always. */
export class LineField {
  private readonly editor = new Editor()
  /** The first character in sight. */
  private from = 0

  constructor(text = '') {
    this.insert(text)
  }

  get text(): string {
    return this.editor.text
  }

  get isEmpty(): boolean {
    return this.editor.isEmpty
  }

  /** Does what an action says in a line. False where it is none that does. */
  act(action: Action): boolean {
    return action !== 'prompt.newline' && this.editor.act(action)
  }

  /** Takes a key that types something. False for others. */
  key({ key, text }: KeyEvent): boolean {
    if (text === undefined || key === 'tab') return false
    this.insert(text)
    return true
  }

  /** Types a text, as far as it is one line and not too long. */
  insert(text: string): void {
    this.editor.insert(text.split(/[\r\n]/, 1)[0]!.slice(0, longest - this.editor.text.length))
  }

  /** Draws it in `room` columns; the cursor stands in it where it is `focused`. */
  paint(canvas: Canvas, x: number, y: number, room: number, focused: boolean, tone: Tone = 'normal'): void {
    const { text, cursor } = this.editor.draft
    this.from = Math.max(Math.min(this.from, cursor), firstSeen(text.slice(0, cursor), room - 1))
    canvas.text(x, y, text.slice(this.from), tone, Math.max(0, room))
    if (focused) canvas.cursor(x + columns(text.slice(this.from, cursor)), y)
  }
}

/** Where the end of a text begins that fits in so many columns. */
function firstSeen(text: string, room: number): number {
  let at = text.length
  let left = room
  for (const grapheme of split(text).toReversed()) {
    left -= columnsOf(grapheme)
    if (left < 0) break
    at -= grapheme.length
  }
  return at
}
