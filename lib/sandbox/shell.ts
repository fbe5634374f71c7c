import { randomBytes } from 'node:crypto'
import type { Disposable } from '../core/dispose.ts'
import type { Enclosure } from './enclosure.ts'
import { byStatus } from './run.ts'
import type { Exit, Shell, Size } from './sandbox.ts'
import { type Ended, ShellSession } from './shell-session.ts'

/** Milliseconds that a command has for heeding Ctrl-C. */
const politeMs = 300
/** Milliseconds after Ctrl-C at which a shell that still does not answer is given up. */
const givenUpMs = 850

export interface ShellOptions {
  enclosure: Enclosure
  /** The working directory at first. */
  cwd: string
  size: Size
  /** Sends a request to the loop that ends processes inside. Rejects where the sandbox is gone. */
  kill: (line: string) => Promise<unknown>
}

/**
 * The shell that a session keeps: where bash ends, by `exit` or because it had to be killed, the next command gets a
 * new one in the same working directory.
 */
export class PersistentShell implements Shell {
  cwd: string
  private readonly options: ShellOptions
  private size: Size
  private session: ShellSession | undefined
  private last: Promise<unknown> = Promise.resolve()
  private readonly listeners = new Set<(text: string) => void>()
  private disposed = false

  private constructor(options: ShellOptions) {
    this.options = options
    this.cwd = options.cwd
    this.size = options.size
  }

  /** Errors: `Failure` `sandbox`. */
  static async open(options: ShellOptions): Promise<PersistentShell> {
    const shell = new PersistentShell(options)
    await shell.renewed()
    return shell
  }

  run(
    command: string,
    options: { signal: AbortSignal; timeoutMs?: number; onOutput?: (text: string) => void },
  ): Promise<Exit> {
    const started = performance.now()
    const exit = this.last.then(async () => {
      if (options.signal.aborted) return ended('cancelled', started)
      return this.runNow(command, options)
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

  input(bytes: string): void {
    this.session?.input(bytes)
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

  /** The signal of the command at work. */
  private current: AbortSignal | undefined

  private async renewed(): Promise<ShellSession> {
    if (this.session !== undefined && !this.session.ended) return this.session
    const { enclosure } = this.options
    const open = (cwd: string) => ShellSession.open(enclosure, cwd, this.size, (text) => this.show(text))
    try {
      this.session = await open(this.cwd)
    } catch (error) {
      // The working directory may be gone; the first one is there as long as the sandbox is.
      if (this.cwd === this.options.cwd) throw error
      this.session = await open(this.options.cwd)
    }
    this.cwd = this.session.cwd
    if (this.disposed) this.session.hangUp()
    return this.session
  }

  private show(text: string): void {
    for (const listener of this.listeners) listener(text)
  }

  private async runNow(
    command: string,
    { signal, timeoutMs, onOutput }: { signal: AbortSignal; timeoutMs?: number; onOutput?: (text: string) => void },
  ): Promise<Exit> {
    const session = await this.renewed()
    const started = performance.now()
    const tag = randomBytes(12).toString('hex')
    this.current = signal
    const done = session.run(command, tag, (text) => onOutput?.(text))
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
      ])
      if (first === 'cancelled' || first === 'timeout') {
        await this.interrupt(session, tag, done)
        return ended(first, started)
      }
      return await this.exitOf(first, session, started)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort!)
      this.current = undefined
      this.cwd = session.cwd
    }
  }

  private async exitOf({ status, withShell }: Ended, session: ShellSession, started: number): Promise<Exit> {
    if (withShell) {
      // What the shell leaves behind goes with it; where that cannot be asked for, the sandbox has gone.
      const asked = this.options.kill(`kill ${session.tag}`)
      const lost = await asked.then(
        () => false,
        () => true,
      )
      if (lost) return ended('lost', started)
    }
    return { ...byStatus(status), reason: 'exited', ms: Math.round(performance.now() - started) }
  }

  /** Ends the command: politely, then by force, then with its shell. */
  private async interrupt(session: ShellSession, tag: string, done: Promise<Ended>): Promise<void> {
    session.input('\x03')
    const heeded = await within(politeMs, done)
    // Whatever it started that Ctrl-C did not reach.
    const killed = heeded ? this.options.kill(`kill ${tag}`) : this.killHard(session, tag)
    await within(givenUpMs - politeMs, Promise.all([killed.catch(() => {}), done]))
    if (await within(0, done)) return
    this.options.kill(`kill ${session.tag}`).catch(() => {})
    session.abandon()
  }

  private async killHard(session: ShellSession, tag: string): Promise<void> {
    await this.options.kill(`foreground ${session.pid}`)
    await this.options.kill(`kill ${tag}`)
  }
}

function ended(reason: 'cancelled' | 'timeout' | 'lost', started: number): Exit {
  return { code: null, signal: null, reason, ms: Math.round(performance.now() - started) }
}

/** Whether a promise settles in that many milliseconds. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
