import { setImmediate, setTimeout as sleep } from 'node:timers/promises'

/** Words between two pauses where there is no rate: whoever reads has to get a turn of the event loop now and then. */
const burst = 64

/**
 * Gives a text word by word, `rate` words a second (0: as fast as it is taken). Throws the signal's reason on abort.
 */
export async function* paced(text: string, rate: number, signal: AbortSignal): AsyncGenerator<string> {
  const started = performance.now()
  let given = 0
  for (const word of text.match(/\s*\S+|\s+$/g) ?? []) {
    signal.throwIfAborted()
    yield word
    given += 1
    if (rate > 0) await pause(started + (given * 1000) / rate - performance.now(), signal)
    else if (given % burst === 0) await setImmediate()
  }
  signal.throwIfAborted()
}

/** Waits; throws the signal's reason on abort. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (ms <= 0) return
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
