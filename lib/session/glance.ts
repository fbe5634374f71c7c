import { statSync } from 'node:fs'
import { linesBack, linesOf } from './lines.ts'
import { parseEvent } from './replay.ts'
import { logPath, type SessionEntry } from './store.ts'

/** What one wants to know of a session to tell it from others. */
export interface Glance extends SessionEntry {
  /** What was asked first; a command of the person's own begins with `!`. */
  prompt: string
  /** When something was last written, in milliseconds since 1970. */
  usedAt: number
  /** Its last turn has not ended. */
  cut: boolean
}

/** Characters of a prompt that are kept. */
const longest = 200

/** Reads as little of a session's log as tells what it is about. Undefined where nothing was asked in it. */
export function glance(entry: SessionEntry): Glance | undefined {
  const path = logPath(entry.folder)
  try {
    for (const line of linesOf(path)) {
      const started = turnIn(line, 'started')
      if (started?.event !== 'turn.started') continue
      const { kind, prompt } = started.data
      const text = (kind === 'command' ? `!${prompt}` : prompt).trim().slice(0, longest)
      return { ...entry, prompt: text, usedAt: statSync(path).mtimeMs, cut: isCut(path) }
    }
  } catch {
    // It has no log, or one that cannot be read.
  }
  return undefined
}

function isCut(path: string): boolean {
  for (const line of linesBack(path)) {
    if (turnIn(line, 'ended')) return false
    if (turnIn(line, 'started')) return true
  }
  return false
}

/** The event of a line where it is that one; most lines are not even parsed for it. */
function turnIn(line: string, what: 'started' | 'ended') {
  if (!line.includes(`"event":"turn.${what}"`)) return undefined
  const event = parseEvent(line)
  return typeof event !== 'string' && event.event === `turn.${what}` ? event : undefined
}
