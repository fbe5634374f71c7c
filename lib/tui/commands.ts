import { actions, contexts, type Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import { shortKey } from './widgets/hints.ts'
import type { Choice } from './widgets/picker.ts'

/** What only has a meaning where the focus is: moving, typing, answering. */
const local =
  /^(?:cursor|select|text|edit|list|approval|history|prompt)\.|^search\.(?:accept|close)$|\.(?:up|down|page-up|page-down)$|^palette\.|^files\.(?!open$)/

/** Everything that can be done from anywhere, by what it is called. */
export function commandsOf(keymap: Keymap): (Choice & { action: Action })[] {
  return (Object.keys(actions) as Action[])
    .filter((action) => !local.test(action))
    .map((action) => ({ action, label: actions[action], detail: action, key: keysOf(keymap, action) }))
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

function keysOf(keymap: Keymap, action: Action): string {
  return keymap.keysFor(action).slice(0, 1).map(shortKey).join(', ')
}
