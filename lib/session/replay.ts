import { durable } from '../core/events.ts'
import type { Message } from '../core/messages.ts'
import { linesOf } from './lines.ts'
import type { LoggedEvent } from './log.ts'

/** A line that could not be understood; `line` counts from 1. */
export interface BadLine {
  line: number
  reason: string
}

export interface Replay {
  events: LoggedEvent[]
  bad: BadLine[]
}

/**
 * Reads a session log back. Lines that are damaged or of a kind this version does not know are told of and passed over;
 * an unfinished last line, as a crash leaves it, is nothing. Failure `missing` or `disk` where it cannot be read.
 */
export function readLog(path: string): Replay {
  const replay: Replay = { events: [], bad: [] }
  let number = 0
  for (const line of linesOf(path)) {
    const event = parseEvent(line)
    number += 1
    if (typeof event === 'string') replay.bad.push({ line: number, reason: event })
    else replay.events.push(event)
  }
  return replay
}

/** The conversation that a log holds, in order; for History, which closes what its end left open. */
export function messagesOf(events: readonly LoggedEvent[]): Message[] {
  return events.flatMap((logged) => (logged.event === 'message.added' ? [logged.data.message] : []))
}

/** The event of a line, or why it is none. */
export function parseEvent(line: string): LoggedEvent | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'This is no JSON.'
  }
  if (!isRecord(value)) return 'This is no object.'
  if (typeof value.at !== 'number' || typeof value.event !== 'string' || !isRecord(value.data)) {
    return 'An event has "at", "event" and "data".'
  }
  if (!isDurable(value.event)) return `The log keeps no event ${JSON.stringify(value.event)}.`
  if (value.event === 'message.added' && !isMessage(value.data.message)) return 'This message is damaged.'
  // The shape was checked as far as this program relies on it; the rest is as the version that wrote it left it.
  return value as unknown as LoggedEvent
}

function isDurable(name: string): boolean {
  return Object.hasOwn(durable, name) && durable[name as keyof typeof durable]
}

function isMessage(value: unknown): boolean {
  if (!isRecord(value) || !Array.isArray(value.parts)) return false
  const known = value.role === 'user' || value.role === 'assistant' || value.role === 'tool'
  return known && value.parts.every((part) => isRecord(part) && typeof part.type === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
