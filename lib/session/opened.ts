import type { Disposable } from '../core/dispose.ts'
import type { Lock } from '../workspace/lock.ts'
import { type LogOptions, SessionLog } from './log.ts'
import { lockSession, type Past } from './past.ts'
import { createSession, logPath } from './store.ts'

/** A session whose log this process writes, and no other one. */
export interface OpenedSession extends Disposable {
  readonly id: string
  /** When it was begun, in milliseconds since 1970. */
  readonly at: number
  readonly log: SessionLog
}

/** Begins a session of a project. Failure `disk`. */
export async function beginSession(options: Parameters<typeof createSession>[0]): Promise<OpenedSession> {
  const session = createSession(options)
  try {
    return opened(session, session.log, await lockSession(session))
  } catch (error) {
    session.log.dispose()
    throw error
  }
}

/** Goes on with one that has ended: its log says from now on what became of the turn that was cut off. Failure `disk`. */
export async function goOnWith(past: Past, options: LogOptions): Promise<OpenedSession> {
  let log: SessionLog | undefined
  try {
    log = new SessionLog(logPath(past.folder), options)
    for (const { event, data } of past.closing) log.append(event, data)
    return opened(past, log, past.lock)
  } catch (error) {
    log?.dispose()
    await past.lock.release()
    throw error
  }
}

function opened({ id, at }: Pick<Past, 'id' | 'at'>, log: SessionLog, lock: Lock): OpenedSession {
  const dispose = async () => {
    log.dispose()
    await lock.release()
  }
  return { id, at, log, dispose }
}
