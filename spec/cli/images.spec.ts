import { expect } from 'chai'
import { join } from 'node:path'
import { projectItems } from '../../lib/config/project-items.ts'
import { Trust } from '../../lib/config/trust.ts'
import { removeImage, storedImages } from '../../lib/sandbox/image-store.ts'
import { imageTag, recipeOf } from '../../lib/sandbox/recipe.ts'
import { type Place, agentPath, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { type EngineAndImage, engineOrSkip, imagesDir, specImage } from '../support/sandbox.ts'
import { type VirtualTerminal, openTerminal } from '../support/virtual-terminal.ts'

describe('the images of a project', function () {
  this.timeout(120_000)
  let ready: EngineAndImage
  let base: string
  let place: Place
  let server: ModelServer
  const served: ModelServerOptions = { turns: [] }

  before(async function () {
    ready = await engineOrSkip(this)
    base = await imageTag(imagesDir, recipeOf('base'))
  })
  beforeEach(async () => {
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
  })
  afterEach(async () => {
    await server.close()
    place.dispose()
  })

  const agent = (cwd: string, ...args: string[]) => runAgent(args, { cwd, env: place.env })
  /** What `command` prints in the sandbox, and what the person is told of the sandbox meanwhile. */
  const printed = async (project: string, command: string, ...args: string[]) => {
    served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Done.' }]
    const { code, stderr } = await agent(project, 'run', '--model', 'openai/spec', ...args, 'x')
    const result = JSON.stringify(server.requests.at(-1)?.body.messages.at(-1)) ?? ''
    return { code, result, told: stderr.split('\n') }
  }

  it('are listed, and built where they are missing', async () => {
    const project = place.project({ 'package.json': '{}' })
    const built = await agent(project, 'images', 'build', '--json')
    expect([built.code, built.stderr]).to.deep.equal([0, ''])
    const [made] = JSON.parse(built.stdout)
    expect(made).to.deep.include({
      name: 'node',
      tag: ready.image,
      origin: { toolchains: specImage.toolchains },
      current: true,
    })
    const listed = await agent(project, 'images', 'list', '--json')
    expect(JSON.parse(listed.stdout).map(({ tag }: { tag: string }) => tag)).to.include.members([ready.image, base])
    const shown = await agent(project, 'images')
    expect(shown.stdout).to.match(
      new RegExp(`^node +${ready.image} +\\d+\\.\\d MB +\\d+ \\w+ +node 22\\S+, npm \\S+, python`, 'm'),
    )
    const said = 'images list takes no image. See `agent images --help`.\n'
    expect(await agent(project, 'images', 'list', 'node')).to.include({ code: 2, stderr: said })
  })

  it('are told by the doctor, with the reason', async () => {
    const project = place.project({ 'web/package.json': '{}' })
    expect((await agent(project, 'doctor')).stdout).to.contain(`✓ image     ${ready.image}, for web/package.json\n`)
    place.write('project/.nvmrc', '18.0.0')
    const other = await imageTag(imagesDir, recipeOf('node', [{ language: 'node', range: '18.0.0' }]))
    expect((await agent(project, 'doctor')).stdout).to.contain(
      `● image     ${other}, for web/package.json; it is not built yet\n`,
    )
    place.write('.config/drydock/config.toml', '[sandbox]\nimage = "base"\n')
    expect((await agent(project, 'doctor')).stdout).to.contain(`✓ image     ${base}, sandbox.image says so\n`)
  })

  it('come from a Dockerfile of its devcontainer.json once that is trusted, and of nothing else in it', async () => {
    const project = place.project({
      '.devcontainer/devcontainer.json': `{ // ours
        "build": { "dockerfile": "Dockerfile", "context": "..", "args": { "WHO": "spec" }, "target": "dev" },
        "runArgs": ["--privileged"], "mounts": ["source=/,target=/host,type=bind"] }`,
      '.devcontainer/Dockerfile': `FROM ${base} AS dev\nARG WHO\nENV WHO=$WHO\nCOPY . /context/\nFROM dev\nENV WHO=wrong\n`,
      'hello.txt': `hello ${process.pid}`,
      '.env': 'KEY=secret',
    })
    const look = 'echo "$WHO"; ls -1A /context; cat /context/hello.txt; echo; ls -d /host'
    const before = await printed(project, look)
    expect(before.told).to.include(
      '.devcontainer/devcontainer.json is not used: open the project with `agent` once, look at it and trust it.',
    )
    expect(before.result).to.contain("cannot access '/context'")

    new Trust(join(place.home, '.local/share/drydock/trust.json')).trust(projectItems(project).items)
    const asked = 'Nobody is here to answer "Build the image of .devcontainer/devcontainer.json?".'
    expect((await printed(project, look)).told.join('\n')).to.contain(asked)
    const { engine } = ready
    try {
      const { code, result, told } = await printed(project, look, '--allow', 'image')
      expect(told).to.include('● sandbox: devcontainer.json: not followed: runArgs, mounts')

      expect(told).to.include('● sandbox: docker · .devcontainer/devcontainer.json')
      const seen = `spec\\n.devcontainer\\nhello.txt\\nhello ${process.pid}\\nls: cannot access '/host'`
      expect([code, result]).to.satisfy(([ended, text]: [number, string]) => ended === 0 && text.includes(seen))
      const doctor = (await agent(project, 'doctor')).stdout
      expect(doctor).to.match(/✓ image {5}drydock-project:\w+, \.devcontainer\/devcontainer\.json says so\n/)
      expect(doctor).to.contain('image     devcontainer.json: not followed: runArgs, mounts\n')
      // Another context is another image when the person calls for it.
      place.write('project/hello.txt', 'changed')
      expect((await agent(project, 'images', 'build')).code).to.equal(0)
      expect((await printed(project, look)).result).to.contain('changed')
    } finally {
      for (const { tag, origin } of (await storedImages(engine, imagesDir)).toReversed())
        if (
          ('image' in origin && origin.image.startsWith('drydock-project:')) ||
          ('project' in origin && origin.project === project)
        )
          await removeImage(engine, tag).catch(() => undefined)
    }
  })

  for (const { key, next } of [
    { key: 'y', next: 'Fetch the image 127.0.0.1:1/none:1?' },
    { key: 'n', next: 'sandbox ✓ docker' },
  ])
    it(`wait for the person's word on its devcontainer.json: ${key}`, async () => {
      const devcontainer = '{ "image": "127.0.0.1:1/none:1", "features": {} }'
      const project = place.project({ '.devcontainer.json': devcontainer })
      place.write('.config/drydock/config.toml', 'model = "openai/spec"\n')
      const argv = [process.execPath, agentPath]
      const terminal = openTerminal({ argv, cwd: project, env: place.env, cols: 120, rows: 30 })
      try {
        await terminal.waitFor('not followed, trusted or not: features.')
        await answer(terminal, key, 'Trust what')
        await terminal.waitFor(next, 30_000)
        terminal.press('ctrl+c', 'ctrl+c')
        await terminal.exit
      } finally {
        terminal.dispose()
      }
    })
})

/** Answers a question: a key that comes before it could be read is no answer. */
async function answer(terminal: VirtualTerminal, key: string, question: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    terminal.press(key)
    const gone = terminal.waitFor((rows) => !rows.join('\n').includes(question), 400)
    if (await gone.then(() => true).catch(() => false)) return
  }
}
