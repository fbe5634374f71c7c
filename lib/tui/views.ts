import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import type { Arrangement, ViewName } from './arrangement.ts'
import type { Clipboard } from './clipboard.ts'
import { FilesView } from './files/files.ts'
import type { Highlighter } from './format/highlight.ts'
import type { Source } from './source.ts'
import type { View } from './view.ts'
import { AgentTerminal } from './widgets/agent-terminal.ts'
import { Monitor } from './monitor/monitor.ts'
import { Viewer } from './viewer/viewer.ts'
import { Plan } from './widgets/plan.ts'
import { Changes } from './widgets/changes.ts'

export interface ViewParts {
  keymap: Keymap
  source: Source
  bus: Bus
  clipboard: Clipboard
  highlighter: Highlighter
  /** Asks for a frame: something was loaded that changes what is shown. */
  changed(): void
  /** Shows a file of the workspace in the viewer, at a line counted from 1; `stay`: the focus stays where it is. */
  openFile(path: string, how?: { line?: number; stay?: boolean }): void
  /** Puts a path into the prompt, and behind it what more there is to say of the place. */
  mention(path: string, more?: string): void
  /** Does what an action says: a hint was clicked. */
  act(action: Action): void
  /** Gives the focus back to the prompt. */
  back(): void
  arrangement(): Arrangement
  arrange(arrangement: Arrangement): void
}

/** Every view that there is, for a screen with all of them and for one that shows one alone. A new one is a row here. */
export function createViews(parts: ViewParts): ReadonlyMap<ViewName, View> {
  const { keymap, source, bus, clipboard, highlighter, changed, openFile, mention, back, arrangement, arrange } = parts
  const viewer = new Viewer(keymap, source, highlighter, {
    mention,
    copy: (text, what) => void clipboard.copy(text, what),
    changed,
  })
  const views: View[] = [
    new FilesView(source, {
      open: (path) => openFile(path),
      preview: (path) => openFile(path, { stay: true }),
      mention,
      copy: (text, what) => void clipboard.copy(text, what),
      viewed: () => viewer.path,
      changed,
    }),
    viewer,
    new Changes(keymap, highlighter, {
      diff: (path, context) => source.diff(path, context),
      apply: (selection, over) => bus.emit('changes.apply', over ? { selection, over } : { selection }),
      discard: (selection) => bus.emit('changes.discard', { selection }),
      changed,
      copy: (text) => void clipboard.copy(text),
      comment: (path, more) => {
        mention(path, more)
        back()
      },
      back,
      shape: () => arrangement().diff,
      keepShape: (shape) => arrange({ ...arrangement(), diff: shape }),
    }),
    new Plan(),
    new AgentTerminal(keymap, {
      input: (bytes) => bus.emit('terminal.input', { bytes }),
      resize: (size) => bus.emit('terminal.resize', size),
      keyboard: (holder) => bus.emit('keyboard.choose', { holder }),
      copy: (text) => void clipboard.copy(text),
      changed,
    }),
    new Monitor(bus, changed),
  ]
  return new Map(views.map((view) => [view.name, view]))
}
