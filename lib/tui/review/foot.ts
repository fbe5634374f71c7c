import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import { count } from '../format/tokens.ts'
import { wrap, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { State } from '../state.ts'
import { hint, type Hint } from '../widgets/hints.ts'
import type { Sections } from './sections.ts'
import { isDecided } from './sheet.ts'
import type { Taken } from './taken.ts'
import type { ChangesViewport } from './changes-viewport.ts'

/** The line under the changes: what is taken of them, or a notice in its place. */
export function paintTaken(canvas: Canvas, words: readonly Span[], { ignored }: State): void {
  const y = canvas.height - 2
  canvas.fill(0, y, canvas.width, 1, 'line', '─')
  let x = canvas.text(1, y, ' ', 'line')
  for (const { text, tone } of words) x = canvas.text(x, y, text, tone, Math.max(0, canvas.width - 2 - x))
  x = canvas.text(x, y, ' ', 'line')
  if (ignored.length > 0) {
    const said = ` ${count(ignored.length, 'path')} ignored by the project: ${ignored.join(', ')} `
    if (canvas.width - x > 24) canvas.text(x + 1, y, harmless(said), 'dim', canvas.width - x - 3)
  }
}

/** What can be done with what is acted on. */
export function footHints(keymap: Keymap, files: Sections, taken: Taken, view: ChangesViewport): Hint[] {
  const { section, spot } = view
  const what = spot.line !== undefined ? 'line' : spot.hunk < 0 || section.folded ? 'file' : 'hunk'
  const dropped =
    what === 'file'
      ? taken.ofFile(section) === 'dropped'
      : what === 'hunk'
        ? taken.ofHunk(section, spot.hunk) === 'dropped'
        : !taken.ofLine(section, spot.hunk, spot.line!)
  const act = isDecided(section) ? `${dropped ? 'take' : 'drop'} ${what}` : 'its changes'
  return [
    ...hint(keymap, 'diff.take-hunk', act),
    ...hint(keymap, 'diff.apply', 'apply'),
    ...hint(keymap, 'diff.next-hunk', 'next'),
    ...hint(keymap, 'diff.discard', 'discard file'),
    ...hint(keymap, 'diff.lines', spot.line === undefined ? 'lines' : 'hunks'),
    ...hint(keymap, 'diff.comment', 'comment'),
    ...hint(keymap, 'diff.shape', files.shape === 'split' ? 'unified' : 'side by side'),
    ...hint(keymap, 'search.open', 'search'),
    ...hint(keymap, 'diff.fold-all', 'fold'),
  ]
}

/** Where there are no changes. */
export function paintEmpty(canvas: Canvas, { ignored }: State): void {
  const said = 'Nothing differs from your project. What the agent changes stands here, to be looked at and applied.'
  const more =
    ignored.length > 0 ? ` ${count(ignored.length, 'path')} that the project ignores: ${ignored.join(', ')}` : ''
  for (const [y, row] of wrap([{ text: harmless(said + more), tone: 'dim' }], canvas.width - 2).entries())
    canvas.text(1, y, row.map((span) => span.text).join(''), 'dim')
}
