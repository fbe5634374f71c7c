import type { Editor } from '../editor.ts'
import { graphemeAfter, graphemeBefore } from '../motions.ts'
import type { Taken } from './objects.ts'
import { wholeLines } from './reach.ts'

/** What visual mode has selected: from the character where it began to the one that the cursor is on, both with it. */
export class Selected {
  /** Where it began, and the character that it goes to. */
  start = 0
  at = 0
  private readonly editor: Editor

  constructor(editor: Editor) {
    this.editor = editor
  }

  /** Its range, the character at the cursor with it; whole lines where `lines`. */
  range(lines: boolean): Taken {
    const { text } = this.editor
    const [from, to] = [Math.min(this.start, this.at), Math.max(this.start, this.at)]
    return lines ? wholeLines(text, { from, to }) : { from, to: graphemeAfter(text, to) }
  }

  /** Selects from a place to a character, in the editor too. */
  place({ start, at }: { start: number; at: number }, lines: boolean): void {
    this.start = start
    this.at = at
    this.editor.select(this.shown(lines))
  }

  /** Whether the editor's selection is the one that stands for this. */
  isShown(lines: boolean): boolean {
    const { anchor, cursor } = this.editor.draft
    const { from, to } = this.shown(lines)
    if (lines)
      return Math.min(anchor!, cursor) === Math.min(from, to) && Math.max(anchor!, cursor) === Math.max(from, to)
    return cursor === this.at && anchor === from
  }

  /** Takes what the editor has selected, by the mouse or by keys with shift. */
  takeOver(lines: boolean): void {
    const { selection, cursor, text } = this.editor
    if (selection === undefined) return
    const last = graphemeBefore(text, selection.to)
    const forward = cursor === selection.to
    this.place(forward ? { start: selection.from, at: last } : { start: last, at: selection.from }, lines)
  }

  /** As the editor has it; the terminal's cursor stands where the selection goes on from. */
  private shown(lines: boolean): { from: number; to: number } {
    const { start, at } = this
    if (lines) {
      const { from, to } = this.range(true)
      return at < start ? { from: to, to: from } : { from, to }
    }
    return at < start ? { from: graphemeAfter(this.editor.text, start), to: at } : { from: start, to: at }
  }
}
