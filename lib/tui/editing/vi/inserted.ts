import { pieceOf, type Piece } from '../draft.ts'
import type { Editor } from '../editor.ts'

/** Characters that a count makes of what was typed, at most. */
export const longestRepeated = 1_000_000

/** What is typed while inserting: one step for undo, and kept to be typed again. */
export class Inserted {
  /** What was typed last; undefined where it is not known. */
  typed: Piece | undefined
  /** How often it is put in, all in all. */
  times = { count: 1, lines: false }
  private readonly editor: Editor
  /** What stands before and behind it. */
  private around: { before: string; behind: string } | undefined

  constructor(editor: Editor) {
    this.editor = editor
  }

  begin(): void {
    const { text, cursor, timeline } = this.editor
    timeline.hold()
    this.times = { count: 1, lines: false }
    this.around = { before: text.slice(0, cursor), behind: text.slice(cursor) }
  }

  /** The cursor goes elsewhere: what comes now is another step. */
  interrupt(): void {
    const { timeline } = this.editor
    timeline.release()
    timeline.hold()
    this.times = { count: 1, lines: false }
    this.around = undefined
  }

  end(): void {
    const { editor, around } = this
    const { text } = editor
    this.typed = undefined
    if (around !== undefined && text.startsWith(around.before) && text.endsWith(around.behind)) {
      const range = { from: around.before.length, to: text.length - around.behind.length }
      if (range.from <= range.to) this.typed = pieceOf(editor.draft, range)
    }
    this.putMore()
    this.around = undefined
    editor.timeline.release()
  }

  private putMore(): void {
    const { typed, times } = this
    if (typed === undefined || typed.text === '' || times.count < 2) return
    const once = times.lines ? { ...typed, text: `\n${typed.text}` } : typed
    this.editor.put(repeated(once, times.count - 1))
  }
}

/** A piece so many times over, within reason. */
export function repeated(piece: Piece, count: number): Piece {
  const times = Math.max(1, Math.min(count, Math.floor(longestRepeated / Math.max(1, piece.text.length))))
  return { text: piece.text.repeat(times), chips: Array.from({ length: times }, () => piece.chips).flat() }
}
