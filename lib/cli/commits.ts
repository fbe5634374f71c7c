import { grantedAhead } from '../agent/answerers.ts'
import { Bus } from '../core/bus.ts'
import { Failure } from '../core/failure.ts'
import { listSessions } from '../session/store.ts'
import { type OwnCommit, fetchCommits, ownCommits } from '../workspace/git/commits.ts'
import { agreed } from './confirm.ts'
import { exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { openSession, rereading } from './session.ts'
import { readSettings } from './settings.ts'
import { visible } from './unified.ts'
import { chooseWorkspace } from './workspace.ts'

export interface CommitsOptions {
  act: 'list' | 'fetch'
  /** A branch of the workspace's, or any other revision; what is checked out there where absent. */
  revision?: string
  /** The project's branch becomes `drydock/AS`; the last session's name where absent. */
  as?: string
  /** The person has said yes already. */
  yes: boolean
  workspace?: string
}

/**
 * `agent commits`: what the agent committed and the project does not have; `agent commits fetch` brings it to the project
 * as a branch, after a yes. Exit code 1 after a no.
 */
export async function commits(parts: Parts, { act, revision, as, yes, workspace }: CommitsOptions): Promise<number> {
  const settings = readSettings(parts)
  const { policy } = settings.loaded.config
  if (act === 'fetch' && policy.project === 'deny')
    throw new Failure('policy', 'Nothing was fetched: the policy denies writing to the project.')
  const [last] = listSessions(settings.places.data, settings.project)
  const session = await openSession(parts, {
    bus: new Bus((error) => process.nextTick(() => Promise.reject(error))),
    settings,
    reread: rereading(parts, {}),
    answerer: grantedAhead([]),
    mode: 'review',
    workspace: await chooseWorkspace(parts, settings, workspace),
  })
  try {
    const signal = AbortSignal.timeout(300_000)
    const { git, sandbox } = await session.bench.open(signal)
    if (git.problem) throw git.problem
    const found = git.repositories.length > 0 ? await ownCommits(sandbox, signal, revision) : []
    if (found.length === 0) {
      parts.stderr.write('The workspace has no commits that the project does not have.\n')
      return exits.done
    }
    const out = act === 'list' ? parts.stdout : parts.stderr
    for (const commit of found) out.write(line(commit))
    if (act === 'list') return exits.done
    const name = as ?? (last ?? session).id
    const question = `Write them to the project as the branch drydock/${visible(name)}?`
    if (!(await agreed(parts, { yes, verdict: policy.project }, question))) return exits.failed
    const { branch, commits: count } = await fetchCommits(git, sandbox, { name, revision, signal })
    const what = count === 1 ? '1 commit' : `${count} commits`
    parts.stderr.write(
      `Fetched ${what} as ${branch}: \`git log ${branch}\` shows, \`git merge ${branch}\` takes over.\n`,
    )
    return exits.done
  } finally {
    await session.dispose()
  }
}

function line({ id, author, at, subject }: OwnCommit): string {
  const date = new Date(at)
  const when = Number.isNaN(date.getTime()) ? 'no date' : date.toISOString().slice(0, 16).replace('T', ' ')
  return `${id.slice(0, 10)}  ${when}  ${visible(author)}: ${visible(subject)}\n`
}
