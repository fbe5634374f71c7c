import type { Mode } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { type Ended, exits } from './exit.ts'
import { isLost, projectOf, runningSessions, tableOf } from './living.ts'
import type { Parts } from './parts.ts'
import { takePast } from './past.ts'
import { latestSession, listed, namedSession } from './sessions.ts'

export interface ResumeOptions {
  /** Its name, or a beginning of it; absent: what was left last in this project. */
  session?: string
  /** Only lists what there is. */
  list: boolean
  /** Lines in, lines out. */
  plain: boolean
  model?: string
  backend?: string
  mode?: Mode
}

/**
 * `agent resume`: the screen of a session that has lost its own, or of one that has ended, from its log. Gives the exit
 * code.
 */
export async function resume(parts: Parts, options: ResumeOptions): Promise<Ended> {
  if (options.list) {
    await listed(parts, Date.now())
    return exits.done
  }
  const running = await runningOne(parts, options.session)
  if (running === undefined) return reopen(parts, options)
  if (options.plain)
    throw new Failure('busy', `Session ${running} still runs: \`agent resume ${running}\` shows it, on a screen alone.`)
  const { takeOver } = await import('./attach.ts')
  return takeOver(parts, running)
}

async function reopen(parts: Parts, { session, plain, model, backend, mode }: ResumeOptions): Promise<Ended> {
  const opening = await takePast(parts, session, { model, backend, mode })
  try {
    if (plain) return await (await import('./plain.ts')).plain(parts, opening)
    return await (await import('./screen.ts')).screen(parts, opening)
  } finally {
    await opening.past.lock.release() // where it did not come to a session
  }
}

/**
 * The session that runs and is meant: the named one, or one that waits for a screen; one of this project comes first, and
 * one of another is taken where this one has none to go on with. Failure `usage` where several wait.
 */
async function runningOne(parts: Parts, name: string | undefined): Promise<string | undefined> {
  const all = await runningSessions(parts)
  if (name !== undefined) {
    const { id } = namedSession(parts, name)
    return all.find(({ session }) => session === id)?.session
  }
  const lost = all.filter(isLost)
  const project = projectOf(parts)
  const here = lost.filter((one) => one.project === project)
  const elsewhere = here.length === 0 && !(await hasEnded(parts))
  const among = elsewhere ? lost : here
  if (among.length > 1)
    throw new Failure(
      'usage',
      `Several sessions wait for a screen; say which, as in \`agent resume ${among[0]!.session}\`:\n${tableOf(parts, among)}`,
    )
  return among[0]?.session
}

async function hasEnded(parts: Parts): Promise<boolean> {
  try {
    await latestSession(parts)
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'missing') return false
    throw error
  }
}
