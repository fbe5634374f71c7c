import { askPerson } from '../agent/answerers.ts'
import { Bus } from '../core/bus.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import type { Past } from '../session/past.ts'
import { conversationText } from '../tui/conversation-text.ts'
import { Replayed } from '../tui/replayed.ts'
import { Store } from '../tui/store.ts'
import { Dialogue } from './dialogue.ts'
import { exits } from './exit.ts'
import { Lines } from './lines.ts'
import type { Parts } from './parts.ts'
import { remember } from './past.ts'
import { PlainSetup } from './plain-setup.ts'
import type { ScreenOptions } from './screen.ts'
import { openSession, rereading, runBeside, startBench } from './session.ts'
import { firstModel, readSettings } from './settings.ts'
import { Teller } from './teller.ts'

/**
 * `agent --plain`: a conversation of lines, for screen readers and terminals that cannot place text. Nothing moves the
 * cursor, nothing is coloured; what the screen shows is said. Ends with the input or `/quit`; gives the exit code.
 */
export async function plain(parts: Parts, options: ScreenOptions): Promise<number> {
  const ended = await talk(parts, options)
  return ended === 'demo' ? plainDemo(parts) : ended
}

/** The same on the demo's project, with its model at work; the person goes on from there. */
export async function plainDemo(parts: Parts): Promise<number> {
  const { demoModel, demoProject, demoPrompt } = await import('./demo.ts')
  const ended = await talk(parts, { dir: await demoProject(parts), model: demoModel(parts) }, demoPrompt)
  return ended === 'demo' ? exits.done : ended
}

/** An exit code, or the wish to see the demo. */
type Ending = number | 'demo'

async function talk(parts: Parts, given: ScreenOptions, prompt?: string): Promise<Ending> {
  const { stdout } = parts
  const told = new Replayed()
  const { past: taken, ...fresh } = given
  const options: Omit<ScreenOptions, 'past'> & { past?: Past } = taken
    ? await remember(parts, { ...fresh, past: taken }, { onEvent: (logged) => told.take(logged) })
    : fresh
  const settings = readSettings(parts, options)
  const { config } = settings.loaded
  const bus = new Bus((error) => process.nextTick(() => Promise.reject(error)))
  const life = new AbortController()
  const owned = new Disposables()
  const { past } = options
  const before = past && told.state
  const store = owned.add(new Store(bus, before))
  const teller = new Teller(parts, { plain: true })
  teller.listen(bus)
  bus.on('app.failed', ({ failure }) => teller.note(failure.message))
  if (before) for (const line of conversationText(before).trimEnd().split('\n')) teller.note(line)
  teller.note(`Drydock in ${settings.project}. Type what is to be done, or /help.`)
  try {
    const session = owned.add(
      await openSession(parts, {
        bus,
        settings,
        reread: rereading(parts, options),
        answerer: askPerson(bus),
        mode: config.mode,
        workspace: options.workspace,
        past,
        trustAsked: () => asked,
      }),
    )
    const { askTrust } = await import('./trusting.ts')
    const asked = askTrust(session, life.signal)
    let end!: (ending: Ending | undefined) => void
    const ended = new Promise<Ending | undefined>((resolve) => (end = resolve))
    const setup = new PlainSetup({ bus, store, teller, askSecret: () => lines.askSecret() })
    const workspace = async () => (await session.bench.open(life.signal)).workspace
    const dialogue = new Dialogue({ bus, store, teller, stdout, workspace, setup })
    const lines = owned.add(
      new Lines(parts.stdin, {
        line: (text) => dialogue.take(text),
        closed: () => void dialogue.close().then(() => end(undefined)),
      }),
    )
    owned.add(bus.on('app.quit', () => end(exits.done)))
    owned.add(onInterrupt(() => (store.state.turn === undefined ? end(exits.cancelled) : bus.emit('turn.cancel', {}))))
    const beside = [startBench(session, life.signal), asked]
    if (firstModel(config, settings.credentials) === undefined) {
      const { offer } = await import('./setup.ts')
      const showDemo = () => end('demo')
      beside.push(offer(session, bus, { signal: life.signal, showDemo, environment: parts.environment }))
    }
    runBeside(session, beside, life.signal)
    if (prompt !== undefined) {
      stdout.write(`${prompt}\n`)
      bus.emit('prompt.submit', { text: prompt })
    }
    const ending = await ended
    // Whoever quits means now; where only the input has ended, what it asked for is still done.
    if (ending === undefined) await session.agent.idle()
    return ending ?? exits.done
  } finally {
    life.abort()
    await owned.dispose()
  }
}

/** Hears Ctrl-C until it is disposed. */
function onInterrupt(interrupt: () => void): Disposable {
  process.on('SIGINT', interrupt)
  return { dispose: () => void process.off('SIGINT', interrupt) }
}
