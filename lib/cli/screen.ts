import { join } from 'node:path'
import { askPerson } from '../agent/answerers.ts'
import { ProjectBook } from '../config/project-book.ts'
import { PromptBook } from '../config/prompt-book.ts'
import { Bus } from '../core/bus.ts'
import { Disposables } from '../core/dispose.ts'
import type { Intents } from '../core/events.ts'
import { describe, isAbort } from '../core/failure.ts'
import type { Log } from '../core/log.ts'

import { openApp } from '../tui/app.ts'
import { type Arrangement, isArrangement } from '../tui/arrangement.ts'
import { chooseDepth } from '../tui/colour.ts'
import { openScreen } from '../tui/screen.ts'
import { Store } from '../tui/store.ts'
import { KnownPaths } from './known-paths.ts'
import { followFiles, readKeymap } from './following.ts'
import { loadSession } from './load-session.ts'
import type { Parts } from './parts.ts'
import { screenSource } from './screen-source.ts'
import type { Session } from './session.ts'
import { type SettingsOptions, firstModel, readSettings } from './settings.ts'
import { Themes } from './themes.ts'
import { WorkspaceFiles } from './workspace-files.ts'

/** Milliseconds after which what a session needs has been loaded. */
const settledMs = 2000

export interface ScreenOptions extends SettingsOptions {
  /** Which of the project's workspaces; the first that is free where absent. */
  workspace?: string
}

/** Why a screen was closed: for good, or to show the demo. */
type Closing = { exitCode: number } | 'demo'

/** `agent [DIR]`: the screen, until the person quits. Gives the exit code. */
export async function screen(parts: Parts, options: ScreenOptions): Promise<number> {
  const closing = await show(parts, options)
  return closing === 'demo' ? demoScreen(parts) : closing.exitCode
}

/** `agent demo`: the screen on the demo's project, with its model at work. */
export async function demoScreen(parts: Parts): Promise<number> {
  const { demoModel, demoPrompt, demoProject } = await import('./demo.ts')
  const closing = await show(parts, { dir: await demoProject(parts), model: demoModel(parts) }, demoPrompt)
  return closing === 'demo' ? 0 : closing.exitCode
}

async function show(parts: Parts, options: ScreenOptions, prompt?: string): Promise<Closing> {
  const { environment, stdin, stdout } = parts
  const settings = readSettings(parts, options)
  const { config } = settings.loaded
  const { home } = environment
  const keymap = readKeymap(parts, settings.places, config)
  const themes = new Themes({ root: parts.root, places: settings.places, home, name: config.theme })

  let log: Log | undefined
  const bus = new Bus((error, event) => {
    log?.error(`a handler of ${event} threw`, error)
    if (event !== 'app.failed') bus.emit('app.failed', { failure: describe(error) })
  })
  const life = new AbortController()
  const owned = new Disposables()
  let close!: (closing: Closing) => void
  const closed = new Promise<Closing>((resolve) => (close = resolve))
  const display = openScreen({
    stdin,
    stdout,
    term: environment.term ?? '',
    theme: themes.load(),
    depth: chooseDepth(config.screen.colors, {
      NO_COLOR: environment.noColor ? '1' : undefined,
      COLORTERM: environment.colorterm,
      TERM: environment.term,
    }),
    mouse: config.screen.mouse,
    escapeMs: config.screen.escape_ms,
    title: 'drydock',
    process,
    onSignal: (signal) => close({ exitCode: 128 + signalNumbers[signal] }),
    onCrash: (error) => log?.error('ended by a defect', error),
  })
  owned.add(display)
  owned.add(
    display.onBackground((isLight) => {
      const theme = themes.onBackground(isLight)
      if (theme !== undefined) display.setTheme(theme)
    }),
  )
  const opened: { session?: Session } = {}
  const arrangements = new ProjectBook(join(settings.places.data, 'panes.json'), isArrangement)
  const store = owned.add(new Store(bus))
  const paths = owned.add(
    new KnownPaths({ bus, list: (signal) => listPaths(settings.project, opened.session, signal), now: Date.now }),
  )
  const prompts = new PromptBook({ dataDir: settings.places.data, project: settings.project })
  const bench = () => opened.session?.bench.opened
  const files = owned.add(
    new WorkspaceFiles({
      bus,
      project: settings.project,
      opened: () => bench() && { sandbox: bench()!.sandbox, root: bench()!.workspace.root },
      look: async () => opened.session?.agent.look(bench()!.workspace),
      signal: life.signal,
    }),
  )
  const app = openApp({
    screen: display,
    bus,
    store,
    keymap,
    home,
    now: Date.now,
    arrangement: arrangements.read().get(settings.project),
    keepArrangement: (arrangement) => keep(arrangements, settings.project, arrangement),
    source: screenSource({
      settings: () => opened.session?.settings() ?? settings,
      themes,
      outside: async () => {
        const { outside } = await import('./outside.ts')
        return outside({ environment, lend: (use) => display.lend(use), signal: life.signal })
      },
      diff: async (path, context) => (await opened.session!.bench.open(life.signal)).workspace.diff(path, context),
      paths,
      prompts,
      files,
    }),
  })
  owned.add(app)
  owned.add(bus.on('app.quit', () => close({ exitCode: 0 })))
  const early = holdIntents(bus)
  display.draw()

  try {
    await new Promise((resolve) => setImmediate(resolve)) // the first frame goes out before anything else is loaded
    parts.keepCode()
    const { openSession, rereading, startBench } = await loadSession()
    const { lineSettings, startWatchdog } = await import('../tui/watchdog.ts')
    display.setGuard({ settings: lineSettings, start: startWatchdog })
    owned.add(
      followFiles(parts, {
        settings,
        reread: rereading(parts, options),
        screen: display,
        keymap,
        themes,
        onMistake: (error) => bus.emit('app.failed', { failure: describe(error) }),
      }),
    )
    const { callPerson } = await import('./calling.ts')
    owned.add(callPerson(parts, { config, screen: display, bus }))
    const { publishStats } = await import('./stats.ts')
    const session = await openSession(parts, {
      bus,
      settings,
      reread: rereading(parts, options),
      answerer: askPerson(bus),
      mode: config.mode,
      workspace: options.workspace,
      trustAsked: () => asked,
    })
    const asked = askAboutProject(session, life.signal)
    owned.add(session)
    opened.session = session
    prompts.open(session.redacted)
    owned.add(publishStats(bus, session))
    log = session.log
    early.release()
    const tasks = [startBench(session, life.signal), asked]
    if (firstModel(config, settings.credentials) === undefined)
      tasks.push(offerSetup(parts, session, bus, life.signal, close))
    for (const task of tasks)
      task.catch((error: unknown) => {
        if (!isAbort(error, life.signal)) session.publish('app.failed', { failure: describe(error) })
      })
    if (prompt !== undefined) bus.emit('prompt.submit', { text: prompt })
    const keeping = setTimeout(() => parts.keepCode(), settledMs)
    owned.add({ dispose: () => clearTimeout(keeping) })
    return await closed
  } finally {
    life.abort()
    display.dispose()
    await owned.dispose()
  }
}

/** How panes are arranged is not worth a word where it cannot be kept. */
function keep(book: ProjectBook<Arrangement>, project: string, arrangement: Arrangement): void {
  try {
    book.write(book.read().set(project, arrangement))
  } catch {
    // They are as they were at the next start.
  }
}

/** The workspace's files; while there is none yet, the project's. */
async function listPaths(project: string, session: Session | undefined, signal: AbortSignal): Promise<string[]> {
  const { workspacePaths } = await import('../workspace/paths.ts')
  const opened = session?.bench.opened
  const inside = opened && (await workspacePaths(opened.sandbox, opened.workspace.root, signal))
  if (inside !== undefined) return inside
  const { projectPaths } = await import('../workspace/project-paths.ts')
  return projectPaths(project, signal)
}

async function askAboutProject(session: Session, signal: AbortSignal): Promise<void> {
  const { askTrust } = await import('./trusting.ts')
  await askTrust(session, signal)
}

async function offerSetup(
  parts: Parts,
  session: Session,
  bus: Bus,
  signal: AbortSignal,
  close: (closing: Closing) => void,
): Promise<void> {
  const { offer } = await import('./setup.ts')
  await offer(session, bus, { signal, showDemo: () => close('demo'), environment: parts.environment })
}

/** What the person asks for before the session stands is kept, and asked again once it does. */
function holdIntents(bus: Bus): { release(): void } {
  const held: (() => void)[] = []
  const hold = <K extends keyof Intents>(name: K) =>
    bus.on(name, (payload) => void held.push(() => bus.emit(name, payload)))
  const holding = [hold('prompt.submit'), hold('command.submit'), hold('mode.choose')]
  return {
    release: () => {
      for (const one of holding) one.dispose()
      for (const again of held) again()
    },
  }
}

const signalNumbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 }
