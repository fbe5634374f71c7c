import type { Engine } from './engine.ts'
import { followProgress } from './progress.ts'

/** Milliseconds without a word from the registry after which a pull is given up. */
const pullPatienceMs = 60_000

export interface PullOptions {
  name: string
  onProgress: (line: string) => void
  signal: AbortSignal
}

/** Fetches an image from its registry. Gives why it could not be had; undefined when it was. An abort throws its reason. */
export async function pull(engine: Engine, { name, onProgress, signal }: PullOptions): Promise<string | undefined> {
  onProgress(`pulling ${name}`)
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(), pullPatienceMs)
  const either = AbortSignal.any([signal, stalled.signal])
  try {
    const answer = await engine.docker.pull(name, { abortSignal: either })
    await followProgress(answer, either, (event) => {
      timer.refresh()
      if (event.status && !event.progress) onProgress(event.id ? `${event.status} ${event.id}` : event.status)
    })
    return undefined
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (stalled.signal.aborted) return 'the registry does not answer'
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}
