import { nearest } from '../config/nearest.ts'
import { dataDir, tilde } from '../config/paths.ts'
import { Failure } from '../core/failure.ts'
import type { Living } from '../remote/client.ts'
import { type Glance, glance } from '../session/glance.ts'
import { holderOf } from '../session/past.ts'
import { listSessions, type SessionEntry } from '../session/store.ts'
import { age } from '../tui/format/age.ts'
import type { SessionRow } from '../tui/source.ts'
import { isNamed, projectOf, runningSessions, shortName } from './living.ts'
import type { Parts } from './parts.ts'
import { visible } from './unified.ts'

/** A session in which something was asked, and whether it has ended. */
export interface KnownSession extends Glance {
  /** It answers: a screen can be put on it. */
  running?: Living
  /** The process that has it; undefined once it has ended. */
  pid?: number
}

/** Sessions that are looked at for a list: the latest. */
const most = 200

/** The sessions of a project in which something was asked, the one used last first. */
export async function sessionsOf(parts: Parts, project: string): Promise<KnownSession[]> {
  const running = await runningSessions(parts)
  const entries = listSessions(dataDir(parts.environment), project).slice(0, most)
  const all = entries.flatMap((entry) => glance(entry) ?? [])
  const known = all.map(async (one): Promise<KnownSession> => {
    const living = running.find(({ session }) => session === one.id)
    return { ...one, running: living, pid: living?.pid ?? (await holderOf(one)) }
  })
  return (await Promise.all(known)).toSorted((a, b) => b.usedAt - a.usedAt)
}

/** The same, to choose from. */
export async function rowsOf(parts: Parts, project: string): Promise<SessionRow[]> {
  const all = await sessionsOf(parts, project)
  return all.map((one) => ({ session: one.id, prompt: one.prompt, usedAt: one.usedAt, state: standing(one) }))
}

/** How a session stands, in a few words. */
export function standing({ running, pid, cut }: Pick<KnownSession, 'running' | 'pid' | 'cut'>): string {
  if (running) return `${running.working ? 'at work' : 'waiting'}${running.screens === 0 ? ', without a screen' : ''}`
  if (pid !== undefined) return `at work in process ${pid}`
  return cut ? 'interrupted' : 'ended'
}

/**
 * The session that is meant by its name, the beginning of it or of its end, whatever its project. Failure `usage` where
 * several are, `missing` where none is, with the nearest there is.
 */
export function namedSession(parts: Parts, name: string): SessionEntry {
  const all = listSessions(dataDir(parts.environment))
  const found = all.filter(({ id }) => isNamed(id, name))
  const exact = found.find(({ id }) => id === name)
  if (exact === undefined && found.length > 1) {
    const rows = found.map(({ id, project }) => `  ${id}  ${visible(tilde(project, parts.environment.home))}`)
    throw new Failure('usage', `Several sessions are named so:\n${rows.join('\n')}`)
  }
  return exact ?? found[0] ?? fail(noSession(name, all))
}

/** The latest session of the project the person stands in that has ended. Failure `missing`. */
export async function latestSession(parts: Parts): Promise<SessionEntry> {
  const project = projectOf(parts)
  const where = visible(tilde(project, parts.environment.home))
  return (
    (await sessionsOf(parts, project)).find(({ pid }) => pid === undefined) ??
    fail(new Failure('missing', `There is no session of ${where} to go on with: \`agent\` begins one.`))
  )
}

/** `agent resume --list`: the sessions of the project the person stands in. */
export async function listed(parts: Parts, now: number): Promise<void> {
  const all = await sessionsOf(parts, projectOf(parts))
  if (all.length === 0) return void parts.stderr.write('There is no session of this project yet: `agent` begins one.\n')
  const rows = [['NAME', 'USED', 'STATE', 'FIRST PROMPT'], ...all.map((one) => rowOf(one, now))]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  for (const row of rows)
    parts.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}\n`,
    )
}

function rowOf(one: KnownSession, now: number): string[] {
  const [first = ''] = one.prompt.split('\n')
  return [
    shortName(one.id),
    age(one.usedAt, now),
    standing(one),
    visible(first.length > 60 ? `${first.slice(0, 59)}…` : first),
  ]
}

function noSession(name: string, all: readonly SessionEntry[]): Failure {
  const near = nearest(
    name,
    all.flatMap(({ id }) => [shortName(id), id]),
  )
  const hint = near === undefined ? '`agent resume --list` lists those of this project' : `did you mean ${near}?`
  return new Failure('missing', `There is no session ${visible(name)}; ${hint}${hint.endsWith('?') ? '' : '.'}`)
}

function fail(failure: Failure): never {
  throw failure
}
