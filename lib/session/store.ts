import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SessionLog, unwritable, type LogOptions } from './log.ts'

/** A session as its folder describes it (session.json). */
export interface SessionEntry {
  /** Sorts by the time of its start. */
  id: string
  /** Absolute path of the project. */
  project: string
  /** Milliseconds since 1970. */
  at: number
  /** Its folder: log.jsonl is in it. */
  folder: string
}

export interface Session extends SessionEntry {
  log: SessionLog
}

/**
 * Makes a folder for a new session under `dataDir`/sessions, readable for its owner alone, with an empty log.
 * Failure `disk` where it cannot be made. The caller disposes the log.
 */
export function createSession({
  dataDir,
  project,
  redact,
  now = Date.now,
}: { dataDir: string; project: string } & LogOptions): Session {
  const at = now()
  const id = idFor(at)
  const folder = join(dataDir, 'sessions', id)
  try {
    mkdirSync(join(dataDir, 'sessions'), { recursive: true, mode: 0o700 })
    mkdirSync(folder, { mode: 0o700 })
    writeFileSync(join(folder, 'session.json'), `${JSON.stringify({ project, at })}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw unwritable(folder, error)
  }
  return { id, project, at, folder, log: new SessionLog(logPath(folder), { redact, now }) }
}

/** The sessions kept under `dataDir`, the newest first; of one project where it is named. Damaged ones are left out. */
export function listSessions(dataDir: string, project?: string): SessionEntry[] {
  return foldersIn(join(dataDir, 'sessions'))
    .toSorted()
    .toReversed()
    .flatMap((id) => readEntry(id, join(dataDir, 'sessions', id)))
    .filter((entry) => project === undefined || entry.project === project)
}

export function logPath(folder: string): string {
  return join(folder, 'log.jsonl')
}

/** `20260131T235959123Z-1f0c9a2b`: the time in UTC to the millisecond, and chance. */
function idFor(at: number): string {
  return `${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function readEntry(id: string, folder: string): SessionEntry[] {
  try {
    const { project, at } = JSON.parse(readFileSync(join(folder, 'session.json'), 'utf8')) as Record<string, unknown>
    return typeof project === 'string' && typeof at === 'number' ? [{ id, project, at, folder }] : []
  } catch {
    return []
  }
}
