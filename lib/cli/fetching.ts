import type { Approvals } from '../agent/approval.ts'
import type { Publish } from '../agent/publish.ts'
import type { Bus } from '../core/bus.ts'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import { fetchCommits, ownCommits } from '../workspace/git/commits.ts'
import type { Bench } from './bench.ts'

export interface FetchingOptions {
  bus: Bus
  publish: Publish
  approvals: Approvals
  bench: Bench
  /** The project's branch becomes `drydock/NAME`. */
  name: string
  onFailure(error: unknown): void
}

/** Brings the agent's commits to the project whenever the person wants it, after the yes that the policy wants. */
export function fetchOnDemand({ bus, publish, approvals, bench, name, onFailure }: FetchingOptions): Disposable {
  const life = new AbortController()
  const { signal } = life
  const fetch = async () => {
    const { git, sandbox } = await bench.open(signal)
    if (git.problem) throw git.problem
    const commits = git.repositories.length > 0 ? await ownCommits(sandbox, signal) : []
    if (commits.length === 0)
      throw new Failure('missing', 'The workspace has no commits that the project does not have.')
    const title = `Write the agent's commits to the project as the branch drydock/${name}?`
    const body = commits.map(({ id, author, subject }) => `${id.slice(0, 10)} ${author}: ${subject}`)
    const permission = await approvals.permit({ kind: 'project', subject: 'fetch', title, body }, signal)
    if (!permission.allowed) throw new Failure('denied', `The commits were not fetched: ${permission.reason}`)
    publish('commits.fetched', await fetchCommits(git, sandbox, { name, signal }))
  }
  const heard = bus.on('commits.fetch', () => {
    fetch().catch((error: unknown) => {
      if (!signal.aborted) onFailure(error)
    })
  })
  return {
    dispose: () => {
      heard.dispose()
      life.abort(new Failure('sandbox', 'The session has ended.'))
    },
  }
}
