import { fileURLToPath } from 'node:url'
import { loadKeymap, type KeySet } from '../../lib/config/keymap.ts'
import { loadTheme } from '../../lib/config/theme.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Events } from '../../lib/core/events.ts'
import type { FileDiff } from '../../lib/core/changes.ts'
import type { FileDoor } from '../../lib/tui/file-door.ts'
import type { SessionRow, Source } from '../../lib/tui/source.ts'
import { openApp, type App } from '../../lib/tui/app.ts'
import { loadProse } from '../../lib/tui/format/prose.ts'
import { Store } from '../../lib/tui/store.ts'
import { createViews } from '../../lib/tui/views.ts'
import type { Arrangement } from '../../lib/tui/arrangement.ts'
import type { Paths } from '../../lib/tui/source.ts'
import { changes, parseDiff, start, type Fact } from './facts.ts'
import './typescript-workers.ts'
import { dateKit } from './fake-files.ts'
import { openFakeScreen, type FakeScreen } from './fake-screen.ts'

/** The whole screen over a terminal in this process, with the bus it is linked to. The clock is the spec's. */
export interface AppScreen extends FakeScreen {
  app: App
  bus: Bus
  /** Every intent that came, in order. */
  intents: Fact[]
  clock: { now: number }
  /** The prompts that were kept. */
  kept: string[]
  /** The views that were to have a pane of their own: session and view. */
  popped: string[]
  /** Sessions for which the screen was to be closed. */
  left: string[]
  tell(...facts: Fact[]): void
  close(): Promise<void>
}

await loadProse()

const wanted: (keyof Events)[] = [
  'prompt.submit',
  'prompt.recall',
  'command.submit',
  'turn.cancel',
  'approval.answer',
  'mode.choose',
  'model.choose',
  'changes.apply',
  'changes.discard',
  'port.open',
  'setup.choose',
  'app.quit',
]

/** The keys as they are shipped, with a ready set over them. */
export function shippedKeymap(set: KeySet = 'usual') {
  const defaults = fileURLToPath(new URL('../../keybinds.toml', import.meta.url))
  const sets = fileURLToPath(new URL('../../keybinds', import.meta.url))
  return loadKeymap({ defaults, sets, user: `${defaults}.none`, home: '/' }, set)
}

/** The sessions of the project that the screen is told of. */
const sessions: SessionRow[] = [
  { session: 's1', prompt: 'Fix the parser.', usedAt: start, state: 'waiting' },
  { session: 's0', prompt: 'Why does format() round down?', usedAt: start - 3 * 3_600_000, state: 'ended' },
  {
    session: 'r9',
    prompt: '日本語のメッセージを追加して、すべてのテストを書き直してください\nplease',
    usedAt: start - 90_000_000,
    state: 'interrupted',
  },
]

/** Paths that are all known from the beginning. */
export function fakePaths(known: readonly string[]): Paths {
  return { known, whole: true, refresh: () => {}, onChange: () => ({ dispose: () => {} }) }
}

type SourceOptions = Pick<Parameters<typeof openAppScreen>[0], 'diff' | 'files' | 'paths' | 'prompts' | 'copy' | 'open'>

/** What a screen reads, as it is in a small project; what is handed to it is noted. */
export function fakeSource(
  options: SourceOptions,
  noted: { kept: string[]; popped: string[]; left: string[] },
): Source {
  const diff =
    options.diff ?? ((path) => Promise.resolve({ ...parseDiff, change: changes.find((c) => c.path === path)! }))
  return {
    diff,
    files: options.files ?? dateKit(),
    paths: options.paths ?? fakePaths([]),
    prompts: { recent: () => options.prompts ?? [], keep: (text) => void noted.kept.push(text) },
    popOut: (session, view, file) => {
      noted.popped.push([session, view, file].filter(Boolean).join(' '))
      return Promise.resolve()
    },
    sessions: () => Promise.resolve(sessions),
    leaveFor: (session) => void noted.left.push(session),
    copy: options.copy ?? (() => Promise.resolve(false)),
    open: options.open ?? ((text) => Promise.resolve(text)),
    models: () => ['openai/gpt-5', 'ollama/qwen'],
    themes: () => ({ names: ['dark', 'light'], current: 'dark' }),
    chooseKeys: () => {},
    chooseTheme: (name) =>
      loadTheme(name, { shipped: fileURLToPath(new URL('../../themes', import.meta.url)), user: '/', home: '/' }),
  }
}

export function openAppScreen(options: {
  cols: number
  rows: number
  facts?: Fact[]
  diff?: (path: string) => Promise<FileDiff>
  copy?: Source['copy']
  open?: Source['open']
  keepArrangement?: (arrangement: Arrangement) => void
  paths?: Paths
  /** What was sent in earlier sessions. */
  prompts?: string[]
  files?: FileDoor
  /** The ready set of keys. */
  keys?: KeySet
  createViews?: Parameters<typeof openApp>[0]['createViews']
}): AppScreen {
  const fake = openFakeScreen(options)
  const bus = new Bus((error) => {
    throw error
  })
  const clock = { now: start + 12_400 }
  const intents: Fact[] = []
  const kept: string[] = []
  const popped: string[] = []
  const left: string[] = []
  for (const name of wanted) bus.on(name, (payload) => intents.push([name, payload] as Fact))
  const keymap = shippedKeymap(options.keys)
  const chooseKeys = (set: KeySet) => keymap.use(shippedKeymap(set))
  const app = openApp({
    screen: fake.screen,
    bus,
    store: new Store(bus),
    keymap,
    source: { ...fakeSource(options, { kept, popped, left }), chooseKeys },
    home: '/home/ada',
    now: () => clock.now,
    keepArrangement: options.keepArrangement,
    createViews: options.createViews ?? createViews,
  })
  const tell = (...facts: Fact[]) => {
    for (const [name, payload] of facts) bus.emit(name, payload as never)
  }
  tell(...(options.facts ?? []))
  return {
    ...fake,
    app,
    bus,
    intents,
    clock,
    kept,
    popped,
    left,
    tell,
    async close() {
      await app.dispose()
      fake.dispose()
    },
  }
}
