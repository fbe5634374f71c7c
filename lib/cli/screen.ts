import { constants } from 'node:os'
import { askPerson } from '../agent/answerers.ts'
import { PromptBook } from '../config/prompt-book.ts'
import { Bus } from '../core/bus.ts'
import { Disposables } from '../core/dispose.ts'
import type { Intents } from '../core/events.ts'
import { describe, isAbort } from '../core/failure.ts'
import type { Log } from '../core/log.ts'
import { type EndingHandlers, onEnding } from '../tui/ending.ts'
import { initialState, isWorking, recallingState } from '../tui/state.ts'
import { Store } from '../tui/store.ts'
import { Attendance } from './attendance.ts'
import { guardTerminal, openDisplay } from './display.ts'
import { type Ended, exits } from './exit.ts'
import { followFiles } from './following.ts'
import { openFront } from './front.ts'
import { loadSession } from './load-session.ts'
import type { Parts } from './parts.ts'
import { ownReads } from './reads.ts'
import type { Taken } from '../session/past.ts'
import type { Session } from './session.ts'
import { type SettingsOptions, firstModel, readSettings } from './settings.ts'
import { WorkspaceFiles } from './workspace-files.ts'

/** Milliseconds after which what a session needs has been loaded. */
const settledMs = 2000

export interface ScreenOptions extends SettingsOptions {
  /** Which of the project's workspaces; the first that is free where absent. */
  workspace?: string
  /** A session that has ended, to go on with. */
  past?: Taken
}

/** Why a screen was closed: for good, or to show the demo. */
type Closing = Ended | 'demo'

/** `agent [DIR]`: the screen, until the person quits. Gives the exit code, or the session to go on with. */
export async function screen(parts: Parts, options: ScreenOptions): Promise<Ended> {
  const closing = await show(parts, options)
  return closing === 'demo' ? demoScreen(parts) : closing
}

/** `agent demo`: the screen on the demo's project, with its model at work. */
export async function demoScreen(parts: Parts): Promise<Ended> {
  const { demoModel, demoPrompt, demoProject } = await import('./demo.ts')
  const closing = await show(parts, { dir: await demoProject(parts), model: demoModel(parts) }, demoPrompt)
  return closing === 'demo' ? exits.done : closing
}

async function show(parts: Parts, options: ScreenOptions, prompt?: string): Promise<Closing> {
  let settings = readSettings(parts, options)

  let log: Log | undefined
  const bus = new Bus((error, event) => {
    log?.error(`a handler of ${event} threw`, error)
    if (event !== 'app.failed') bus.emit('app.failed', { failure: describe(error) })
  })
  const life = new AbortController()
  const owned = new Disposables()
  const front = owned.add(new Disposables())
  let close!: (closing: Closing) => void
  const closed = new Promise<Closing>((resolve) => (close = resolve))
  const { past: taken } = options
  const store = owned.add(new Store(bus, taken ? recallingState : initialState))
  const attendance = owned.add(
    new Attendance({
      awayMs: settings.loaded.config.screen.away_minutes * 60_000,
      isWorking: () => isWorking(store.state),
      onOver: () => close(128 + constants.signals.SIGHUP),
    }),
  )
  const here = attendance.arrive()
  let hungUp = false
  const endings: EndingHandlers = {
    onSignal: (signal) => (signal === 'SIGHUP' ? hangUp() : close(128 + constants.signals[signal])),
    onCrash: (error) => log?.error('ended by a defect', error),
  }
  /** The terminal is gone; the session may go on without it, and hears signals as before. */
  const hangUp = () => {
    if (hungUp) return
    hungUp = true
    onEnding(process, () => undefined, endings) // to the very end: a hang-up is told of more than once
    log?.info('the terminal is gone', { working: isWorking(store.state) })
    void front.dispose()
    void here.dispose()
  }
  const display = openDisplay(parts, settings, endings)
  front.add(display.screen)
  const opened: { session?: Session } = {}
  const { project, places } = settings
  const prompts = new PromptBook({ dataDir: places.data, project })
  const bench = () => opened.session?.bench.opened
  const files = owned.add(
    new WorkspaceFiles({
      bus,
      project,
      opened: () => bench() && { sandbox: bench()!.sandbox, root: bench()!.workspace.root },
      look: async () => opened.session?.agent.look(bench()!.workspace),
      signal: life.signal,
    }),
  )
  const reads = ownReads({ project, session: () => opened.session, prompts, files, signal: life.signal })
  const now = () => opened.session?.settings() ?? settings
  front.add(
    openFront({
      parts,
      display,
      bus,
      store,
      reads,
      prompts,
      files,
      settings: now,
      leaveFor: (resume) => close({ resume }),
      signal: life.signal,
    }),
  )
  owned.add(bus.on('app.quit', () => close(exits.done)))
  const early = holdIntents(bus)
  display.screen.draw()

  try {
    await new Promise((resolve) => setImmediate(resolve)) // the first frame goes out before anything else is loaded
    parts.keepCode()
    void closed.then(() => life.abort())
    const opening = taken && (await recalled(parts, { ...options, past: taken }, store, life.signal))
    if (opening !== undefined) settings = readSettings(parts, opening)
    const { config } = settings.loaded
    const { openSession, rereading, runBeside, startBench } = await loadSession()
    await guardTerminal(display.screen)
    const reread = rereading(parts, opening ?? options)
    front.add(
      followFiles(parts, {
        ...display,
        settings,
        reread,
        onMistake: (error) => bus.emit('app.failed', { failure: describe(error) }),
      }),
    )
    const { callPerson } = await import('./calling.ts')
    front.add(callPerson(parts, { config, screen: display.screen, bus }))
    const { publishStats } = await import('./stats.ts')
    const session = await openSession(parts, {
      bus,
      settings,
      reread,
      answerer: askPerson(bus),
      mode: config.mode,
      workspace: options.workspace,
      past: opening?.past,
      trustAsked: () => asked,
    })
    const asked = askAboutProject(session, life.signal)
    owned.add(session)
    opened.session = session
    prompts.open(session.redacted)
    owned.add(publishStats(bus, session, Date.now))
    log = session.log
    early.release()
    const tasks = [startBench(session, life.signal), asked]
    if (firstModel(config, settings.credentials) === undefined)
      tasks.push(offerSetup(parts, session, bus, life.signal, close))
    runBeside(session, tasks, life.signal)
    if (prompt !== undefined) bus.emit('prompt.submit', { text: prompt })
    const keeping = setTimeout(() => parts.keepCode(), settledMs)
    owned.add({ dispose: () => clearTimeout(keeping) })
    const { serveSession } = await import('./serving.ts')
    const served = serveSession(parts, { session, bus, store, attendance, methods: reads })
    served.catch((error: unknown) => session.log.warn('no other process can look at this session', error))
    owned.add({ dispose: async () => (await served.catch(() => undefined))?.dispose() })
    return await closed
  } catch (error) {
    if (life.signal.aborted && isAbort(error, life.signal)) return await closed
    throw error
  } finally {
    life.abort()
    display.screen.dispose()
    await owned.dispose()
  }
}

/** Reads what a session from before was like, and shows it. */
async function recalled<Given extends ScreenOptions & { past: Taken }>(
  parts: Parts,
  given: Given,
  store: Store,
  signal: AbortSignal,
) {
  const [{ remember }, { Replayed }] = await Promise.all([import('./past.ts'), import('../tui/replayed.ts')])
  const told = new Replayed()
  const opening = await remember(parts, given, { onEvent: (logged) => told.take(logged), signal })
  store.replace(told.state)
  return opening
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
