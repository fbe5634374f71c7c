import { dataDir, runFolders, tilde } from '../config/paths.ts'
import { findProject } from '../config/project.ts'
import { Failure } from '../core/failure.ts'
import { connectTo, living, type Living, type Remote } from '../remote/client.ts'
import { protocol } from '../remote/protocol.ts'
import { listSessions } from '../session/store.ts'
import type { Parts } from './parts.ts'

/** The sessions that run on this machine: those of the project the person stands in first, then the newest. */
export async function runningSessions(parts: Parts): Promise<Living[]> {
  const project = standingIn(parts)
  const all = await living(runFolders(parts.environment))
  return [...all.filter((one) => one.project === project), ...all.filter((one) => one.project !== project)]
}

/** As `projectOf`; undefined in a folder that can be none, such as the person's home: what runs is found from there too. */
function standingIn(parts: Parts): string | undefined {
  try {
    return projectOf(parts)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** The project that the person stands in. */
export function projectOf({ environment, cwd }: Parts): string {
  return findProject(cwd, { home: environment.home, dataDir: dataDir(environment) })
}

/**
 * Connects to a session that runs: the one that is named, or the first that there is. Failure `usage` where several are
 * meant, `missing` where there is none, `protocol` where it is of another version of the program.
 */
export async function connectToSession(parts: Parts, name?: string): Promise<Remote> {
  const all = await runningSessions(parts)
  const named = name === undefined ? all : all.filter(({ session }) => isNamed(session, name))
  const exact = named.find(({ session }) => session === name)
  if (name !== undefined && exact === undefined && named.length > 1)
    throw new Failure('usage', `Several sessions are named ${name}:\n${tableOf(parts, named)}`)
  const found = exact ?? named[0]
  if (found === undefined) throw new Failure('missing', notRunning(parts, name, all))
  if (found.protocol !== protocol || found.version !== parts.version)
    throw new Failure(
      'protocol',
      `Session ${found.session} runs Drydock ${found.version}, and this is ${parts.version}: only the same can show it.`,
    )
  return connectTo(found.folder, found.session)
}

/** Whether it goes on without a screen. */
export function isLost({ screens }: Living): boolean {
  return screens === 0
}

/** Whether a session is meant by a name: its beginning, or that of its end. */
export function isNamed(id: string, name: string): boolean {
  return id.startsWith(name) || shortName(id).startsWith(name)
}

/** The end of a session's name, which is enough to name it. */
export function shortName(id: string): string {
  return id.slice(id.lastIndexOf('-') + 1)
}

/** One session a line: its name, its project, and how it stands. */
export function tableOf({ environment }: Parts, sessions: readonly Living[]): string {
  return sessions
    .map(({ session, project, working, screens }) => {
      const stands = `${working ? 'at work' : 'waiting'}${screens === 0 ? ', without a screen' : ''}`
      return `  ${session}  ${tilde(project, environment.home)}  ${stands}`
    })
    .join('\n')
}

function notRunning(parts: Parts, name: string | undefined, all: readonly Living[]): string {
  const others = all.length > 0 ? ` These run:\n${tableOf(parts, all)}` : ''
  if (name === undefined) return 'No session runs on this machine: `agent` begins one.'
  const ended = listSessions(dataDir(parts.environment)).find(({ id }) => isNamed(id, name))
  if (ended === undefined) return `There is no session ${name}.${others}`
  return `Session ${ended.id} has ended: \`agent resume ${ended.id}\` goes on with it.${others}`
}
