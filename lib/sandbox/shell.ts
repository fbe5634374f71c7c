import { randomBytes } from 'node:crypto'
import type { Disposable } from '../core/dispose.ts'
import type { Job } from '../core/events.ts'
import { Aftermath } from './aftermath.ts'
import { announcement, epitaph } from './announce.ts'
import type { Breach } from './breach.ts'
import type { Enclosure } from './enclosure.ts'
import type { Gauges } from './gauges.ts'
import { interrupt } from './interrupt.ts'
import { Jobs } from './jobs.ts'
import { Keyboards } from './keyboard.ts'
import type { Trace } from './marks.ts'
import type { Processes } from './processes.ts'
import { byStatus } from './run.ts'
import type { CommandOptions, Exit, Keyboard, Ran, Shell, Size } from './sandbox.ts'
import { type Ended, ShellSession } from './shell-session.ts'

/** Milliseconds from one look at a running command's processes to the next. */
const watchMs = 1000
/** The person's command lines that are told of. */
const ranKept = 50

export interface ShellOptions {
  enclosure: Enclosure
  /** The working directory at first. */
  cwd: string
  size: Size
  processes: Processes
  gauges: Pick<Gauges, 'look' | 'isStill' | 'peek' | 'full'>
  /** Says that something may write from now on, until what is given is disposed. */
  writing: () => Disposable
  /** Hears what commands have left running, each time that has changed. */
  onJobs: (jobs: readonly Job[]) => void
  /** The most of processes and threads inside. */
  pids: number
}

/**
 * The shell that a session keeps: where bash ends, by `exit` or because it had to be killed, the next command gets a
 * new one in the same working directory.
 */
export class PersistentShell implements Shell {
  cwd: string
  private readonly options: ShellOptions
  private readonly background: Jobs
  private readonly aftermath: Aftermath
  private size: Size
  private session: ShellSession | undefined
  private last: Promise<unknown> = Promise.resolve()
  private readonly listeners = new Set<(text: string) => void>()
  private readonly keyboards: Keyboards
  /** The cursor stands at the beginning of a line, as far as one knows. */
  private fresh = true
  private disposed = false

  private constructor(options: ShellOptions) {
    this.options = options
    this.cwd = options.cwd
    this.size = options.size
    this.background = new Jobs(options.processes, randomBytes(12).toString('hex'), options.onJobs)
    this.aftermath = new Aftermath(options.gauges, this.background, options.pids)
    this.keyboards = new Keyboards({
      lend: () => this.lend(),
      askBack: (wanted) => this.session?.askBack(wanted),
    })
  }

  /** Errors: `Failure` `sandbox`. */
  static async open(options: ShellOptions): Promise<PersistentShell> {
    const shell = new PersistentShell(options)
    await shell.renewed()
    return shell
  }

  get jobs(): readonly Job[] {
    return this.background.list
  }

  run(command: string, options: CommandOptions): Promise<Exit> {
    const started = performance.now()
    const exit = this.last.then(async () => {
      const wish = { command, signal: options.signal, onWaiting: options.onWaiting }
      const done = await this.keyboards.during(wish, () => this.runNow(command, options))
      return done ?? ended('cancelled', started)
    })
    this.last = exit.catch(() => {})
    if (options.signal.aborted) return exit
    // A command that still waits for its turn need not wait to be cancelled.
    return new Promise((resolve, reject) => {
      const waiting = () => {
        if (this.current !== options.signal) resolve(ended('cancelled', started))
      }
      options.signal.addEventListener('abort', waiting, { once: true })
      exit.then(resolve, reject).finally(() => options.signal.removeEventListener('abort', waiting))
    })
  }

  takeKeyboard(): void {
    this.keyboards.take()
  }

  giveKeyboard(): void {
    this.keyboards.give()
  }

  onKeyboard(listener: (keyboard: Keyboard) => void): Disposable {
    return this.keyboards.onChange(listener)
  }

  input(bytes: string): void {
    this.options.writing().dispose()
    this.session?.input(bytes)
  }

  pause(on: boolean): void {
    this.session?.pause(on)
  }

  resize(size: Size): void {
    this.size = size
    this.session?.resize(size)
  }

  output(listener: (text: string) => void): Disposable {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }

  dispose(): void {
    this.disposed = true
    this.session?.hangUp()
  }

  /** Ends the command at work since it has reached a limit; where none is, what commands have left running. */
  async overflow(breach: Breach): Promise<void> {
    this.overflows.splice(0, Infinity, breach)
    if (this.stop !== undefined) this.stop()
    else await this.background.kill()
  }

  private readonly overflows: Breach[] = []
  /** The signal of the command at work, and what ends it for a limit. */
  private current: AbortSignal | undefined
  private stop: (() => void) | undefined

  private async renewed(): Promise<ShellSession> {
    if (this.session !== undefined && !this.session.ended) return this.session
    const { enclosure } = this.options
    const tag = this.background.tag()
    const onText = (text: string) => this.show(text)
    const open = (cwd: string) => ShellSession.open({ enclosure, cwd, size: this.size, tag, onText })
    try {
      this.session = await open(this.cwd)
    } catch (error) {
      // The working directory may be gone; the first one is there as long as the sandbox is.
      if (this.cwd === this.options.cwd) throw error
      this.session = await open(this.options.cwd)
    }
    this.background.shell = this.session
    this.cwd = this.session.cwd
    if (this.disposed) this.session.hangUp()
    return this.session
  }

  private show(text: string): void {
    if (text === '') return
    this.fresh = text.endsWith('\n')
    for (const listener of this.listeners) listener(text)
  }

  /** Shows a line of ours, whatever stands there. */
  private showLine(line: string): void {
    if (line !== '') this.show(`${this.fresh ? '' : '\r\n'}${line}`)
  }

  /** The shell is the person's until it was asked back, or has ended. */
  private async lend(): Promise<{ ran: Ran[]; left: boolean }> {
    const session = await this.renewed()
    const ran: Ran[] = []
    if (!this.fresh) this.show('\r\n')
    const done = session.lend(this.background.tag('your command'), (one) => {
      ran.push(one)
      if (ran.length > ranKept) ran.shift()
    })
    if (!this.keyboards.isHeld) session.askBack(true)
    const { as } = await done
    this.cwd = session.cwd
    // What a shell leaves behind goes with it.
    if (as !== 'command') await this.options.processes.kill(session.tag).catch(() => {})
    await this.background.look(undefined).catch(() => {})
    return { ran, left: as !== 'command' }
  }

  private async runNow(command: string, options: CommandOptions): Promise<Exit> {
    this.showLine(announcement(command))
    const writing = this.options.writing()
    const exit = await this.runShown(command, options).finally(() => writing.dispose())
    this.showLine(epitaph(exit))
    return exit
  }

  private async runShown(command: string, options: CommandOptions): Promise<Exit> {
    const attempt = (await this.attempt(command, options)) ?? (await this.attempt(command, options))
    if (attempt === undefined) return ended('lost', performance.now())
    const { trace, ...exit } = attempt
    if (exit.reason === 'lost') return exit
    try {
      const breaches = [...this.overflows.splice(0), ...(await this.aftermath.of(exit, trace))]
      return breaches.length > 0 ? { ...exit, breaches } : exit
    } catch {
      // It has just gone; whoever asks next will hear of it.
      return exit
    }
  }

  /** Stops the command once it goes on and on running into the limit of processes. */
  private watch(): Disposable {
    let before = { met: false, refused: 0 }
    const timer = setInterval(async () => {
      const look = await this.options.gauges.peek().catch(() => undefined)
      if (look === undefined) return
      const { refused } = look.usage
      const now = { met: look.breaches.some(({ limit }) => limit === 'pids'), refused }
      if (before.met && now.met && (refused > before.refused || refused === 0)) {
        // Where refusals are not counted, nothing tells of it afterwards.
        if (refused === 0) this.overflows.splice(0, Infinity, ...look.breaches)
        this.stop?.()
      }
      before = now
    }, watchMs)
    return { dispose: () => clearInterval(timer) }
  }

  /** Runs it in the shell that there is; undefined where that did not take it. */
  private async attempt(command: string, options: CommandOptions): Promise<(Exit & { trace?: Trace }) | undefined> {
    const { signal, timeoutMs, interactive } = options
    const session = await this.renewed()
    const started = performance.now()
    const tag = this.background.tag(command)
    this.current = signal
    let onBegun!: () => void
    const begun = new Promise<void>((resolve) => (onBegun = resolve))
    const done = session.run(command, { tag, interactive, onText: (text) => options.onOutput?.(text), onBegun })
    const watch = this.watch()
    let onAbort: (() => void) | undefined
    let timer: NodeJS.Timeout | undefined
    try {
      const first = await Promise.race([
        done,
        new Promise<'cancelled'>((resolve) => {
          onAbort = () => resolve('cancelled')
          signal.addEventListener('abort', onAbort, { once: true })
          if (signal.aborted) resolve('cancelled')
        }),
        new Promise<'timeout'>((resolve) => {
          if (timeoutMs !== undefined) timer = setTimeout(() => resolve('timeout'), timeoutMs)
        }),
        new Promise<'limit'>((resolve) => (this.stop = () => resolve('limit'))),
      ])
      if (typeof first === 'string') {
        await interrupt({ session, tag, begun, done, earlier: this.background.forks }, this.options.processes)
        return ended(first, started)
      }
      return await this.exitOf(first, session, started)
    } finally {
      watch.dispose()
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort!)
      this.current = undefined
      this.stop = undefined
      this.cwd = session.cwd
    }
  }

  private async exitOf({ status, as, trace }: Ended, session: ShellSession, started: number) {
    if (as !== 'command') {
      // What the shell leaves behind goes with it; where that cannot be asked for, the sandbox has gone.
      const asked = this.options.processes.kill(session.tag)
      const lost = await asked.then(
        () => false,
        () => true,
      )
      if (lost) return ended('lost', started)
      if (as === 'unheard') return undefined
    }
    return { ...byStatus(status), reason: 'exited' as const, ms: Math.round(performance.now() - started), trace }
  }
}

function ended(reason: Exclude<Exit['reason'], 'exited'>, started: number): Exit {
  return { code: null, signal: null, reason, ms: Math.round(performance.now() - started) }
}
