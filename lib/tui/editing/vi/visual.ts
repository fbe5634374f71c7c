import type { Action } from '../../../config/actions.ts'
import { chip, pieceOf } from '../draft.ts'
import { graphemeBefore } from '../motions.ts'
import { segments } from '../../format/segments.ts'
import { joinLines, turnedCase } from './doers.ts'
import type { Operator } from './motions.ts'
import type { Taken } from './objects.ts'
import type { Modes } from './modes.ts'

/** Does to what is selected what an action says. False where that means nothing to a selection. */
export function onSelection(vi: Modes, action: Action | 'lines', letter: string): boolean {
  const act = acts[action as Action]
  if (act !== undefined) act(vi, letter)
  return act !== undefined
}

type Act = (vi: Modes, letter: string) => void

const acts: Readonly<Partial<Record<Action, Act>>> = {
  'vi.delete': operating('delete'),
  'vi.change': operating('change'),
  'vi.yank': operating('yank'),
  'text.delete-right': operating('delete'),
  'text.delete-left': operating('delete'),
  'vi.substitute': operating('change'),
  'text.kill-to-end': operating('delete', true),
  'vi.change-to-end': operating('change', true),
  'vi.change-line': operating('change', true),
  'vi.yank-line': operating('yank', true),
  'vi.put': exchange,
  'vi.put-before': exchange,
  'vi.join': (vi) => {
    const { from, to } = leave(vi)
    vi.editor.move(from)
    joinLines(vi.editor, vi.editor.text.slice(from, to).split('\n').length)
  },
  'vi.replace': remaking((text, letter) =>
    segments(text)
      .map(({ segment }) => (segment === '\n' || segment === chip ? segment : letter))
      .join(''),
  ),
  'vi.case': remaking(turnedCase),
  'vi.lower': remaking((text) => text.toLowerCase()),
  'vi.upper': remaking((text) => text.toUpperCase()),
  'vi.other-end': (vi) => vi.turn(),
  'vi.visual': (vi) => vi.switchVisual('visual'),
  'vi.visual-line': (vi) => vi.switchVisual('visual line'),
}

function operating(operator: Operator, lines?: true): Act {
  return (vi) => vi.operate(operator, leave(vi, lines))
}

function remaking(remake: (text: string, letter: string) => string): Act {
  return (vi, letter) => {
    const { editor } = vi
    const range = leave(vi)
    const part = pieceOf(editor.draft, range)
    editor.replace(range, { text: remake(part.text, letter), chips: part.chips })
    editor.move(range.from)
  }
}

/** Puts what was kept in the place of what is selected, and keeps that. */
function exchange(vi: Modes): void {
  const { editor, register } = vi
  const kept = register.contents
  const { from, to, lines = false } = leave(vi)
  if (kept === undefined) return
  const part = pieceOf(editor.draft, { from, to })
  const apart = kept.lines && !lines
  const { text, chips } = kept.piece
  editor.replace({ from, to }, { text: apart ? `\n${text}\n` : text, chips })
  editor.move(
    apart ? from + 1 : text.includes('\n') || lines ? from : Math.max(from, graphemeBefore(editor.text, editor.cursor)),
  )
  register.keep(part, lines)
}

/** Ends the selecting; gives what was selected. */
function leave(vi: Modes, lines?: boolean): Taken {
  const taken = vi.selected(lines)
  vi.toNormal(taken.from)
  return taken
}
