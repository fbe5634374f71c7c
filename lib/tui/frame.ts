import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Tone } from '../config/theme.ts'
import type { Canvas } from './canvas.ts'
import { count } from './format/tokens.ts'
import type { Layout } from './layout.ts'
import type { State } from './state.ts'
import { drawHints, hint, hintsWidth } from './widgets/hints.ts'
import { paintHeader } from './widgets/header.ts'
import type { Hits } from './widgets/hits.ts'

/** What the frame shows besides the state. */
export interface FrameLook {
  layout: Layout
  home: string
  now: number
  /** What has the focus: while a question stands, no pane. */
  focused: 'conversation' | 'side' | 'dialog'
  /** Said at the right end of the line over the composer. */
  label: { text: string; waiting: boolean }
}

/** Paints what parts the panes: the header, their titles, and the hairlines. */
export function paintFrame(
  canvas: Canvas,
  state: State,
  look: FrameLook,
  tools: { keymap: Keymap; hits: Hits; act: (action: Action) => void },
): void {
  const { layout } = look
  paintHeader(canvas, state, look)
  for (const y of layout.rules) canvas.fill(0, y, canvas.width, 1, 'line', '─')
  canvas.fill(0, layout.composerRule.y, layout.composerRule.width, 1, 'line', '─')
  if (layout.divider !== null) {
    const { x, top, bottom } = layout.divider
    canvas.fill(x, top + 1, 1, bottom - top - 1, 'line', '│')
    canvas.text(x, top, '┬', 'line')
    canvas.text(x, bottom, '┴', 'line')
    canvas.text(x, layout.composerRule.y, '┤', 'line')
  }
  const { text, waiting } = look.label
  if (text !== '') {
    const end = layout.composerRule.width - 2
    canvas.text(end - text.length - 2, layout.composerRule.y, ` ${text} `, waiting ? 'waiting' : 'dim')
  }
  paintTitles(canvas, state, look, tools)
}

function paintTitles(
  canvas: Canvas,
  state: State,
  { layout, focused }: FrameLook,
  { keymap, hits, act }: { keymap: Keymap; hits: Hits; act: (action: Action) => void },
): void {
  hits.clear()
  const y = layout.titles.top
  const open = layout.side !== null
  const changed = state.changes.length
  const conversationHidden = layout.conversation === null
  const conversation = conversationHidden ? 'Conversation' : 'CONVERSATION'
  const end = canvas.text(
    1,
    y,
    conversation,
    toneOf(!layout.wide && !open, !conversationHidden && focused === 'conversation'),
  )
  hits.add(1, y, end - 1, () => act(conversationHidden ? 'diff.close' : 'focus.next'))
  if (layout.divider !== null) {
    const x = layout.divider.x + 2
    const after = canvas.text(x, y, 'DIFF', toneOf(false, focused === 'side'))
    const told = count(changed, 'file')
    canvas.text(after + 2, y, changed > 0 ? told : '', 'dim')
    return
  }
  if (layout.wide) {
    const [show] = hint(keymap, 'diff.open', `${count(changed, 'file')} changed`)
    if (show === undefined || changed === 0) return
    drawHints(canvas, canvas.width - 1 - hintsWidth([show]), y, canvas.width, [show], hits, act)
    return
  }
  const tab = `${open ? 'DIFF' : 'Diff'}${changed > 0 ? ` ${changed}` : ''}`
  const after = canvas.text(end + 3, y, tab, toneOf(open, focused === 'side'))
  hits.add(end + 3, y, after - end - 3, () => act('diff.open'))
}

/** A title's tone: of the pane that has the focus, of the tab that is open, of any other. */
function toneOf(open: boolean, focused: boolean): Tone {
  if (focused) return 'focus'
  return open ? 'strong' : 'dim'
}
