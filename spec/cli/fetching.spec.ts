import { expect } from 'chai'
import { Approvals } from '../../lib/agent/approval.ts'
import type { Publish } from '../../lib/agent/publish.ts'
import type { Bench } from '../../lib/cli/bench.ts'
import { fetchOnDemand } from '../../lib/cli/fetching.ts'
import type { Verdict } from '../../lib/config/schema.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Answer } from '../../lib/core/events.ts'
import { describe as told } from '../../lib/core/failure.ts'
import { embeddedOrSkip } from '../support/sandbox.ts'
import { Scene } from '../workspace/git/scene.ts'

describe('fetching the agent’s commits from the screen', function () {
  this.timeout(60_000)
  let scene: Scene
  let verdict: Verdict = 'ask'
  let answer: Answer = 'no'
  let heard: string[] = []
  let next: (() => void) | undefined

  const hear = (line: string) => {
    heard.push(line)
    next?.()
  }

  const onFailure = (error: unknown) => hear(`${told(error).code}: ${told(error).message}`)

  before(async function () {
    const user = { uid: process.getuid!(), gid: process.getgid!() }
    scene = new Scene(await embeddedOrSkip(this), user).repository()
    await scene.open()
  })
  after(() => scene?.remove())

  it('asks by policy, and tells what came of it', async () => {
    const bus = new Bus((error) => process.nextTick(() => Promise.reject(error)))
    const publish: Publish = (name, fact) => {
      bus.emit(name, fact)
      if (name === 'commits.fetched') hear(`fetched ${JSON.stringify(fact)}`)
    }
    const approvals = new Approvals({
      publish,
      answerer: async ({ kind, title, body }) => {
        heard.push(`${kind}: ${title} ${body.map((line) => line.replace(/^[0-9a-f]{10} /, '')).join('; ')}`)
        return { answer }
      },
      policy: () =>
        Object.fromEntries(
          ['read', 'write', 'run', 'network', 'project', 'discard', 'secrets'].map((risk) => [risk, verdict]),
        ) as ReturnType<ConstructorParameters<typeof Approvals>[0]['policy']>,
      remember: () => {},
    })
    const bench = { open: async () => ({ git: scene.git, sandbox: scene.sandbox }) } as unknown as Bench
    const fetching = fetchOnDemand({ bus, publish, approvals, bench, name: 'session', onFailure })
    const ask = async () => {
      heard = []
      const done = new Promise<void>((resolve) => (next = resolve))
      bus.emit('commits.fetch', {})
      await done
      return heard
    }
    const question = "project: Write the agent's commits to the project as the branch drydock/session? Drydock: mine"
    expect(await ask()).to.deep.equal(['missing: The workspace has no commits that the project does not have.'])
    await scene.sh('git commit -q --allow-empty -m mine')
    expect(await ask()).to.deep.equal([question, 'denied: The commits were not fetched: the person said no.'])
    verdict = 'deny'
    expect(await ask()).to.deep.equal([
      'denied: The commits were not fetched: the policy denies it (policy.project = "deny").',
    ])
    verdict = 'ask'
    answer = 'once'
    expect(await ask()).to.deep.equal([question, 'fetched {"branch":"drydock/session","commits":1}'])
    expect(scene.host('log', '-1', '--format=%s', 'drydock/session')).to.equal('mine\n')
    fetching.dispose()
  })
})
