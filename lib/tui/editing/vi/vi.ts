import type { Action, Context } from '../../../config/actions.ts'
import { pieceOf } from '../draft.ts'
import type { Editor } from '../editor.ts'
import { graphemeAfter, graphemeBefore, lineEnd, lineStart } from '../motions.ts'
import { again, Typed, type Command } from './command.ts'
import { doers } from './doers.ts'
import { Inserted } from './inserted.ts'
import { lastOf, seeking, textOfLine, viMotions, type Operator } from './motions.ts'
import { textObjects, type Taken } from './objects.ts'
import { between, exact, wholeLines } from './reach.ts'
import { Register } from './register.ts'
import type { Mode, Modes } from './modes.ts'
import { Selected } from './selected.ts'
import { Targets } from './targets.ts'
import { onSelection } from './visual.ts'

/** Edits a text as vi does: its modes, and what actions and characters mean in them. It draws nothing. */
export class Vi implements Modes {
  mode: Mode = 'insert'
  readonly editor: Editor
  readonly register: Register
  private readonly typed = new Typed()
  private readonly inserted: Inserted
  private readonly visual: Selected
  private readonly targets = new Targets()
  /** The last command that changed the text, to be done again. */
  private last: Command | undefined
  private repeating = false

  constructor(editor: Editor) {
    this.editor = editor
    this.register = new Register(editor.killed)
    this.inserted = new Inserted(editor)
    this.visual = new Selected(editor)
    this.inserted.begin()
  }

  /** Where keys are looked up. */
  get contexts(): readonly Context[] {
    if (this.mode === 'insert') return ['vi-insert']
    if (this.typed.wantsLetter) return ['vi-pending']
    const pending: Context[] = this.typed.isEmpty ? [] : ['vi-pending']
    if (this.isVisual) return [...pending, 'vi-visual', 'vi-object', 'vi-motion']
    if (this.typed.operator !== undefined) return [...pending, 'vi-object', 'vi-motion', 'vi-normal']
    return [...pending, 'vi-normal', 'vi-motion']
  }

  /** True where what is typed is text, and does not become a command. */
  get isInserting(): boolean {
    return this.mode === 'insert'
  }

  /** Half a command, as it is shown. */
  get pending(): string {
    return this.typed.shown
  }

  get isVisual(): boolean {
    return this.mode === 'visual' || this.mode === 'visual line'
  }

  /** Takes a character that no action is bound to. Not while inserting. */
  type(text: string): void {
    this.settle()
    const command = this.typed.type(text)
    if (command !== undefined && command !== 'more') this.run(command)
  }

  /** Does what an action means in this mode. False where it means what it means in any editor. */
  act(action: Action): boolean {
    if (this.mode === 'insert') return this.actInserting(action)
    this.settle()
    if (action === 'vi.normal') return this.leave()
    // By rows as shown, and to other prompts at the ends.
    if ((action === 'cursor.up' || action === 'cursor.down') && this.typed.isEmpty && !this.isVisual) return false
    const command = this.typed.act(action, this.isVisual)
    if (command === 'more') return true
    if (command !== undefined && this.run(command)) return true
    // What any editor does with a selection takes the character at the cursor, too.
    if (this.isVisual && /^(?:text|edit)\./.test(action)) {
      this.editor.select(this.selected())
      this.mode = 'normal'
    }
    return false
  }

  /** Something was done by other means: in normal mode the cursor stands on a character, and what is selected is visual. */
  settle(): void {
    if (this.mode === 'insert') return
    const { editor, visual } = this
    const { selection, cursor } = editor
    const known = selection === undefined ? cursor === visual.at : visual.isShown(this.mode === 'visual line')
    if (this.isVisual && known) return
    if (selection === undefined) this.toNormal(cursor)
    else {
      this.mode = 'visual'
      this.typed.clear()
      visual.takeOver(false)
    }
  }

  /** Begins anew, inserting. */
  reset(): void {
    this.mode = 'insert'
    this.typed.clear()
    this.inserted.begin()
  }

  /** Puts text in as if it had been typed, going on with it. */
  insert(): void {
    if (this.mode !== 'insert') this.beginInsert(this.editor.cursor)
  }

  /** Where pasted text goes in: behind the character that the cursor is on, as `p` has it, or in the selection's place. */
  makeRoom(): void {
    if (this.mode === 'insert') return
    this.settle()
    this.typed.clear()
    const { editor } = this
    if (this.isVisual) editor.select(this.selected())
    else editor.move(Math.min(lineEnd(editor.text, editor.cursor), graphemeAfter(editor.text, editor.cursor)))
    this.mode = 'normal'
  }

  beginInsert(at: number): void {
    this.editor.move(at)
    this.mode = 'insert'
    this.inserted.begin()
  }

  beginVisual(mode: 'visual' | 'visual line', visual = { start: this.editor.cursor, at: this.editor.cursor }): void {
    this.mode = mode
    this.typed.clear()
    this.select(visual)
  }

  /** Operates on a range; `undefined`: nothing was reached. */
  operate(operator: Operator, taken: Taken | undefined, cursor = taken?.from): void {
    if (taken === undefined || cursor === undefined) return
    const { editor, register } = this
    const { from, to, lines = false } = taken
    if (from < to || lines) register.keep(pieceOf(editor.draft, taken), lines)
    if (operator === 'yank') return editor.move(cursor)
    if (operator === 'change') {
      editor.remove(taken)
      return this.beginInsert(from)
    }
    if (!lines) {
      editor.remove(taken)
      return editor.move(from)
    }
    const { text } = editor
    editor.remove(to < text.length ? { from, to: to + 1 } : { from: Math.max(0, from - 1), to })
    editor.move(textOfLine(editor.text, Math.min(from, editor.text.length)))
  }

  /** So many lines from the cursor on; undefined where there are none. */
  linesFrom(count: number): Taken {
    const { text, cursor } = this.editor
    let end = lineEnd(text, cursor)
    for (let left = count; left > 1 && end < text.length; left -= 1) end = lineEnd(text, end + 1)
    return wholeLines(text, { from: cursor, to: end })
  }

  /** Does the last change once more. */
  repeat(count: number | undefined): void {
    const { last, inserted } = this
    if (last === undefined) return
    const typed = inserted.typed
    this.repeating = true
    this.run(count === undefined ? last : { ...last, count })
    if ((this.mode as Mode) === 'insert') {
      if (typed !== undefined) this.editor.put(typed)
      this.endInsert()
      inserted.typed = typed
    }
    this.repeating = false
  }

  /** What is selected, the character at the cursor with it; whole lines where lines are. */
  selected(lines = this.mode === 'visual line'): Taken {
    return this.visual.range(lines)
  }

  /** Selects from a place to a character. */
  select(visual: { start: number; at: number }): void {
    this.visual.place(visual, this.mode === 'visual line')
  }

  /** Selects by the other kind; by the same, no more. */
  switchVisual(mode: 'visual' | 'visual line'): void {
    if (mode === this.mode) return this.toNormal(this.visual.at)
    this.mode = mode
    this.select(this.visual)
  }

  /** Exchanges the ends of the selection. */
  turn(): void {
    const { start, at } = this.visual
    this.select({ start: at, at: start })
  }

  toNormal(at: number): void {
    const { editor } = this
    this.mode = 'normal'
    const last = lastOf(editor.text, at)
    if (editor.draft.anchor !== undefined || editor.cursor !== Math.min(at, last)) editor.move(Math.min(at, last))
  }

  private actInserting(action: Action): boolean {
    if (action === 'vi.normal') this.endInsert()
    else {
      // Moving ends what was typed, for undo and for doing it again.
      if (/^(?:cursor|select)\./.test(action)) {
        this.inserted.interrupt()
        this.last = { count: undefined, operator: undefined, action: 'vi.insert', letter: '' }
      }
      return false
    }
    return true
  }

  private leave(): true {
    this.typed.clear()
    if (this.isVisual) this.toNormal(this.visual.at)
    return true
  }

  private run(command: Command): boolean {
    const { editor } = this
    const { text } = editor
    const { action, operator, count, letter } = command
    editor.timeline.hold()
    let known = true
    if (operator !== undefined) this.operateOn(operator, command)
    else if (action === 'lines') known = false
    else if (viMotions[action] ?? seeking[action] ?? again[action] ?? (this.isVisual && textObjects[action]))
      this.move(command)
    else if (this.isVisual) known = onSelection(this, action, letter)
    else if (doers[action] !== undefined) doers[action](this, { count, letter })
    else known = false
    const changed = text !== editor.text || this.mode === 'insert'
    if (changed && !this.repeating && !leavesLast.has(action)) {
      this.last = command
      this.inserted.typed = undefined
    }
    if (this.mode === 'insert') this.inserted.times = timesOf(command)
    else {
      editor.timeline.release()
      if (this.mode === 'normal') this.toNormal(editor.cursor)
    }
    return known
  }

  private move(command: Command): void {
    const { editor } = this
    const at = this.isVisual ? this.visual.at : editor.cursor
    const object = textObjects[command.action as Action]
    if (object !== undefined) {
      const range = object(editor.text, at, command.count ?? 1)
      if (range === undefined || range.from >= range.to) return
      return this.select({ start: range.from, at: graphemeBefore(editor.text, range.to) })
    }
    const target = this.targets.of(editor.text, at, command)
    if (target === undefined) return
    if (this.isVisual) this.select({ start: this.visual.start, at: target.at })
    else this.toNormal(target.at)
    if (/^cursor\.(?:up|down)$/.test(command.action))
      this.targets.arrive(this.isVisual ? this.visual.at : editor.cursor)
  }

  private operateOn(operator: Operator, command: Command): void {
    const { text, cursor } = this.editor
    if (command.action === 'lines') return this.operate(operator, this.linesFrom(command.count ?? 1), cursor)
    const object = textObjects[command.action]
    if (object !== undefined) {
      const taken = object(text, cursor, command.count ?? 1)
      return this.operate(operator, taken && (taken.lines ? taken : exact(text, taken, operator)))
    }
    const target = this.targets.of(text, cursor, command)
    if (target === undefined) return
    const taken = between(text, cursor, target, operator)
    this.operate(operator, taken, taken.lines ? Math.min(cursor, target.at) : taken.from)
  }

  private endInsert(): void {
    const { editor, inserted } = this
    inserted.end()
    this.mode = 'normal'
    const { text, cursor } = editor
    this.toNormal(cursor > lineStart(text, cursor) ? graphemeBefore(text, cursor) : cursor)
  }
}

/** What `.` does not do again. */
const leavesLast = new Set<Command['action']>(['vi.repeat', 'edit.undo', 'edit.redo', 'vi.visual', 'vi.visual-line'])

/** How often what is typed after a command is put in, and whether each time on a line of its own. */
function timesOf({ action, count = 1 }: Command): { count: number; lines: boolean } {
  const lines = action === 'vi.open-below' || action === 'vi.open-above'
  const counts = lines || /^vi\.(?:insert|append)/.test(action)
  return { count: counts ? count : 1, lines }
}
