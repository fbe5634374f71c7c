import { homedir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Place, makePlace, runAgent, treeOf } from '../support/agent.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { type EngineAndImage, engineOrSkip } from '../support/sandbox.ts'

describe("agent run in an ordinary user's podman", function () {
  this.timeout(120_000)
  let ready: EngineAndImage
  let server: ModelServer
  let place: Place
  let project: string

  before(async function () {
    ready = await engineOrSkip(this)
    if ((await ready.engine.describe()).name !== 'Podman' || process.getuid!() === 0) this.skip()
    const command = 'id -un; echo two >> a.txt; cp a.txt b.txt; cat /project/a.txt'
    const calls = [{ name: 'shell', arguments: { command } }]
    server = await startModelServer({ turns: [{ calls }, { text: 'Done.' }] })
  })
  after(() => server?.close())

  beforeEach(() => {
    place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
    project = place.project({ 'a.txt': 'one\n', 'package.json': '{}' }) // the image of the specs is node's
  })
  afterEach(() => place?.dispose())

  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })

  it('works where DOCKER_HOST says that it is, and applies what came of it', async () => {
    place.env['DOCKER_HOST'] = ready.engine.host
    const before = treeOf(project)
    const run = await agent('run', '--model', 'openai/spec', 'Write something.')
    expect(run, run.stderr).to.include({ code: 0, stdout: 'Done.\n' })
    expect(run.stderr).to.match(/● sandbox: podman · .*node/)
    const { body } = server.requests.at(-1)!
    expect(body.messages.at(-1).content).to.contain('root\none\n')
    expect(treeOf(project)).to.deep.equal(before)
    const apply = await agent('apply')
    expect(apply, apply.stderr).to.include({ code: 0 })
    expect(Object.keys(treeOf(project))).to.deep.equal(['a.txt', 'b.txt', 'package.json'])
    expect(readFileSync(join(project, 'b.txt'), 'utf8')).to.equal('one\ntwo\n')
  })

  it('is found and started without a word, and doctor says so', async () => {
    const kept = ['DATA', 'CONFIG', 'STATE', 'CACHE'].map((name) => [`XDG_${name}_HOME`, join(place.home, name)])
    // Podman keeps its images in the person's home.
    const env = { HOME: homedir(), XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR']!, ...Object.fromEntries(kept) }
    place.env = { ...place.env, ...env }
    const { stdout } = await agent('doctor')
    const { version, cgroup } = await ready.engine.describe()
    expect(stdout).to.contain(`Podman ${version}, API `)
    expect(stdout).to.contain(
      `cgroup ${cgroup}, rootless, at ${ready.engine.host} (podman is installed, and no engine answered: its service was started)`,
    )
    expect(stdout).to.match(/^✓ image +drydock-node:/m)
    if (cgroup.startsWith('v1')) expect(stdout).to.match(/^● limits +memory limited by process, no processor limit/m)
  })
})
