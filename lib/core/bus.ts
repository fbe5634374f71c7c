import { EventEmitter } from 'eventemitter3'
import type { Disposable } from './dispose.ts'
import type { Events } from './events.ts'

type Handler<K extends keyof Events> = (payload: Events[K]) => void

/**
 * The one place where the parts of the program meet. Synchronous and in order: an event emitted by a handler waits
 * until every handler of the present one has run. Handlers return nothing; one that throws is reported, and the
 * others still run.
 */
export class Bus {
  private readonly emitter = new EventEmitter()
  private readonly any = new Set<(name: keyof Events, payload: unknown) => void>()
  private readonly queue: (() => void)[] = []
  private draining = false
  private readonly report: (error: unknown, event: keyof Events) => void

  /** `report` hears of handlers that threw: a defect, to be logged and never to be hidden. */
  constructor(report: (error: unknown, event: keyof Events) => void) {
    this.report = report
  }

  on<K extends keyof Events>(name: K, handler: Handler<K>): Disposable {
    const guarded = (payload: Events[K]) => this.guard(name, () => handler(payload))
    this.emitter.on(name, guarded)
    return { dispose: () => void this.emitter.off(name, guarded) }
  }

  /** Hears every event: for the reducer of the screen and for `--json`. */
  onAny(handler: <K extends keyof Events>(name: K, payload: Events[K]) => void): Disposable {
    const guarded = (name: keyof Events, payload: unknown) =>
      this.guard(name, () => handler(name, payload as Events[typeof name]))
    this.any.add(guarded)
    return { dispose: () => void this.any.delete(guarded) }
  }

  emit<K extends keyof Events>(name: K, payload: Events[K]): void {
    this.queue.push(() => {
      this.emitter.emit(name, payload)
      for (const handler of Array.from(this.any)) handler(name, payload)
    })
    if (this.draining) return
    this.draining = true
    try {
      while (this.queue.length > 0) this.queue.shift()!()
    } finally {
      this.draining = false
    }
  }

  private guard(name: keyof Events, run: () => void): void {
    try {
      run()
    } catch (error) {
      this.report(error, name)
    }
  }
}
