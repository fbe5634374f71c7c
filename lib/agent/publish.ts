import type { Bus } from '../core/bus.ts'
import type { Events, Facts } from '../core/events.ts'

/** Where facts are kept. `append` returns once the fact will outlive this process, and throws where it cannot. */
export interface Log {
  append<K extends keyof Facts>(name: K, payload: Events[K]): void
}

/** Makes a fact known. Throws what the log throws; then nobody has heard of it. */
export type Publish = <K extends keyof Facts>(name: K, payload: Events[K]) => void

/** The one way for facts: first on disk, then to everybody. (Which facts are kept is the log's table to say.) */
export function publisher(bus: Bus, log: Log): Publish {
  return (name, payload) => {
    log.append(name, payload)
    bus.emit(name, payload)
  }
}
