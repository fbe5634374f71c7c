import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Session } from './session.ts'

/** Milliseconds that one asking lasts: whoever looks asks again with each sample, and a screen that is lost does not. */
const askedMs = 3_000

/**
 * Publishes what the sandbox uses while a turn is at work, and while somebody asks for it. `now`: milliseconds since 1970.
 */
export function publishStats(
  bus: Bus,
  { bench, publish }: Pick<Session, 'bench' | 'publish'>,
  now: () => number,
): Disposable {
  const owned = new Disposables()
  let working = false
  let askedAt = -Infinity
  let watching: AbortController | undefined
  const isWanted = () => working || now() < askedAt + askedMs

  const watch = async (signal: AbortSignal) => {
    const { opened } = bench
    if (opened === undefined) return
    const { sandbox, network } = opened
    for await (const stats of sandbox.stats(signal)) {
      if (signal.aborted || !isWanted()) return
      const traffic = network?.traffic ?? { sent: 0, received: 0 }
      publish('sandbox.stats', { ...stats, network: traffic, at: now() })
    }
  }
  const start = () => {
    if (watching !== undefined || !isWanted()) return
    const mine = new AbortController()
    watching = mine
    // Where the sandbox does not answer, its status says so.
    const over = watch(mine.signal).catch(() => {})
    void over.then(() => {
      if (watching === mine) watching = undefined
    })
  }
  const stop = () => {
    watching?.abort()
    watching = undefined
  }
  owned.add(
    bus.on('turn.started', () => {
      working = true
      start()
    }),
  )
  owned.add(
    bus.on('turn.ended', () => {
      working = false
      if (!isWanted()) stop()
    }),
  )
  owned.add(
    bus.on('stats.ask', () => {
      askedAt = now()
      start()
    }),
  )
  owned.add(
    bus.on('sandbox.status', ({ state }) => {
      if (state !== 'ready') return
      stop()
      start()
    }),
  )
  owned.add({ dispose: stop })
  return owned
}
