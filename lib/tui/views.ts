import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import type { ViewName } from './arrangement.ts'
import type { Clipboard } from './clipboard.ts'
import type { Source } from './source.ts'
import type { View } from './view.ts'
import { Changes } from './widgets/changes.ts'

export interface ViewParts {
  keymap: Keymap
  source: Source
  bus: Bus
  clipboard: Clipboard
  /** Asks for a frame: something was loaded that changes what is shown. */
  changed(): void
  /** Does what an action says: a hint was clicked. */
  act(action: Action): void
}

/** Every view that there is, for a screen with all of them and for one that shows one alone. A new one is a row here. */
export function createViews({ keymap, source, bus, changed, act }: ViewParts): ReadonlyMap<ViewName, View> {
  const views: View[] = [
    new Changes(keymap, source, {
      apply: (selection) => bus.emit('changes.apply', { selection }),
      discard: (selection) => bus.emit('changes.discard', { selection }),
      changed,
      act,
    }),
  ]
  return new Map(views.map((view) => [view.name, view]))
}
