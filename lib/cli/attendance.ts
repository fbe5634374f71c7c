import type { Disposable } from '../core/dispose.ts'

export interface AttendanceOptions {
  /** How long a session goes on while nobody has it on a screen, in milliseconds; 0: not at all. */
  awayMs: number
  /** Whether there is work that is worth it. */
  isWorking(): boolean
  /** Nobody is there any more, or was for too long. */
  onOver(): void
}

/**
 * Who has a session on a screen. When the last of them goes while a turn is at work, the session goes on without any for
 * a time, in which a screen may come back; without a turn it is over at once.
 */
export class Attendance implements Disposable {
  private readonly options: AttendanceOptions
  private readonly present = new Set<Disposable>()
  private timer: NodeJS.Timeout | undefined

  constructor(options: AttendanceOptions) {
    this.options = options
  }

  get screens(): number {
    return this.present.size
  }

  /** A screen is there, until what is given is disposed. */
  arrive(): Disposable {
    clearTimeout(this.timer)
    const one = { dispose: () => this.leave(one) }
    this.present.add(one)
    return one
  }

  dispose(): void {
    clearTimeout(this.timer)
    this.present.clear()
  }

  private leave(one: Disposable): void {
    if (!this.present.delete(one) || this.present.size > 0) return
    const { awayMs, isWorking, onOver } = this.options
    if (awayMs === 0 || !isWorking()) return onOver()
    this.timer = setTimeout(onOver, awayMs)
  }
}
