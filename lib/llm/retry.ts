import { Failure } from '../core/failure.ts'
import { pause } from './pace.ts'
import type { Delta, ModelRequest, Provider } from './provider.ts'

/** What is told before each wait. `attempt`: the number of the try to come, from 2. */
export interface Retry {
  attempt: number
  inMs: number
  failure: Failure
}

export interface RetryLimits {
  attempts: number
  /** The first wait; each further one is twice as long, up to `longestMs`. */
  firstMs: number
  longestMs: number
  /** Milliseconds of waiting altogether. */
  totalMs: number
}

const defaults: RetryLimits = { attempts: 6, firstMs: 1000, longestMs: 30_000, totalMs: 180_000 }

/**
 * Streams an answer, and tries again where the service failed with `rate` or `network` before it had said anything.
 * Waits as long as the service asks, else ever longer by half to whole steps. When that would be more than the limits
 * allow, the failure itself is thrown. On abort the signal's reason.
 */
export async function* streamWithRetry(
  provider: Provider,
  request: ModelRequest,
  signal: AbortSignal,
  onRetry: (retry: Retry) => void = () => {},
  limits: Partial<RetryLimits> = {},
): AsyncGenerator<Delta> {
  const { attempts, firstMs, longestMs, totalMs } = { ...defaults, ...limits }
  let waited = 0
  for (let attempt = 1; ; attempt++) {
    let begun = false
    try {
      for await (const delta of provider.stream(request, signal)) {
        begun = true
        yield delta
      }
      return
    } catch (failure) {
      if (begun || attempt >= attempts || !isPassing(failure) || signal.aborted) throw failure
      const step = Math.min(firstMs * 2 ** (attempt - 1), longestMs)
      const inMs = failure.retryAfterMs ?? Math.round(step * (0.5 + Math.random() / 2))
      waited += inMs
      if (waited > totalMs) throw failure
      onRetry({ attempt: attempt + 1, inMs, failure })
      await pause(inMs, signal)
    }
  }
}

function isPassing(error: unknown): error is Failure {
  return error instanceof Failure && (error.code === 'rate' || error.code === 'network')
}
