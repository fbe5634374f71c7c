import type { Facts } from '../core/events.ts'
import { reduce } from './reduce.ts'
import { initialState, type State } from './state.ts'

type Fact = { [K in keyof Facts]: { event: K; data: Facts[K] } }[keyof Facts]

/** Makes the state of a session that ended, from what its log kept: the conversation, the plan and what was used. */
export class Replayed {
  private replayed: State = initialState

  /** Takes the next of the log's events. */
  take({ event, data }: Fact): void {
    this.replayed = reduce(this.replayed, event, data)
  }

  /** What only a session at work has is left out. */
  get state(): State {
    const { local, sandbox, setup, queue, questions, changes, ignored, ports, jobs, report } = initialState
    return { ...this.replayed, local, sandbox, setup, queue, questions, changes, ignored, ports, jobs, report }
  }
}
