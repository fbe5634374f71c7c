import { createInterface } from 'node:readline'
import { askPerson } from '../agent/answerers.ts'
import { Bus } from '../core/bus.ts'
import { Disposables } from '../core/dispose.ts'
import type { Past } from '../session/past.ts'
import { conversationText } from '../tui/conversation-text.ts'
import { Replayed } from '../tui/replayed.ts'
import { Store } from '../tui/store.ts'
import { Dialogue } from './dialogue.ts'
import { exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { remember } from './past.ts'
import type { ScreenOptions } from './screen.ts'
import { openSession, rereading, runBeside, startBench } from './session.ts'
import { firstModel, readSettings } from './settings.ts'
import { Teller } from './teller.ts'

/**
 * `agent --plain`: a conversation of lines, for screen readers and terminals that cannot place text. Nothing moves the
 * cursor, nothing is coloured; what the screen shows is said. Ends with the input or `/quit`; gives the exit code.
 */
export async function plain(parts: Parts, given: ScreenOptions): Promise<number> {
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
    if (firstModel(config, settings.credentials) === undefined)
      teller.note('No model is chosen: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or `model` in config.toml.')
    runBeside(session, [startBench(session, life.signal), asked], life.signal)
    const workspace = async () => (await session.bench.open(life.signal)).workspace
    const code = await converse(new Dialogue({ bus, store, teller, stdout, workspace }), parts.stdin, { bus, store })
    // Whoever quits means now; where only the input has ended, what it asked for is still done.
    if (code === undefined) await session.agent.idle()
    return code ?? exits.done
  } finally {
    life.abort()
    await owned.dispose()
  }
}

/** Lets the person talk. Gives the exit code with which they quit; undefined where their input came to its end. */
function converse(
  dialogue: Dialogue,
  stdin: NodeJS.ReadStream,
  { bus, store }: { bus: Bus; store: Store },
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: stdin, terminal: false })
    const end = (code: number | undefined) => {
      process.off('SIGINT', interrupt)
      resolve(code)
      lines.close()
    }
    const interrupt = () => (store.state.turn === undefined ? end(exits.cancelled) : bus.emit('turn.cancel', {}))
    process.on('SIGINT', interrupt)
    bus.on('app.quit', () => end(exits.done))
    lines.on('line', (line) => dialogue.take(line))
    lines.on('close', () => void dialogue.close().then(() => end(undefined)))
  })
}
