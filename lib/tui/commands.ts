import { actions, contexts, type Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import { shortKey } from './widgets/hints.ts'
import type { Choice } from './widgets/picker.ts'

/** What only has a meaning where the focus is: moving, typing, answering. */
const local =
  /^(?:cursor|select|text|edit|list|approval|vi)\.|^prompt\.(?!edit)|^history\.(?!search)|^search\.(?:accept|close)$|\.(?:up|down|(?:half-)?page-up|(?:half-)?page-down)$|^palette\.|^(?:files|viewer)\.(?!open$)/

/**
 * Everything that can be done from anywhere, by what it is called: what shows something first, so that enter in a list just
 * opened does no harm, and what is about the program itself last.
 */
export function commandsOf(keymap: Keymap): (Choice & { action: Action })[] {
  return (Object.keys(actions) as Action[])
    .filter((action) => !local.test(action))
    .toSorted((one, other) => order(one) - order(other))
    .map((action) => ({ action, label: actions[action], detail: action, key: keysOf(keymap, action) }))
}

/**
 * What an action is called after a `/`: what it opens, or else what it does, with what it does it to where others do the
 * same. `diff.open` is /diff, `app.quit` /quit, `mode.next` /mode-next.
 */
export function slashName(action: Action, all: readonly Action[]): string {
  const [first, last] = action.split('.') as [string, string]
  if (last === 'open') return first
  const alone =
    all.filter((other) => other.endsWith(`.${last}`)).length === 1 && !all.includes(`${last}.open` as Action)
  return alone ? last : `${first}-${last}`
}

/** Every key, by where it means what. */
export function helpOf(keymap: Keymap): Choice[] {
  return contexts.flatMap((context) =>
    keymap.bindings(context).map(([key, action]) => ({
      label: shortKey(key).padEnd(14),
      detail: actions[action],
      key: context === 'global' ? 'everywhere' : context,
    })),
  )
}

function order(action: Action): number {
  if (/^(?:app|screen|mouse)\./.test(action)) return 2
  return /\.open$|^mode\./.test(action) ? 0 : 1
}

function keysOf(keymap: Keymap, action: Action): string {
  return keymap.keysFor(action).slice(0, 1).map(shortKey).join(', ')
}
