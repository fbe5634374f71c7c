import type { Facts } from '../core/events.ts'
import { initialState, reduce, type State } from './state.ts'

type Fact = { [K in keyof Facts]: { event: K; data: Facts[K] } }[keyof Facts]

/**
 * The state of a session that ended, from what its log kept: the conversation, the plan and what was used. What only a
 * session at work has is left out.
 */
export function replayed(facts: Iterable<Fact>): State {
  let state = initialState
  for (const { event, data } of facts) state = reduce(state, event, data)
  const { local, sandbox, setup, queue, questions, changes, ignored, ports, jobs, report } = initialState
  return { ...state, local, sandbox, setup, queue, questions, changes, ignored, ports, jobs, report }
}
