import { type FailureFact, describe } from '../core/failure.ts'

/** The exit codes of the program, as `agent --help` and the README give them. */
export const exits = { done: 0, failed: 1, usage: 2, limit: 3, denied: 4, cancelled: 130 } as const

/** How a screen ended: with an exit code, or for another session, which is to be gone on with. */
export type Ended = number | { resume: string }

/** The exit code for what was thrown, or for how a turn failed. */
export function exitCodeOf(error: unknown): number {
  const { code }: FailureFact = isFact(error) ? error : describe(error)
  if (code === 'usage' || code === 'config' || code === 'policy') return exits.usage
  if (code === 'limit') return exits.limit
  if (code === 'denied') return exits.denied
  if (code === 'cancelled') return exits.cancelled
  return exits.failed
}

function isFact(error: unknown): error is FailureFact {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error
}
