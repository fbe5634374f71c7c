import type { Action } from '../../config/actions.ts'
import {
  chipAt,
  empty,
  expanded,
  pasted,
  pieceOf,
  plain,
  replaced,
  selection,
  type Draft,
  type Piece,
  type Range,
} from './draft.ts'
import { KillRing } from './kill-ring.ts'
import {
  graphemeAfter,
  graphemeBefore,
  lineEnd,
  lineStart,
  textEnd,
  textStart,
  wordAfter,
  wordBefore,
  type Motion,
} from './motions.ts'
import { Timeline } from './timeline.ts'

/** A chip that holds more is not put into the text: it is for an editor with files. */
const longestUnfolded = 100_000

/** A multi-line editor: text, cursor, selection, undo and kill ring. It draws nothing. */
export class Editor {
  draft: Draft = empty
  readonly timeline: Timeline
  readonly killed = new KillRing()
  /** Moving selects, from a mark on, until something is changed or the mark is dropped. */
  private marked = false
  /** What was done last, for what goes on from it: a cut, or what was put back and where it stands. */
  private last: 'kill' | Range | undefined

  /** `now`: a clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.timeline = new Timeline(now)
  }

  get text(): string {
    return this.draft.text
  }

  get cursor(): number {
    return this.draft.cursor
  }

  get isEmpty(): boolean {
    return this.draft.text === ''
  }

  get selection(): Range | undefined {
    return selection(this.draft)
  }

  /** The whole text with every paste in its place. */
  expanded(): string {
    return expanded(this.draft)
  }

  /** Types at the cursor, or in the place of what is selected. */
  insert(text: string): void {
    this.put(plain(text), /\s/.test(text) ? '' : 'type')
  }

  /** Puts pasted text in, whole; what is long as a chip. */
  paste(text: string): void {
    this.put(pasted(text))
  }

  /** Puts something at the cursor, or in the place of what is selected. */
  put(piece: Piece, run = ''): void {
    const { cursor } = this.draft
    const range = this.selection
    this.change(replaced(this.draft, range ?? { from: cursor, to: cursor }, piece), range ? '' : run)
  }

  /** Does what an action says. False where it is none of an editor's. */
  act(action: Action): boolean {
    const move = cursorMotions[action] ?? selectMotions[action]
    if (move !== undefined) this.go(action, move)
    else if (acts[action] !== undefined) acts[action](this)
    else return false
    return true
  }

  get hasMark(): boolean {
    return this.marked
  }

  /** Sets the mark at the cursor; where it is there already, drops it. */
  mark(): void {
    const drop = this.marked && this.selection === undefined
    this.dropMark()
    this.marked = !drop
  }

  dropMark(): void {
    this.marked = false
    this.move(this.cursor)
  }

  /** Moves the cursor; `select`: what is between stays selected. */
  move(cursor: number, select = this.marked): void {
    const anchor = select ? (this.draft.anchor ?? this.draft.cursor) : undefined
    const { text, chips } = this.draft
    this.draft = anchor === undefined ? { text, chips, cursor } : { text, chips, cursor, anchor }
    this.rest()
  }

  select({ from, to }: Range): void {
    this.draft = { ...this.draft, anchor: from, cursor: to }
    this.rest()
  }

  /** Takes out a range. */
  remove({ from, to }: Range): void {
    if (from < to) this.change(replaced(this.draft, { from, to }, plain('')), 'remove')
  }

  /** Puts something in the place of a range. */
  replace(range: Range, piece: Piece): void {
    this.change(replaced(this.draft, range, piece), '')
  }

  /** Takes out a range and keeps it for `yank`; `end`: on which side of the cursor it is. */
  kill(range: Range, end: 'before' | 'after'): void {
    if (range.from >= range.to) return
    this.killed.add(pieceOf(this.draft, range), this.last === 'kill' ? end : undefined)
    this.change(replaced(this.draft, range, plain('')), '')
    this.last = 'kill'
  }

  yank(): void {
    const { latest } = this.killed
    if (latest !== undefined) this.putBack(latest, this.selection ?? { from: this.cursor, to: this.cursor })
  }

  /** Exchanges what was just put back for the cut before it. */
  yankPop(): void {
    const { last } = this
    const earlier = typeof last === 'object' ? this.killed.turn() : undefined
    if (earlier !== undefined) this.putBack(earlier, last as Range)
  }

  /** Takes what is selected out, and keeps it; gives it as text. Undefined where nothing is selected. */
  cut(): string | undefined {
    const range = this.selection
    const text = this.copy()
    if (range !== undefined) this.change(replaced(this.draft, range, plain('')), '')
    return text
  }

  /** Keeps what is selected for `yank`; gives it as text. Undefined where nothing is selected. */
  copy(): string | undefined {
    const range = this.selection
    if (range === undefined) return undefined
    const piece = pieceOf(this.draft, range)
    this.killed.add(piece)
    // As in Emacs: the region is no longer one once it was copied.
    if (this.marked) this.dropMark()
    return expanded(piece)
  }

  /**
   * Puts the paste behind a chip into the text, where the cursor is at one. False where it is at none; `too long` where
   * nobody could edit it here.
   */
  unfold(): boolean | 'too long' {
    const at = chipAt(this.draft, this.cursor) ? this.cursor : this.cursor - 1
    const folded = chipAt(this.draft, at)
    if (folded === undefined) return false
    if (folded.text.length > longestUnfolded) return 'too long'
    this.replace({ from: at, to: at + 1 }, { text: folded.text, chips: [] })
    return true
  }

  /** Another draft in its place, which can be undone. */
  load(draft: Draft): void {
    this.change(draft, '')
  }

  undo(): void {
    this.marked = false
    this.draft = this.timeline.undo(this.draft) ?? this.draft
    this.last = undefined
  }

  redo(): void {
    this.marked = false
    this.draft = this.timeline.redo(this.draft) ?? this.draft
    this.last = undefined
  }

  /** Empties the editor and forgets what could be undone. */
  reset(): void {
    this.draft = empty
    this.marked = false
    this.timeline.clear()
    this.last = undefined
  }

  private putBack(piece: Piece, range: Range): void {
    this.change(replaced(this.draft, range, piece), '')
    this.last = { from: range.from, to: this.cursor }
  }

  private change(draft: Draft, run: string): void {
    this.timeline.keep(this.draft, run)
    this.draft = draft
    this.last = undefined
    this.marked = false
  }

  /** Moving parts what was changed before from what is changed after. */
  private rest(): void {
    this.timeline.break()
    this.last = undefined
  }

  private go(action: Action, motion: Motion): void {
    const select = action in selectMotions
    const range = this.selection
    // Left and right leave a selection at its ends.
    if (!select && !this.marked && range !== undefined && action === 'cursor.left') this.move(range.from)
    else if (!select && !this.marked && range !== undefined && action === 'cursor.right') this.move(range.to)
    else this.move(motion(this.text, this.cursor), select || this.marked)
  }
}

type Table<T> = Partial<Record<Action, T>>

const cursorMotions: Table<Motion> = {
  'cursor.left': graphemeBefore,
  'cursor.right': graphemeAfter,
  'cursor.word-left': wordBefore,
  'cursor.word-right': wordAfter,
  'cursor.line-start': lineStart,
  'cursor.line-end': lineEnd,
  'cursor.text-start': textStart,
  'cursor.text-end': textEnd,
}

const selectMotions: Table<Motion> = {
  'select.left': graphemeBefore,
  'select.right': graphemeAfter,
  'select.word-left': wordBefore,
  'select.word-right': wordAfter,
  'select.text-start': textStart,
  'select.text-end': textEnd,
}

const acts: Table<(editor: Editor) => void> = {
  'prompt.newline': (e) => e.insert('\n'),
  'select.mark': (e) => e.mark(),
  'select.drop': (e) => e.dropMark(),
  'select.all': (e) => e.select({ from: 0, to: e.text.length }),
  'text.delete-left': (e) => e.remove(reach(e, graphemeBefore)),
  'text.delete-right': (e) => e.remove(reach(e, graphemeAfter)),
  'text.kill-word-left': (e) => e.kill(reach(e, wordBefore), 'before'),
  'text.kill-word-right': (e) => e.kill(reach(e, wordAfter), 'after'),
  'text.kill-to-start': (e) => e.kill(reach(e, lineStart), 'before'),
  'text.kill-to-end': (e) => e.kill(reach(e, lineEndOrOver), 'after'),
  'text.transpose': transpose,
  'text.yank': (e) => e.yank(),
  'text.yank-pop': (e) => e.yankPop(),
  'edit.undo': (e) => e.undo(),
  'edit.redo': (e) => e.redo(),
}

/** From the cursor to where a motion leads; but what is selected, where something is. */
function reach(editor: Editor, motion: Motion): Range {
  const { cursor } = editor
  const to = motion(editor.text, cursor)
  return editor.selection ?? { from: Math.min(cursor, to), to: Math.max(cursor, to) }
}

/** To the end of the line; from there over it. */
function lineEndOrOver(text: string, at: number): number {
  const end = lineEnd(text, at)
  return end === at ? Math.min(end + 1, text.length) : end
}

/** Exchanges the two characters around the cursor; at a line's end the two before it. */
function transpose(editor: Editor): void {
  const { text, cursor } = editor
  const middle = cursor === lineEnd(text, cursor) ? graphemeBefore(text, cursor) : cursor
  const [from, to] = [graphemeBefore(text, middle), graphemeAfter(text, middle)]
  if (middle <= lineStart(text, cursor)) return
  const [first, second] = [pieceOf(editor.draft, { from, to: middle }), pieceOf(editor.draft, { from: middle, to })]
  const both = { text: second.text + first.text, chips: [...second.chips, ...first.chips] }
  editor.replace({ from, to }, both)
}
