import type { Bus } from '../core/bus.ts'
import type { Disposable } from '../core/dispose.ts'
import { reduce } from './reduce.ts'
import { initialState, type State } from './state.ts'

/** The state as the facts on a bus make it. It outlives a screen, and may have several. */
export class Store implements Disposable {
  private current: State
  private readonly listeners = new Set<(state: State, before: State) => void>()
  private readonly heard: Disposable

  constructor(bus: Bus, from: State = initialState) {
    this.current = from
    this.heard = bus.onAny((name, payload) => this.replace(reduce(this.current, name, payload)))
  }

  get state(): State {
    return this.current
  }

  /** Takes a state from elsewhere, as a screen does that looks on from another process. */
  replace(state: State): void {
    const before = this.current
    if (state === before) return
    this.current = state
    for (const listener of this.listeners) listener(state, before)
  }

  /** Hears of each state that differs from the one before. */
  onChange(listener: (state: State, before: State) => void): Disposable {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }

  dispose(): void {
    void this.heard.dispose()
  }
}
