import { segments } from '../format/segments.ts'
import { count } from '../format/tokens.ts'

/** Stands in the text for a paste that is kept aside. One column of text for the cursor, a label for the eye. */
export const chip = '\ufffc'

/** A paste beyond either of these becomes a chip: nobody edits it here. */
const foldedLines = 1_000
const foldedLength = 10_000

/** What is being written. Never changed in place, so that undo is a list of them. */
export interface Draft {
  readonly text: string
  /** Where the next character goes, in UTF-16 units, always between two graphemes. */
  readonly cursor: number
  /** What the chips stand for, in the order of the text. */
  readonly chips: readonly Chip[]
}

/** A paste that is kept aside, and what is shown for it. */
export interface Chip {
  readonly text: string
  readonly label: string
}

const empty: Draft = Object.freeze({ text: '', cursor: 0, chips: [] })

/** Every way to move or change; each is an action's name after `composer.`. */
export type Edit = keyof typeof edits

/** A multi-line editor: text, cursor, undo, kill ring and the history of what was sent. It draws nothing. */
export class Editor {
  draft: Draft = empty
  private undone: Draft[] = []
  private redone: Draft[] = []
  /** What the last change was, so that typing a word is undone as a whole. */
  private run = ''
  private readonly killed: string[] = []
  private readonly sent: Draft[] = []
  private recalled: number | undefined
  private kept: Draft = empty

  get text(): string {
    return this.draft.text
  }

  get isEmpty(): boolean {
    return this.draft.text === ''
  }

  /** The whole text with every paste in its place. */
  expanded(): string {
    let next = 0
    return this.draft.text.replaceAll(chip, () => this.draft.chips[next++]?.text ?? '')
  }

  /** Types at the cursor. */
  insert(text: string): void {
    this.change(replace(this.draft, this.draft.cursor, this.draft.cursor, clean(text)), /\s/.test(text) ? '' : 'type')
  }

  /** Puts pasted text in, whole; what is long as a chip. */
  paste(text: string): void {
    const body = clean(text)
    const { cursor } = this.draft
    this.change(isLong(body) ? withChip(this.draft, body) : replace(this.draft, cursor, cursor, body), '')
  }

  /** Moves or changes; false where there was nothing to do, so that the key may mean something else. */
  act(edit: Edit): boolean {
    const before = this.draft
    edits[edit](this)
    return this.draft !== before
  }

  move(cursor: number): void {
    if (cursor === this.draft.cursor) return
    this.draft = { ...this.draft, cursor }
    this.run = ''
  }

  /** Takes out a range; `kill` keeps it for `yank`. */
  remove(from: number, to: number, kill = false): void {
    if (from >= to) return
    if (kill) this.killed.push(expand(this.draft, from, to))
    this.change(replace(this.draft, from, to, ''), kill ? '' : 'remove')
  }

  yank(): void {
    const last = this.killed.at(-1)
    if (last !== undefined) this.paste(last)
  }

  undo(): void {
    const last = this.undone.pop()
    if (last === undefined) return
    this.redone.push(this.draft)
    this.draft = last
    this.run = ''
  }

  redo(): void {
    const next = this.redone.pop()
    if (next === undefined) return
    this.undone.push(this.draft)
    this.draft = next
    this.run = ''
  }

  /** Takes what was written, empties the editor and remembers it as sent. */
  take(): string {
    const text = this.expanded()
    const last = this.sent.at(-1)
    const again = last?.text === this.draft.text && last.chips.length === 0
    if (text.trim() !== '' && !again) this.sent.push({ ...this.draft, cursor: this.draft.text.length })
    this.reset()
    return text
  }

  /** Empties the editor and forgets what could be undone. */
  reset(): void {
    this.draft = empty
    this.undone = []
    this.redone = []
    this.run = ''
    this.recalled = undefined
  }

  /** Steps through what was sent: -1 to older ones, +1 to newer ones and at last back to what was being written. */
  recall(step: -1 | 1): void {
    const at = (this.recalled ?? this.sent.length) + step
    if (at < 0 || at > this.sent.length) return
    if (this.recalled === undefined) {
      if (step > 0) return
      this.kept = this.draft
    }
    this.recalled = at === this.sent.length ? undefined : at
    this.draft = this.sent[at] ?? this.kept
    this.run = ''
  }

  private change(draft: Draft, run: string): void {
    if (run === '' || run !== this.run) this.undone.push(this.draft)
    if (this.undone.length > 200) this.undone.shift()
    this.redone = []
    this.run = run
    this.draft = draft
  }
}

const edits = {
  left: (e: Editor) => e.move(graphemeBefore(e.draft)),
  right: (e: Editor) => e.move(graphemeAfter(e.draft)),
  'word-left': (e: Editor) => e.move(wordBefore(e.draft)),
  'word-right': (e: Editor) => e.move(wordAfter(e.draft)),
  'line-start': (e: Editor) => e.move(lineStart(e.draft)),
  'line-end': (e: Editor) => e.move(lineEnd(e.draft)),
  'text-start': (e: Editor) => e.move(0),
  'text-end': (e: Editor) => e.move(e.text.length),
  'delete-left': (e: Editor) => e.remove(graphemeBefore(e.draft), e.draft.cursor),
  'delete-right': (e: Editor) => e.remove(e.draft.cursor, graphemeAfter(e.draft)),
  'delete-word-left': (e: Editor) => e.remove(wordBefore(e.draft), e.draft.cursor, true),
  'delete-word-right': (e: Editor) => e.remove(e.draft.cursor, wordAfter(e.draft), true),
  'kill-to-start': (e: Editor) => e.remove(lineStart(e.draft), e.draft.cursor, true),
  'kill-to-end': (e: Editor) => {
    const end = lineEnd(e.draft)
    e.remove(e.draft.cursor, end === e.draft.cursor ? Math.min(end + 1, e.text.length) : end, true)
  },
  yank: (e: Editor) => e.yank(),
  newline: (e: Editor) => e.insert('\n'),
  undo: (e: Editor) => e.undo(),
  redo: (e: Editor) => e.redo(),
  clear: (e: Editor) => e.remove(0, e.text.length),
}

/** True where `name` is an edit. */
export function isEdit(name: string): name is Edit {
  return Object.hasOwn(edits, name)
}

/** Line ends made one, and nothing in it that could pass for a chip. */
function clean(text: string): string {
  return text.replace(/\r\n?/g, '\n').replaceAll(chip, '\ufffd')
}

function isLong(text: string): boolean {
  return text.length > foldedLength || found(text, '\n') >= foldedLines
}

function labelOf(text: string): string {
  const lines = found(text, '\n') + 1
  return `[pasted ${lines > 1 ? count(lines, 'line') : count(text.length, 'character')}]`
}

function replace(draft: Draft, from: number, to: number, text: string): Draft {
  const gone = chipsIn(draft.text.slice(from, to))
  const first = chipsIn(draft.text.slice(0, from))
  return {
    text: draft.text.slice(0, from) + text + draft.text.slice(to),
    cursor: from + text.length,
    chips: gone === 0 ? draft.chips : draft.chips.toSpliced(first, gone),
  }
}

function withChip(draft: Draft, body: string): Draft {
  const next = replace(draft, draft.cursor, draft.cursor, chip)
  return {
    ...next,
    chips: draft.chips.toSpliced(chipsIn(draft.text.slice(0, draft.cursor)), 0, { text: body, label: labelOf(body) }),
  }
}

function expand(draft: Draft, from: number, to: number): string {
  let next = chipsIn(draft.text.slice(0, from))
  return draft.text.slice(from, to).replaceAll(chip, () => draft.chips[next++]?.text ?? '')
}

function chipsIn(text: string): number {
  return found(text, chip)
}

/** How often a character is in a text. */
function found(text: string, character: string): number {
  let times = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) times += 1
  return times
}

/** A grapheme longer than this is no character that anybody typed. */
const longestGrapheme = 64

function graphemeBefore({ text, cursor }: Draft): number {
  if (cursor === 0) return 0
  const start = Math.max(text.lastIndexOf('\n', cursor - 1), cursor - longestGrapheme - 1) + 1
  if (start >= cursor) return cursor - 1
  let last = start
  for (const { index } of segments(text.slice(start, cursor))) last = start + index
  return last
}

function graphemeAfter({ text, cursor }: Draft): number {
  const [next] = segments(text.slice(cursor, cursor + longestGrapheme))
  return cursor + (next?.segment.length ?? 0)
}

function wordBefore({ text, cursor }: Draft): number {
  const head = text.slice(0, cursor).trimEnd()
  return head.length - (/[\p{L}\p{N}\p{M}_]+$|[^\p{L}\p{N}\p{M}_\s]+$/u.exec(head.slice(-1000))?.[0].length ?? 0)
}

function wordAfter({ text, cursor }: Draft): number {
  const rest = text.slice(cursor, cursor + 1000)
  return cursor + (/^\s*(?:[\p{L}\p{N}\p{M}_]+|[^\p{L}\p{N}\p{M}_\s]+)?/u.exec(rest)?.[0].length ?? 0)
}

function lineStart({ text, cursor }: Draft): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1
}

function lineEnd({ text, cursor }: Draft): number {
  const end = text.indexOf('\n', cursor)
  return end < 0 ? text.length : end
}
