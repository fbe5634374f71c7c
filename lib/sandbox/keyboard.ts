import { describe, type FailureFact } from '../core/failure.ts'
import type { Keyboard, Ran } from './sandbox.ts'

/** The shell, as what is lent. */
export interface Lender {
  /** Makes it the person's. Settles once it is ours again: because it was asked back, or because they left it. */
  lend(): Promise<{ ran: Ran[]; left: boolean }>
  /** Asks for it back, or lets the person keep it after all. */
  askBack(wanted: boolean): void
}

/**
 * Who has the keyboard of the shell. The person takes it at any time: while a command of the agent's runs they type for that,
 * and when none does the shell is theirs. The agent's next command waits until it was given back: never do both type.
 */
export class Keyboards {
  private readonly lender: Lender
  private readonly listeners = new Set<(keyboard: Keyboard) => void>()
  private readonly waiters = new Set<() => void>()
  private held = false
  /** The shell is the person's, also while it was given back and a command of theirs runs on. */
  private lent = false
  private working = false
  private waiting: string | undefined

  constructor(lender: Lender) {
    this.lender = lender
  }

  /** Whether what the person types is for the shell. */
  get isHeld(): boolean {
    return this.held
  }

  take(): void {
    if (this.held) return
    this.held = true
    if (this.lent) this.lender.askBack(false)
    else if (!this.working) void this.lend()
    this.tell()
  }

  give(): void {
    if (!this.held) return
    this.held = false
    if (this.lent) this.lender.askBack(true)
    this.tell()
  }

  /** Runs something of the agent's once the person has nothing to do with the shell; not at all once the signal is aborted. */
  async during<T>(
    { command, signal, onWaiting }: { command: string; signal: AbortSignal; onWaiting?: () => void },
    run: () => Promise<T>,
  ): Promise<T | undefined> {
    if (this.held || this.lent) {
      onWaiting?.()
      await this.untilFree(command, signal)
    }
    if (signal.aborted) return undefined
    this.working = true
    try {
      return await run()
    } finally {
      this.working = false
      if (this.held && !this.lent) void this.lend()
    }
  }

  onChange(listener: (keyboard: Keyboard) => void): { dispose(): void } {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }

  private async untilFree(command: string, signal: AbortSignal): Promise<void> {
    this.waiting = command
    this.tell()
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!signal.aborted && (this.held || this.lent)) return
        this.waiters.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.waiters.add(look)
      signal.addEventListener('abort', look)
      look()
    })
    this.waiting = undefined
    this.tell()
  }

  private async lend(): Promise<void> {
    this.lent = true
    let end: { ran: Ran[]; left: boolean; failure?: FailureFact }
    try {
      end = await this.lender.lend()
    } catch (error) {
      end = { ran: [], left: true, failure: describe(error) }
    }
    this.lent = false
    // Who leaves the shell has done with it.
    if (end.left) this.held = false
    const { ran, failure } = end
    this.tell({ ...(ran.length > 0 && { ran }), ...(failure && { failure }) })
    if (this.held) await this.lend()
  }

  private tell(end: Pick<Keyboard, 'ran' | 'failure'> = {}): void {
    const holder = this.held ? ('person' as const) : ('agent' as const)
    const busy = !this.held && this.lent
    const { waiting } = this
    const keyboard: Keyboard = { holder, busy, ...(waiting !== undefined && { waiting }), ...end }
    for (const listener of this.listeners) listener(keyboard)
    for (const waiter of Array.from(this.waiters)) waiter()
  }
}
