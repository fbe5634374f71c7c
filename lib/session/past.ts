import { join } from 'node:path'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { Mode } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Message } from '../core/messages.ts'
import { mainWorkspace } from '../workspace/name.ts'
import { Lock } from '../workspace/lock.ts'
import { linesOf } from './lines.ts'
import { type LoggedEvent, unwritable } from './log.ts'
import { parseEvent } from './replay.ts'
import { logPath, type SessionEntry } from './store.ts'

/** A session that has ended, and is this process's to go on with. */
export interface Taken extends SessionEntry {
  lock: Lock
}

/** One whose log was read. */
export interface Past extends Taken {
  /** The conversation as the model is told it. */
  messages: readonly Message[]
  manner: Manner
  /** What ends a turn that was cut off: to be appended before anything else is. */
  closing: readonly LoggedEvent[]
}

/** What a session was like when it was left. What is not known is left out. */
export interface Manner {
  model?: string
  mode?: Mode
  /** The name of the workspace that it worked in. */
  workspace?: string
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

/** Takes an ended session. Failure `busy` where it has not ended. */
export async function takeUp(entry: SessionEntry): Promise<Taken> {
  return { ...entry, lock: await lockSession(entry) }
}

/** Whether a session has no sandbox: it never changes that, so that its beginning says it. Failure `missing`, `disk`. */
export function isLocal({ folder }: Pick<SessionEntry, 'folder'>): boolean {
  for (const line of linesOf(logPath(folder))) {
    const logged = parseEvent(line)
    if (typeof logged !== 'string' && logged.event === 'session.opened') return logged.data.local === true
  }
  return false
}

/** Milliseconds of reading after which whatever else there is to do has its turn. */
const sliceMs = 8

/** What is small, and tells how a session was left. */
const telling: ReadonlySet<string> = new Set<LoggedEvent['event']>([
  'session.opened',
  'model.chosen',
  'mode.chosen',
  'sandbox.status',
  'turn.started',
  'turn.ended',
  'approval.asked',
  'approval.settled',
])

/**
 * Reads the log of a session that was taken, slice by slice, so that a screen lives meanwhile. `onEvent` hears every event
 * in its order, those of `closing` last. Failure `missing` or `disk` where it cannot be read; an abort rethrows its reason.
 */
export async function recall(
  taken: Taken,
  options: { now: number; onEvent?: (logged: LoggedEvent) => void; signal?: AbortSignal },
): Promise<Past> {
  const { now, onEvent, signal } = options
  const messages: Message[] = []
  const told: LoggedEvent[] = []
  let last: LoggedEvent | undefined
  let since = performance.now()
  for (const line of linesOf(logPath(taken.folder))) {
    const logged = parseEvent(line)
    if (typeof logged === 'string') continue
    last = logged
    if (logged.event === 'message.added') messages.push(logged.data.message)
    else if (telling.has(logged.event)) told.push(logged)
    onEvent?.(logged)
    if (performance.now() - since < sliceMs) continue
    await turnOfLoop()
    signal?.throwIfAborted()
    since = performance.now()
  }
  const closing = closingOf(told, last?.at, now)
  if (onEvent !== undefined) closing.forEach(onEvent)
  return { ...taken, messages, manner: mannerOf(told), closing }
}

export function mannerOf(events: readonly LoggedEvent[]): Manner {
  const manner: Manner = { turns: 0 }
  for (const { event, data } of events) {
    if (event === 'session.opened') {
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
function closingOf(events: readonly LoggedEvent[], lastAt: number | undefined, at: number): LoggedEvent[] {
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
  const ms = Math.max(0, (lastAt ?? turn.at) - turn.at)
  return [...settled, { at, event: 'turn.ended', data: { turn: turn.turn, end: 'interrupted', ms, at } }]
}

function lockPath(folder: string): string {
  return join(folder, 'lock')
}
