import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { SetupChoice } from '../core/events.ts'
import type { State } from './state.ts'
import type { Composer } from './widgets/composer.ts'
import { hint, type Hint } from './widgets/hints.ts'

/** Where keys go while no question stands. */
export type Focus = 'composer' | 'transcript' | 'diff' | 'setup'

const demo = 'demo: scripted model'

/** What the empty composer says. */
export function placeholder(state: State, asksSecret: boolean): string {
  if (asksSecret) return 'Paste it here, then enter. Only dots are shown, and only the settings keep it.'
  if (state.questions.length > 0) return 'Answer the question above first.'
  if (state.setup !== undefined && state.model === '') return 'Choose above how to begin.'
  if (isDemo(state)) return `${demo}; whatever is asked, it plays its part`
  if (state.turn !== undefined) return 'Write the next prompt: it waits until this turn ends'
  return 'What is to be done? !command runs in the sandbox'
}

/** What the line over the composer says at its right end: what a person must not overlook while writing. */
export function composerLabel(
  state: State,
  composer: Composer,
  keymap: Keymap,
  wanting: SetupChoice | undefined,
  following: boolean,
): { text: string; waiting: boolean } {
  if (composer.asksSecret) return { text: `${wanting?.label ?? 'secret'}: not shown`, waiting: true }
  if (composer.isCommand) return { text: 'runs in the sandbox', waiting: true }
  if (!following)
    return { text: `↓ more below  ${keymap.keysFor('transcript.bottom')[0] ?? ''}`.trim(), waiting: false }
  return isDemo(state) ? { text: demo, waiting: true } : { text: '', waiting: false }
}

/** What can be done where the focus is; the first is the last to go where there is no room. */
export function hintsFor(keymap: Keymap, state: State, focus: Focus | 'secret', besideOpen: boolean): Hint[] {
  if (state.questions.length > 0) return []
  const changes: [Action, string][] = state.changes.length > 0 && !besideOpen ? [['diff.open', 'changes']] : []
  const offered: Record<Focus | 'secret', [Action, string][]> = {
    secret: [['prompt.submit', 'save'], ['turn.cancel', 'back']],
    composer: [['prompt.submit', 'send'], ...changes, ['focus.next', 'next pane']],
    transcript: [['transcript.toggle', 'open'], ['transcript.previous', 'step before'], ...changes, ['focus.next', 'next pane']],
    diff: [['diff.close', 'close'], ['focus.next', 'next pane']],
    setup: [['list.choose', 'choose'], ['list.down', 'next']],
  } // prettier-ignore
  return offered[focus].flatMap(([action, label]) => hint(keymap, action, label))
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
