import type { Action, Context } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import { columns } from '../width.ts'
import type { Hits } from './hits.ts'

/** What can be done, with the key that does it. */
export interface Hint {
  key: string
  label: string
  action: Action
}

/** The hint for an action; none where no key is bound to it. `context`: only a key that is bound there. */
export function hint(keymap: Keymap, action: Action, label: string, context?: Context): Hint[] {
  const [key] = keymap.keysFor(action, context)
  return key === undefined ? [] : [{ key: shortKey(key), label, action }]
}

/** Key names as they fit beside a word. */
export function shortKey(key: string): string {
  return key
    .replace('escape', 'esc')
    .replace('pageup', 'pgup')
    .replace('pagedown', 'pgdn')
    .replace(/\bup$/, '↑')
    .replace(/\bdown$/, '↓')
    .replace(/\bleft$/, '←')
    .replace(/\bright$/, '→')
}

const gap = 3

/** The columns that hints take in a row. */
export function hintsWidth(hints: readonly Hint[]): number {
  const sum = hints.reduce((total, { key, label }) => total + columns(key) + 1 + columns(label) + gap, 0)
  return Math.max(0, sum - gap)
}

/** Draws as many hints as fit from `x` to `end`; a click on one does what its key does. Gives the column after. */
export function drawHints(
  canvas: Canvas,
  x: number,
  y: number,
  end: number,
  hints: readonly Hint[],
  hits: Hits,
  act: (action: Action) => void,
): number {
  let at = x
  for (const one of hints) {
    const width = hintsWidth([one])
    if (at + width > end) break
    const after = canvas.text(at, y, one.key, 'normal')
    canvas.text(after + 1, y, one.label, 'dim')
    hits.add(at, y, width, () => act(one.action))
    at += width + gap
  }
  return at
}
