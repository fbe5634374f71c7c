import { join } from 'node:path'
import type { Mode } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { mainWorkspace } from '../workspace/name.ts'
import { Lock } from '../workspace/lock.ts'
import { type LoggedEvent, unwritable } from './log.ts'
import { readLog } from './replay.ts'
import { logPath, type SessionEntry } from './store.ts'

/** A session that has ended, and is this process's to go on with. */
export interface Past extends SessionEntry {
  lock: Lock
  /** All that its log holds, and what ends a turn that was cut off: that is to be appended before anything else is. */
  events: readonly LoggedEvent[]
  closing: readonly LoggedEvent[]
}

/** What a session was like when it was left. What is not known is left out. */
export interface Manner {
  model?: string
  mode?: Mode
  /** The name of the workspace that it worked in. */
  workspace?: string
  /** It had no sandbox. */
  local: boolean
  /** The number of its last turn; 0: there was none. */
  turns: number
}

/** The right to write a session's log. Failure `busy` where another process has it, `disk`. */
export async function lockSession({ id, folder }: Pick<SessionEntry, 'id' | 'folder'>): Promise<Lock> {
  try {
    return await Lock.take(lockPath(folder))
  } catch (error) {
    if (!(error instanceof Failure)) throw unwritable(logPath(folder), error)
    if (error.code !== 'busy') throw error
    const pid = (await Lock.holder(lockPath(folder)))?.pid
    const where = pid === undefined ? 'another process' : `process ${pid}`
    throw new Failure(
      'busy',
      `Session ${id} is at work in ${where}: \`agent attach ${id}\` shows it, where it can be shown.`,
    )
  }
}

/** The process that has a session; undefined where nobody does. */
export async function holderOf({ folder }: Pick<SessionEntry, 'folder'>): Promise<number | undefined> {
  return (await Lock.holder(lockPath(folder)))?.pid
}

/** Takes an ended session. Failure `busy` where it has not ended, `missing` or `disk` where its log cannot be read. */
export async function takeUp(entry: SessionEntry, now: number): Promise<Past> {
  const lock = await lockSession(entry)
  try {
    const { events } = readLog(logPath(entry.folder))
    return { ...entry, lock, events, closing: closingOf(events, now) }
  } catch (error) {
    await lock.release()
    throw error
  }
}

export function mannerOf(events: readonly LoggedEvent[]): Manner {
  const manner: Manner = { local: false, turns: 0 }
  for (const { event, data } of events) {
    if (event === 'session.opened') {
      manner.local = data.local === true
      manner.mode = data.mode
      manner.model = data.model ?? manner.model
    } else if (event === 'model.chosen') manner.model = data.model
    else if (event === 'mode.chosen') manner.mode = data.mode
    else if (event === 'sandbox.status' && data.state === 'ready') manner.workspace = data.workspace ?? mainWorkspace
    else if (event === 'turn.started') manner.turns = Math.max(manner.turns, data.turn)
  }
  return manner
}

/** What a session says that ended before its turn did: no question waits any more, and the turn was interrupted. */
function closingOf(events: readonly LoggedEvent[], at: number): LoggedEvent[] {
  const asked = new Set<string>()
  let turn: { turn: number; at: number } | undefined
  for (const { event, data } of events) {
    if (event === 'approval.asked') asked.add(data.id)
    else if (event === 'approval.settled') asked.delete(data.id)
    else if (event === 'turn.started') turn = data
    else if (event === 'turn.ended') turn = undefined
  }
  const settled = [...asked].map((id): LoggedEvent => ({ at, event: 'approval.settled', data: { id, answer: 'no' } }))
  if (turn === undefined) return settled
  const ms = Math.max(0, (events.at(-1)?.at ?? turn.at) - turn.at)
  return [...settled, { at, event: 'turn.ended', data: { turn: turn.turn, end: 'interrupted', ms, at } }]
}

function lockPath(folder: string): string {
  return join(folder, 'lock')
}
