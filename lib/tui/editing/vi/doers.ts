import type { Action } from '../../../config/actions.ts'
import { pieceOf, plain } from '../draft.ts'
import type { Editor } from '../editor.ts'
import { graphemeBefore, lineEnd, lineStart } from '../motions.ts'
import { repeated } from './inserted.ts'
import { lastOf, leftOf, rightOf, textOfLine, times } from './motions.ts'
import type { Kept } from './register.ts'
import type { Modes } from './modes.ts'

type Doer = (vi: Modes, asked: { count: number | undefined; letter: string }) => void

/** Commands that are neither motions nor wait for one, by their action. */
export const doers: Readonly<Partial<Record<Action, Doer>>> = {
  'text.delete-right': (vi, { count }) => take(vi, 'delete', right(vi.editor, count)),
  'text.delete-left': (vi, { count }) => take(vi, 'delete', left(vi.editor, count)),
  'vi.substitute': (vi, { count }) => change(vi, right(vi.editor, count)),
  'text.kill-to-end': (vi, { count }) => take(vi, 'delete', toEnd(vi.editor, count)),
  'vi.change-to-end': (vi, { count }) => change(vi, toEnd(vi.editor, count)),
  'vi.change-line': (vi, { count = 1 }) => vi.operate('change', vi.linesFrom(count)),
  'vi.yank-line': (vi, { count = 1 }) => vi.operate('yank', vi.linesFrom(count), vi.editor.cursor),
  'vi.put': ({ editor, register }, { count = 1 }) => put(editor, register.contents, true, count),
  'vi.put-before': ({ editor, register }, { count = 1 }) => put(editor, register.contents, false, count),
  'vi.replace': ({ editor }, { count = 1, letter }) => {
    const { cursor } = editor
    const range = right(editor, count)
    // Either all of them or none.
    if (cursor === range.to || (count > 1 && right(editor, count - 1).to === range.to)) return
    editor.replace(range, plain(letter.repeat(count)))
    editor.move(graphemeBefore(editor.text, editor.cursor))
  },
  'vi.case': ({ editor }, { count }) => {
    const range = right(editor, count)
    const part = pieceOf(editor.draft, range)
    if (part.text !== '') editor.replace(range, { text: turnedCase(part.text), chips: part.chips })
  },
  'vi.join': ({ editor }, { count = 2 }) => joinLines(editor, Math.max(2, count)),
  'edit.undo': ({ editor }, { count = 1 }) => travel(editor, 'undo', count),
  'edit.redo': ({ editor }, { count = 1 }) => travel(editor, 'redo', count),
  'vi.insert': (vi) => vi.beginInsert(vi.editor.cursor),
  'vi.append': (vi) => vi.beginInsert(rightOf(vi.editor.text, vi.editor.cursor)),
  'vi.insert-line': (vi) => {
    const { text, cursor } = vi.editor
    const start = lineStart(text, cursor)
    vi.beginInsert(start + /^[ \t]*/.exec(text.slice(start, lineEnd(text, cursor)))![0].length)
  },
  'vi.append-line': (vi) => vi.beginInsert(lineEnd(vi.editor.text, vi.editor.cursor)),
  'vi.open-below': (vi) => openLine(vi, true),
  'vi.open-above': (vi) => openLine(vi, false),
  'prompt.newline': (vi) => openLine(vi, true),
  'vi.visual': (vi) => vi.beginVisual('visual'),
  'vi.visual-line': (vi) => vi.beginVisual('visual line'),
  'vi.repeat': (vi, { count }) => vi.repeat(count),
}

interface Reach {
  from: number
  to: number
}

function take(vi: Modes, operator: 'delete' | 'change', range: Reach): void {
  if (range.from < range.to) vi.operate(operator, range)
}

function change(vi: Modes, range: Reach): void {
  vi.operate('change', range)
}

function right({ text, cursor }: Editor, count: number | undefined): Reach {
  return { from: cursor, to: times(count, cursor, (from) => rightOf(text, from)) }
}

function left({ text, cursor }: Editor, count: number | undefined): Reach {
  return { from: times(count, cursor, (from) => leftOf(text, from)), to: cursor }
}

/** To the end of the line, or of as many lines. */
function toEnd({ text, cursor }: Editor, count = 1): Reach {
  let to = lineEnd(text, cursor)
  for (let more = count; more > 1 && to < text.length; more -= 1) to = lineEnd(text, to + 1)
  return { from: cursor, to }
}

/** Puts back what was kept last, behind the cursor or before it. */
function put(editor: Editor, kept: Kept | undefined, behind: boolean, count: number): void {
  if (kept === undefined) return
  const { text, cursor } = editor
  const { piece, lines } = kept
  if (lines) {
    const at = behind ? lineEnd(text, cursor) : lineStart(text, cursor)
    const line = behind ? `\n${piece.text}` : `${piece.text}\n`
    editor.replace({ from: at, to: at }, repeated({ text: line, chips: piece.chips }, count))
    return editor.move(textOfLine(editor.text, behind ? at + 1 : at))
  }
  const at = behind ? rightOf(text, cursor) : cursor
  editor.replace({ from: at, to: at }, repeated(piece, count))
  editor.move(piece.text.includes('\n') ? at : graphemeBefore(editor.text, editor.cursor))
}

function openLine(vi: Modes, below: boolean): void {
  const { editor } = vi
  const at = below ? lineEnd(editor.text, editor.cursor) : lineStart(editor.text, editor.cursor)
  editor.replace({ from: at, to: at }, plain('\n'))
  vi.beginInsert(below ? at + 1 : at)
}

/** Makes one line of some, with a space between. */
export function joinLines(editor: Editor, count: number): void {
  let at: number | undefined
  for (let more = count; more > 1; more -= 1) {
    const { text, cursor } = editor
    const end = lineEnd(text, at ?? cursor)
    if (end >= text.length) break
    const next = end + 1 + /^[ \t]*/.exec(text.slice(end + 1))![0].length
    const isLast = next >= text.length || text[next] === '\n'
    const bare = end === lineStart(text, end) || /[ \t]/.test(text[end - 1]!)
    editor.replace({ from: end, to: next }, plain(isLast || bare || text[next] === ')' ? '' : ' '))
    at = end
  }
  if (at !== undefined) editor.move(Math.min(at, lastOf(editor.text, at)))
}

function travel(editor: Editor, way: 'undo' | 'redo', count: number): void {
  for (let more = Math.min(count, 1_000); more > 0; more -= 1) editor[way]()
}

/** Small letters made capitals, and the reverse. */
export function turnedCase(text: string): string {
  return Array.from(text, (letter) => {
    const small = letter.toLowerCase()
    const turned = letter === small ? letter.toUpperCase() : small
    // No letter becomes two.
    return turned.length === letter.length ? turned : letter
  }).join('')
}
