import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Place, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { embeddedOrSkip } from '../support/sandbox.ts'
import { hostEnv } from '../workspace/git/scene.ts'

describe('agent commits', function () {
  this.timeout(120_000)
  let place: Place
  let project: string
  let server: ModelServer
  const served: ModelServerOptions = { turns: [] }

  before(async function () {
    await embeddedOrSkip(this)
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "embedded"\n')
    project = place.project({ 'a.txt': 'one\n' })
    git('init', '-q', '-b', 'main')
    git('add', '.')
    git('commit', '-qm', 'first')
  })
  after(async () => {
    await server?.close()
    place?.dispose()
  })

  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', ['-C', project, ...args], {
      encoding: 'utf8',
      env: hostEnv(place.home),
    })
    expect(status, stderr).to.equal(0)
    return stdout
  }
  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })

  it('lists what the agent committed, keeps it from being pruned, and fetches it after a yes', async () => {
    const command = 'echo two > a.txt && git commit -qam "two of mine" && git checkout -q HEAD~1 -- . && git status -sb'
    served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Done.' }]
    const ran = await agent('run', '--model', 'openai/spec', 'commit something')
    expect(ran, ran.stderr).to.include({ code: 0 })
    expect((await agent('diff')).stdout).to.equal('')
    const pruned = await agent('workspaces', 'prune', '--yes')
    expect(pruned.stderr).to.match(/nothing to prune/)
    expect((await agent('workspaces')).stdout).to.match(/main .* commits unfetched /)

    const listed = await agent('commits')
    expect(listed.stdout).to.match(/^[0-9a-f]{10} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}Drydock: two of mine\n$/)
    const asked = await agent('commits', 'fetch', '--as', 'work')
    expect(asked.code).to.equal(4)
    expect(git('branch', '--format=%(refname:short)')).to.equal('main\n')
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "embedded"\n[policy]\nproject = "deny"\n')
    expect((await agent('commits', 'fetch', '--as', 'work', '--yes')).code).to.equal(2)
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "embedded"\n')
    const fetched = await agent('commits', 'fetch', '--as', 'work', '--yes')
    expect(fetched.stderr).to.match(/Fetched 1 commit as drydock\/work: /)
    expect(fetched.code).to.equal(0)
    expect(git('log', '--format=%an: %s', 'main..drydock/work')).to.equal('Drydock: two of mine\n')
    expect(git('status', '--short', '--branch')).to.equal('## main\n')
    const again = await agent('commits')
    expect(again).to.include({ code: 0, stdout: '' })
    expect((await agent('workspaces', 'prune', '--yes')).stderr).to.match(/^removed main of /m)
    expect(join(project, '.git')).to.equal(git('rev-parse', '--absolute-git-dir').trim())
  })
})
