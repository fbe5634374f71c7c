import type { Agent } from '../agent/agent.ts'
import type { Publish } from '../agent/publish.ts'
import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Keyboard, Shell, Size } from '../sandbox/sandbox.ts'
import type { Bench } from './bench.ts'
import { Feed } from './feed.ts'

export interface TerminalParts {
  bus: Bus
  publish: Publish
  bench: Bench
  agent: Pick<Agent, 'look'>
  onFailure: (error: unknown) => void
}

/** Links the sandbox's shell to the bus: what it shows, who has its keyboard, what the person types. */
export function linkTerminal({ bus, publish, bench, agent, onFailure }: TerminalParts): Disposable {
  const owned = new Disposables()
  const life = new AbortController()
  let size: Size | undefined
  let known: Shell | undefined

  /** The shell that there is, opened where there is none. */
  const shell = async () => (await bench.open(life.signal)).sandbox.shell(size)
  const attempt = (work: () => Promise<void>) =>
    void work().catch((error: unknown) => life.signal.aborted || onFailure(error))

  function attach(opened: Shell): void {
    if (opened === known) return
    known = opened
    if (size !== undefined) opened.resize(size)
    const feed = owned.add(
      new Feed(
        (piece) => publish('terminal.output', piece),
        (on) => opened.pause(on),
      ),
    )
    owned.add(opened.output((text) => feed.push(text)))
    owned.add(
      opened.onKeyboard((keyboard) => {
        feed.lossless = keyboard.holder === 'person'
        hear(keyboard)
      }),
    )
  }

  function hear({ ran, failure, ...keyboard }: Keyboard): void {
    publish('keyboard.changed', keyboard)
    if (failure !== undefined) publish('app.failed', { failure })
    if (ran === undefined) return
    publish('terminal.used', { commands: ran })
    const workspace = bench.opened?.workspace
    if (workspace !== undefined) attempt(() => agent.look(workspace))
  }

  owned.add(
    bus.on('sandbox.status', ({ state }) => {
      if (state === 'ready') owned.add(bench.opened!.sandbox.onShell(attach))
    }),
  )
  owned.add(bus.on('terminal.input', ({ bytes }) => known?.input(bytes)))
  owned.add(
    bus.on('terminal.resize', (wanted) => {
      size = wanted
      known?.resize(wanted)
    }),
  )
  owned.add(
    bus.on('keyboard.choose', ({ holder }) => {
      if (holder === 'agent') known?.giveKeyboard()
      else attempt(async () => (await shell()).takeKeyboard())
    }),
  )
  owned.add({ dispose: () => life.abort() })
  return owned
}
