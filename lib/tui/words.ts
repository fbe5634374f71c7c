import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Mode, SetupChoice } from '../core/events.ts'
import type { Pane, ViewName } from './arrangement.ts'
import { count } from './format/tokens.ts'
import { isFresh, type State } from './state.ts'
import type { Composer } from './widgets/composer.ts'
import { hint, type Hint } from './widgets/hints.ts'

/** Where keys go while no question stands. */
export type Focus = 'composer' | 'transcript' | 'setup' | ViewName

const demo = 'demo: scripted model'

/** What the empty composer says. */
export function placeholder(state: State, asks: Composer['asks']): string {
  if (asks === 'secret') return 'Paste it, then enter. Only dots are shown; it is saved for you alone.'
  if (asks === 'remark') return 'What should it do instead? Enter without a word is a plain no.'
  if (state.questions.length > 0) return 'Answer the question above first.'
  if (state.setup !== undefined && state.model === '')
    return isFresh(state) ? 'Choose above how to begin.' : 'No model is configured yet: tab shows how to begin.'
  if (state.recalling === true) return 'The conversation is being read; write on meanwhile'
  if (isDemo(state)) return 'Whatever you send, the script goes on.'
  if (state.turn !== undefined) return 'Write the next prompt: it waits until this turn ends'
  return 'What is to be done? !command runs in the sandbox'
}

/** Said at the right end of the line over the composer; a click on it does what `action` says. */
export interface ComposerLabel {
  text: string
  waiting: boolean
  action?: Action
}

/** What the line over the composer says at its right end: what a person must not overlook while writing. */
export function composerLabel(
  state: State,
  composer: Composer,
  keymap: Keymap,
  wanting: SetupChoice | undefined,
  { following, unread }: { following: boolean; unread: number },
): ComposerLabel {
  if (composer.asks === 'secret') return { text: `${wanting?.label ?? 'secret'}: not shown`, waiting: true }
  if (composer.asks === 'remark') return { text: 'no, and what the model is told', waiting: true }
  if (composer.isCommand) return { text: 'runs in the sandbox', waiting: true }
  if (!following) {
    const [key = ''] = keymap.keysFor('transcript.bottom')
    const more = unread === 0 ? 'more below' : unread < 999 ? count(unread, 'new line') : '999+ new lines'
    return { text: `↓ ${more}  ${key}`.trim(), waiting: false, action: 'transcript.bottom' }
  }
  // While nothing is written the placeholder says it.
  return isDemo(state) && !composer.editor.isEmpty ? { text: demo, waiting: true } : { text: '', waiting: false }
}

/**
 * What can be done where the focus is; the first is the last to go where there is no room. `hints` are those of the view
 * that has the focus.
 */
export function hintsFor(
  keymap: Keymap,
  state: State,
  focus: Focus | NonNullable<Composer['asks']>,
  { isOpen, hints = [] }: { isOpen: (pane: Pane) => boolean; hints?: [Action, string][] | undefined },
): Hint[] {
  if (state.questions.length > 0 && focus !== 'remark') return []
  const changes: [Action, string][] = state.changes.length > 0 && !isOpen('side') ? [['diff.open', 'changes']] : []
  const offered: Partial<Record<typeof focus, [Action, string][]>> = {
    secret: [['prompt.submit', 'save'], ['turn.cancel', 'back']],
    remark: [['prompt.submit', 'say no'], ['turn.cancel', 'just no']],
    composer: [['prompt.submit', 'send'], ...changes, ['palette.open', 'commands'], ['focus.next', 'next pane']],
    transcript: [['transcript.toggle', 'open'], ['transcript.copy', 'copy'], ['search.open', 'search'], ['transcript.previous', 'step before'], ...changes, ['help.open', 'help'], ['focus.next', 'next pane']],
    setup: [['list.choose', 'choose'], ['list.down', 'next']],
  } // prettier-ignore
  return (offered[focus] ?? hints).flatMap(([action, label]) => hint(keymap, action, label))
}

/** What a mode means, said when it is chosen; in the middle of a turn, from when on. */
export function modeMeaning({ mode, turn }: State): string {
  if (mode === 'plan')
    return turn === undefined ? 'it reads, and changes nothing' : 'from its next call on it only reads'
  return meanings[mode]
}

const meanings: Record<Exclude<Mode, 'plan'>, string> = {
  review: 'your files change only when you apply',
  turn: "your files change at each turn's end",
  live: 'your files change with each edit',
}

/** The terminal's title: the folder, and a sign that can be seen in a list of windows. */
export function titleOf(state: State): string {
  const folder = state.session?.project.split('/').at(-1) ?? ''
  const sign = state.questions.length > 0 ? '? ' : state.turn !== undefined ? '● ' : ''
  return `${sign}${folder === '' ? 'drydock' : `${folder} - drydock`}`
}

function isDemo(state: State): boolean {
  return state.model.startsWith('script/')
}
