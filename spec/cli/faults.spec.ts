import { expect } from 'chai'
import { once } from 'node:events'
import { appendFileSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type Ended, type Place, agentPath, makePlace, runAgent, startAgent } from '../support/agent.ts'
import {
  type ModelServer,
  type ModelServerOptions,
  type Turn,
  failing,
  startModelServer,
} from '../support/model-server.ts'
import { namespaceOrSkip } from '../support/namespace.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { type VirtualTerminal, openTerminal, untouched } from '../support/virtual-terminal.ts'

const key = 'sk-spec-0123456789abcdef'
const sleeping: Turn = { calls: [{ name: 'shell', arguments: { command: 'echo asleep; sleep 100' } }] }
const reading: Turn = { calls: [{ name: 'read', arguments: { path: 'a.txt' } }] }

describe('What goes wrong is a sentence and an exit code', () => {
  let place: Place
  let project: string
  let server: ModelServer
  /** What the server answers: looked at with each request. */
  let served: ModelServerOptions

  beforeEach(async () => {
    served = { key, turns: [{ text: 'Done.' }] }
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: key, OPENAI_BASE_URL: server.url })
    project = place.project({ 'a.txt': 'one\n' })
  })
  afterEach(async () => {
    await server.close()
    place.dispose()
  })

  /** What the program ended with: its status, and the last line that it said on standard error (`~`: the place). */
  const ending = ({ code, stderr }: Ended) => ({
    code,
    said: stderr.replaceAll(place.home, '~').trimEnd().split('\n').at(-1)!,
  })
  const run = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })
  const prompt = (...args: string[]) => run('run', '--model', 'openai/spec', ...args, 'Do it.')
  const config = (text: string) => place.write('.config/drydock/config.toml', text)

  describe('of the command line and the configuration', () => {
    const calls: { what: string; args: string[]; said: string }[] = [
      { what: 'an unknown flag', args: ['--nope'], said: 'Unknown argument: nope. See `agent --help`.' },
      {
        what: 'a flag without its value',
        args: ['run', '--model'],
        said: 'Not enough arguments following: model. See `agent run --help`.',
      },
      {
        what: 'a limit of nothing',
        args: ['run', '--max-turns', '0', 'x'],
        said: '--max-turns wants a number above 0. See `agent run --help`.',
      },
      {
        what: 'a grant that is none',
        args: ['run', '--allow', 'everything', 'x'],
        said: '--allow does not know "everything"; it takes read, write, run, network, project, discard, secrets, image. See `agent run --help`.',
      },
      { what: 'an empty standard input', args: ['run'], said: 'Standard input holds no prompt.' },
      {
        what: 'an unknown tool',
        args: ['tools', 'teleport'],
        said: 'There is no tool "teleport"; there are read, list, search, edit, write, delete, shell, plan.',
      },
      {
        what: 'a path outside the project',
        args: ['diff', '../x'],
        said: '../x is not in the project ~/project: name paths inside it.',
      },
      {
        what: 'the root folder',
        args: ['/'],
        said: '/ is the root of the file system: open the folder of one project instead, as in `agent ~/src/project`.',
      },
      {
        what: 'a folder that is not there',
        args: ['nowhere'],
        said: 'There is no folder nowhere. Name one that exists, as in `agent ~/src/project`.',
      },
      {
        what: 'a command misspelt',
        args: ['aply'],
        said: 'There is no command and no folder aply; did you mean `agent apply`?',
      },
      {
        what: 'a command misspelt, with what it is given',
        args: ['rnu', 'Do it.'],
        said: 'There is no command and no folder rnu; did you mean `agent run`?',
      },
      {
        what: 'an unknown provider',
        args: ['run', '--model', 'opnai/spec', 'x'],
        said: '--model: no provider "opnai" is configured, which "opnai/spec" needs; did you mean "openai"?',
      },
      {
        what: 'a limit that is none',
        args: ['run', '--max-time', '0.5', 'x'],
        said: '--max-time: "limits.seconds" must be a whole number from 0 to 2000000, not 0.5',
      },
    ]
    for (const { what, args, said } of calls)
      it(`${what}: \`agent ${args.join(' ')}\``, async () => {
        expect(ending(await run(...args))).to.deep.equal({ code: 2, said })
      })

    it('the home folder', async () => {
      const ended = await runAgent(['run', 'x'], { cwd: place.home, env: place.env })
      const said = '~ is your home folder: open the folder of one project instead, as in `agent ~/src/project`.'
      expect(ending(ended)).to.deep.equal({ code: 2, said })
    })

    it('a key of the configuration that there is not, with its file, line and the nearest right name', async () => {
      config('theme = "dark"\n\n[sandbox]\nmemroy = "1g"\n')
      expect(ending(await prompt())).to.deep.equal({
        code: 2,
        said: '~/.config/drydock/config.toml:4: unknown key "sandbox.memroy"; did you mean "sandbox.memory"?',
      })
    })

    it('a value of the wrong type', async () => {
      config('mode = "always"\n')
      expect(ending(await prompt())).to.deep.equal({
        code: 2,
        said: '~/.config/drydock/config.toml:1: "mode" must be "plan", "review", "turn" or "live", not "always"',
      })
    })

    it("what an administrator's policy forbids, and a policy that is wrong", async function () {
      this.timeout(20_000)
      const wrap = namespaceOrSkip(
        this,
        // Names below /etc need not be there: the folder is laid over.
        'mkdir -p "$1/drydock"; mount -t overlay -o "lowerdir=$1:/etc" overlay /etc',
        join(place.home, 'etc'),
      )
      const policy = (text: string) => place.write('etc/drydock/policy.toml', text)
      const under = (...args: string[]) => runAgent(args, { cwd: project, env: place.env, wrap })
      policy('[policy]\nnetwork = "deny"\n[models]\nallow = ["anthropic/*"]\n')
      expect(ending(await under('run', '--model', 'openai/spec', 'x'))).to.deep.equal({
        code: 2,
        said: '/etc/drydock/policy.toml: does not allow the model "openai/spec"; allowed are anthropic/*',
      })
      expect(ending(await under('policy', 'network', 'allow'))).to.deep.equal({
        code: 2,
        said: '/etc/drydock/policy.toml decides policy.network: only an administrator can change it.',
      })
      policy('[polcy]\n')
      expect(ending(await under('run', '--model', 'openai/spec', 'x'))).to.deep.equal({
        code: 2,
        said: `/etc/drydock/policy.toml:1: unknown key "polcy"; did you mean "policy"? Nothing runs until the administrator's policy is right`,
      })
    })
  })

  describe('of the model', () => {
    it('no model and no key', async () => {
      delete place.env.OPENAI_API_KEY
      expect(ending(await run('run', 'Do it.'))).to.deep.equal({
        code: 2,
        said: 'No model is chosen: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or `model` in your config, or give --model PROVIDER/MODEL.',
      })
    })

    it('no key', async () => {
      delete place.env.OPENAI_API_KEY
      const said = 'There is no key for openai. Set OPENAI_API_KEY to a key of the service.'
      expect(ending(await prompt())).to.deep.equal({ code: 1, said })
    })

    it('a bad key', async () => {
      place.env.OPENAI_API_KEY = 'sk-wrong-0123456789'
      const said = 'openai did not accept the key (HTTP 401: invalid key). Set OPENAI_API_KEY to a valid key.'
      expect(ending(await prompt())).to.deep.equal({ code: 1, said })
    })

    it('a service that is down, for as long as it may take', async () => {
      place.env.OPENAI_BASE_URL = `http://127.0.0.1:${await freePort()}/v1`
      const ended = await prompt('--max-time', '1')
      expect(ended.stderr).to.match(
        /^● 127\.0\.0\.1:\d+ could not be reached: nothing listens there\. Start the service, or check base_url\. Trying again in 1 s\.\n/,
      )
      const said = 'The turn has taken its 1 s (limits.seconds). Send a prompt to go on.'
      expect(ending(ended)).to.deep.equal({ code: 3, said })
    })

    it('a service in trouble, each time it is asked', async () => {
      served.respond = () => failing(503, 'overloaded', { 'retry-after': '0' })
      const said = 'openai is in trouble (HTTP 503: overloaded). Try again in a while.'
      expect(ending(await prompt())).to.deep.equal({ code: 1, said })
      expect(server.requests).to.have.length(6)
    })

    it('an answer that breaks off', async () => {
      served.respond = () => ({ text: 'One two three four.', ending: 'cut' })
      const { code, said } = ending(await prompt())
      expect({ code, said: said.replace(new URL(server.url).host, 'HOST') }).to.deep.equal({
        code: 1,
        said: 'The answer of HOST broke off: it closed the connection. Try again.',
      })
    })

    it('SIGINT while the model is silent', async () => {
      served.respond = () => 'hang'
      const agent = startAgent(['run', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env })
      await server.nextRequest()
      agent.child.kill('SIGINT')
      expect(await agent.ended).to.deep.include({ code: 130, stdout: '', stderr: '' })
    })
  })

  describe('of limits', () => {
    it('--max-turns', async () => {
      served.turns = [{ calls: [{ name: 'no-such-tool' }] }]
      const said = 'The turn has made its 1 model calls (limits.steps). Send a prompt to go on.'
      expect(ending(await prompt('--max-turns', '1'))).to.deep.equal({ code: 3, said })
    })

    it('--max-time', async () => {
      served.respond = () => 'hang'
      const said = 'The turn has taken its 1 s (limits.seconds). Send a prompt to go on.'
      expect(ending(await prompt('--max-time', '1'))).to.deep.equal({ code: 3, said })
    })

    it('--max-cost', async () => {
      served.turns = [{ ...reading, usage: { input: 1_000_000, output: 0 } }]
      const ended = await run('run', '--model', 'openai/gpt-5', '--max-cost', '0.5', 'x')
      expect(ending(ended)).to.deep.equal({
        code: 3,
        said: 'The turn has cost $1.2500, its limit is $0.5. Send a prompt to go on.',
      })
    })

    it('--max-cost of a model whose price is not known', async () => {
      const said =
        'The limit of $0.5 cannot be kept: the price of openai/spec is not known. Give it a price in the configuration, or take the limit away.'
      expect(ending(await prompt('--max-cost', '0.5'))).to.deep.equal({ code: 2, said })
    })
  })

  describe('of the engine', () => {
    it('no engine, where nothing less will do', async () => {
      served.turns = [reading]
      place.env.DOCKER_HOST = `unix://${join(place.home, 'none.sock')}`
      config('[sandbox]\nrequire = "container"\n')
      const said = `The Docker engine at ~/none.sock does not answer: start it (sudo systemctl start docker).`
      expect(ending(await prompt())).to.deep.equal({ code: 1, said })
    })

    it('a sandbox that is less than what has to be', async () => {
      served.turns = [reading]
      config('[sandbox]\nbackend = "embedded"\nrequire = "container"\n')
      const said =
        'sandbox.backend is "embedded", but sandbox.require is "container": nothing runs in anything less. Set sandbox.backend to "container".'
      expect(ending(await prompt())).to.deep.equal({ code: 2, said })
    })

    it('an image that is not there', async function () {
      await engineOrSkip(this)
      served.turns = [reading]
      const image = `127.0.0.1:${await freePort()}/none:1`
      config(`[sandbox]\nimage = "${image}"\n`)
      const asked = `Nobody is here to answer "Fetch the image ${image}?". Grant it ahead with --allow image.`
      expect(ending(await prompt())).to.deep.equal({ code: 4, said: asked })
      const { code, said } = ending(await prompt('--allow', 'image'))
      expect({ code, said: said.replace(/\(.*\)/, '(…)') }).to.deep.equal({
        code: 1,
        said: `The engine could not fetch the image ${image} (…): pull or build it yourself, or set sandbox.image to "auto".`,
      })
    })

    it('an image that would have to be built, and nobody to ask', async function () {
      await engineOrSkip(this)
      served.turns = [reading]
      const program = unbuiltPackage(place.home)
      const ended = await runAgent(['run', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env, program })
      const said = 'Nobody is here to answer "Build the sandbox image?". Grant it ahead with --allow image.'
      expect(ending(ended)).to.deep.equal({ code: 4, said })
    })

    it('a secret that would have to be asked for, and not where it is granted ahead', async function () {
      await engineOrSkip(this)
      writeFileSync(join(project, '.env'), 'TOKEN=1\n')
      served.turns = [{ calls: [{ name: 'read', arguments: { path: '.env' } }] }, { text: 'Seen.' }]
      const said = 'Nobody is here to answer "Show .env in the sandbox?". Grant it ahead with --allow secrets.'
      expect(ending(await prompt())).to.deep.equal({ code: 4, said })
      expect(await prompt('--allow', 'secrets')).to.include({ code: 0, stdout: 'Seen.\n' })
    })

    it('discarding, and nobody to ask', async function () {
      await engineOrSkip(this)
      served.turns = [{ calls: [{ name: 'write', arguments: { path: 'b.txt', content: 'two\n' } }] }, { text: 'Done.' }]
      expect(await prompt()).to.include({ code: 0 })
      const said = 'Nobody is here to answer "Throw these changes away?" Add --yes to say it ahead.'
      expect(ending(await run('discard'))).to.deep.equal({ code: 4, said })
    })

    it('SIGINT while the container comes up', async function () {
      const { engine } = await engineOrSkip(this)
      served.turns = [sleeping]
      const agent = startAgent(['run', '--json', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env })
      await agent.saw('starting the container')
      agent.child.kill('SIGINT')
      const { code, stderr } = await agent.ended
      expect({ code, stderr }).to.deep.equal({ code: 130, stderr: '' })
      const filters = { label: [`drydock.pid=${agent.child.pid}`] }
      expect(await engine.docker.listContainers({ all: true, filters })).to.deep.equal([])
    })

    it('SIGINT while a command runs', async function () {
      await engineOrSkip(this)
      served.turns = [sleeping]
      const agent = startAgent(['run', '--json', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env })
      await agent.saw('asleep\\n')
      agent.child.kill('SIGINT')
      const { code, stdout, stderr } = await agent.ended
      expect({ code, stderr }).to.deep.equal({ code: 130, stderr: '' })
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; data: object })
      expect(events.find(({ event }) => event === 'turn.ended')!.data).to.include({ end: 'cancelled' })
    })
  })

  describe('of the disk', () => {
    const mount = 'mkdir -p "$1"; mount -t tmpfs -o size="$2" none "$1"'
    beforeEach(() => {
      place.env.XDG_DATA_HOME = join(place.home, 'data')
    })
    const sentence =
      /^The session log ~\/data\/drydock\/sessions\/[^/]+\/log\.jsonl cannot be written\. The disk is full: free some space, then try again\.$/

    it('a full one, from the beginning', async function () {
      const wrap = namespaceOrSkip(this, mount, place.env.XDG_DATA_HOME!, '4k') // the description of the session takes it all
      const { code, said } = ending(
        await runAgent(['run', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env, wrap }),
      )
      expect(code).to.equal(1)
      expect(said).to.match(sentence)
    })

    it('one that is full in the middle of a turn: the turn ends with what was said', async function () {
      const wrap = namespaceOrSkip(this, mount, place.env.XDG_DATA_HOME!, '16k')
      served.turns = [{ text: 'word '.repeat(4000) }]
      const ended = await runAgent(['run', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env, wrap })
      const { code, said } = ending(ended)
      expect(code).to.equal(1)
      expect(said).to.match(sentence)
      expect(ended.stdout.trim()).to.equal('word '.repeat(4000).trim())
    })

    it('a full one under what is printed', async function () {
      if (!existsSync('/dev/full')) return this.skip()
      const { code, stderr } = await runAgent(['tools'], {
        cwd: project,
        env: place.env,
        wrap: ['sh', '-c', 'exec "$@" > /dev/full', 'sh'],
      })
      expect({ code, stderr }).to.deep.equal({
        code: 1,
        stderr: 'Standard output cannot be written: ENOSPC: no space left on device, write.\n',
      })
    })

    it('a data folder that cannot be written', async () => {
      writeFileSync(join(place.home, 'data'), 'a file where a folder should be')
      const { code, said } = ending(await prompt())
      expect(code).to.equal(1)
      expect(said).to.match(/^The session log ~\/data\/drydock\/sessions\/[^/]+ cannot be written\. ENOTDIR: /)
    })
  })

  describe('of the terminal', () => {
    let terminal: VirtualTerminal | undefined
    afterEach(() => terminal?.dispose())

    const open = (size: { cols: number; rows: number }, env: Record<string, string> = {}) =>
      (terminal = openTerminal({
        argv: [process.execPath, agentPath],
        cwd: project,
        env: { ...place.env, ...env },
        ...size,
      }))

    it('no terminal', async () => {
      const said =
        'The screen needs a terminal on standard input and output; use `agent run "…"`, which needs no screen.'
      expect(ending(await run())).to.deep.equal({ code: 1, said })
    })

    const refusals = [
      {
        what: 'one that cannot place text',
        size: { cols: 80, rows: 24 },
        env: { TERM: 'dumb' },
        said: 'The terminal says that it cannot place text (TERM=dumb); use `agent --plain`, which writes lines only.',
      },
      {
        what: 'one of 19x5',
        size: { cols: 19, rows: 5 },
        said: 'The terminal has 19x5 cells, and 40x10 are needed: make it larger, or use `agent run "…"`, which needs no screen.',
      },
      {
        what: 'one of 20x4',
        size: { cols: 20, rows: 4 },
        said: 'The terminal has 20x4 cells, and 40x10 are needed: make it larger, or use `agent run "…"`, which needs no screen.',
      },
    ]
    for (const { what, size, env, said } of refusals)
      it(what, async () => {
        const running = open(size, env)
        expect(await running.exit).to.equal(1)
        expect(running.output.trim()).to.equal(said)
        expect(running.modes()).to.deep.equal(untouched)
      })

    it('one of 20x5 says what it needs, works once it is larger, and is left', async () => {
      const running = open({ cols: 20, rows: 5 })
      await running.waitFor('terminal larger.')
      expect(running.screen()).to.deep.equal([
        'Drydock needs 40x10',
        'cells, here are',
        '20x5: make the',
        'terminal larger.',
        '',
      ])
      running.resize(80, 24)
      await running.waitFor('CONVERSATION')
      running.resize(20, 5)
      await running.waitFor('terminal larger.')
      running.press('ctrl+d')
      expect(await running.exit).to.equal(0)
      expect(running.modes()).to.deep.equal(untouched)
    })
  })
})

/** The package without its image: as it is, but for a line in the Dockerfile. Gives its launcher. */
function unbuiltPackage(folder: string): string {
  const root = dirname(dirname(agentPath))
  const copy = join(folder, 'package')
  mkdirSync(copy)
  for (const name of [
    'bin',
    'dist',
    'lib',
    'themes',
    'sandbox-images',
    'default.toml',
    'keybinds.toml',
    'keybinds',
    'package.json',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  appendFileSync(join(copy, 'sandbox-images', 'base.Dockerfile'), '# of a spec\n')
  return join(copy, 'bin', 'agent')
}

/** A port on loopback on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
