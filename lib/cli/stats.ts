import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Session } from './session.ts'

/** Publishes what the sandbox uses while a turn is at work: for who looks at it. */
export function publishStats(bus: Bus, { bench, publish }: Pick<Session, 'bench' | 'publish'>): Disposable {
  const owned = new Disposables()
  let working = false
  let watching: AbortController | undefined

  const watch = async (signal: AbortSignal) => {
    const { opened } = bench
    if (opened === undefined) return
    const { sandbox, network } = opened
    for await (const stats of sandbox.stats(signal)) {
      if (!signal.aborted) publish('sandbox.stats', { ...stats, network: network?.traffic ?? { sent: 0, received: 0 } })
    }
  }
  const restart = () => {
    watching?.abort()
    if (!working) return
    watching = new AbortController()
    // Where the sandbox does not answer, its status says so.
    watch(watching.signal).catch(() => {})
  }
  owned.add(
    bus.on('turn.started', () => {
      working = true
      restart()
    }),
  )
  owned.add(
    bus.on('turn.ended', () => {
      working = false
      restart()
    }),
  )
  owned.add(
    bus.on('sandbox.status', ({ state }) => {
      if (state === 'ready') restart()
    }),
  )
  owned.add({ dispose: () => watching?.abort() })
  return owned
}
