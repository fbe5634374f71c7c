import { join } from 'node:path'
import { ProjectBook } from '../config/project-book.ts'
import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import { openApp } from '../tui/app.ts'
import { type Arrangement, isArrangement } from '../tui/arrangement.ts'
import type { FileDoor } from '../tui/file-door.ts'
import type { Prompts, Source } from '../tui/source.ts'
import type { Store } from '../tui/store.ts'
import type { Display } from './display.ts'
import { readKeymap } from './following.ts'
import { KnownPaths } from './known-paths.ts'
import type { Parts } from './parts.ts'
import type { Reads } from './reads.ts'
import { screenSource } from './screen-source.ts'
import type { Settings } from './settings.ts'

/** A session as a screen has it, be it in this process or in another. */
export interface FrontOptions {
  parts: Parts
  display: Display
  bus: Bus
  store: Store
  reads: Reads
  prompts: Prompts
  files: FileDoor
  /** What holds now. */
  settings: () => Settings
  /** Closes this screen and goes on with another session. */
  leaveFor: (session: string) => void
  /** Ends what still runs for the screen. */
  signal: AbortSignal
}

/** What a screen reads of its session and of the person's own files; `owned` gives it back. */
export function openSource(options: FrontOptions, owned: Disposables): Source {
  const { parts, display, bus, reads, prompts, files, settings, signal } = options
  const { environment } = parts
  return screenSource({
    settings,
    themes: display.themes,
    outside: async () => {
      const { outside } = await import('./outside.ts')
      return outside({ environment, lend: (use) => display.screen.lend(use), signal })
    },
    reads,
    prompts,
    files,
    chooseKeys: (set) => display.keymap.use(readKeymap(parts, settings().places, set)),
    popOut: async (...what) => (await import('./tmux-pane.ts')).openTmuxPane(parts, ...what),
    sessions: async () => {
      const { rowsOf } = await import('./sessions.ts')
      return rowsOf(parts, settings().project)
    },
    leaveFor: options.leaveFor,
    paths: owned.add(new KnownPaths({ bus, list: () => reads.paths(), now: Date.now })),
  })
}

/** The whole screen of a session. */
export function openFront(options: FrontOptions): Disposable {
  const { parts, display, bus, store, settings } = options
  const { project, places } = settings()
  const owned = new Disposables()
  const arrangements = new ProjectBook(join(places.data, 'panes.json'), isArrangement)
  owned.add(
    openApp({
      screen: display.screen,
      bus,
      store,
      keymap: display.keymap,
      home: parts.environment.home,
      now: Date.now,
      arrangement: arrangements.read().get(project),
      keepArrangement: (arrangement) => keep(arrangements, project, arrangement),
      source: openSource(options, owned),
      createViews: async (views) => (await import('../tui/views.ts')).createViews(views),
    }),
  )
  return owned
}

/** How panes are arranged is not worth a word where it cannot be kept. */
function keep(book: ProjectBook<Arrangement>, project: string, arrangement: Arrangement): void {
  try {
    book.write(book.read().set(project, arrangement))
  } catch {
    // They are as they were at the next start.
  }
}
