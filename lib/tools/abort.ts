/**
 * Waits for `work`, but no longer than until `signal` is aborted: then its reason is thrown. The work itself goes on
 * to its end unheard, which is right for one request to the file channel and for nothing long.
 */
export async function heed<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop!)
  }
}
