import { runFolders } from '../config/paths.ts'
import type { Bus } from '../core/bus.ts'
import type { Disposable } from '../core/dispose.ts'
import type { Service } from '../remote/host-client.ts'
import { Host } from '../remote/host.ts'
import { protocol } from '../remote/protocol.ts'
import { partsOf } from '../tui/snapshot.ts'
import { isWorking } from '../tui/state.ts'
import type { Store } from '../tui/store.ts'
import type { Attendance } from './attendance.ts'
import type { Parts } from './parts.ts'
import type { Session } from './session.ts'

export interface ServedSession {
  session: Session
  bus: Bus
  store: Store
  attendance: Attendance
  methods: Service['methods']
}

/**
 * Lets `agent attach` and `agent resume` find the session. Rejects with the reason where there is no folder that can hold
 * its socket.
 */
export async function serveSession(parts: Parts, served: ServedSession): Promise<Disposable> {
  const { session, bus, store, attendance, methods } = served
  const { project } = session.settings()
  const options: Service = {
    bus,
    methods,
    greeting: () => ({
      protocol,
      version: parts.version,
      session: session.id,
      project,
      pid: process.pid,
      at: session.at,
      working: isWorking(store.state),
      screens: attendance.screens,
    }),
    snapshot: () => partsOf(store.state),
    onScreen: () => attendance.arrive(),
  }
  let problem: unknown
  for (const folder of runFolders(parts.environment)) {
    try {
      return await Host.open({ ...options, folder })
    } catch (error) {
      problem ??= error
    }
  }
  throw problem
}
