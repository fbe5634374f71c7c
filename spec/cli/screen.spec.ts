import { expect } from 'chai'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf, proportionalKb, until, wordsOf } from '../support/processes.ts'
import { type Place, agentPath, makePlace } from '../support/agent.ts'
import {
  type ModelServer,
  type ModelServerOptions,
  type Turn,
  failing,
  startModelServer,
} from '../support/model-server.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { type VirtualTerminal, openTerminal, untouched } from '../support/virtual-terminal.ts'

const key = 'sk-spec-0123456789abcdef'
const size = { cols: 100, rows: 30 }

function shell(command: string): Turn {
  return { calls: [{ name: 'shell', arguments: { command } }] }
}

describe('The screen, whole', () => {
  let place: Place
  let project: string
  let server: ModelServer
  /** What the server answers: looked at with each request. */
  let served: ModelServerOptions
  let terminal: VirtualTerminal
  const opened: VirtualTerminal[] = []

  beforeEach(async () => {
    served = { key, models: ['spec-model'], turns: [{ text: 'Done.' }] }
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: key, OPENAI_BASE_URL: server.url })
    place.write('.config/drydock/config.toml', 'model = "openai/spec"\n')
    project = place.project({ 'a.txt': 'one\n' })
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) one.dispose()
    await server.close()
    place.dispose()
  })

  function open(options: { argv?: string[]; env?: Record<string, string> } = {}): VirtualTerminal {
    const { argv = [process.execPath, agentPath], env } = options
    terminal = openTerminal({ argv, cwd: project, env: { ...place.env, ...env }, ...size })
    opened.push(terminal)
    return terminal
  }

  /** What was asked last, as text. */
  const asked = () => JSON.stringify(server.requests.at(-1)?.body ?? {})

  async function quit(): Promise<void> {
    terminal.press('ctrl+d')
    expect(await terminal.exit).to.equal(0)
    expect(terminal.modes()).to.deep.equal(untouched)
  }

  describe('at the first start', () => {
    it('takes a pasted key that the service takes, says so of one that it does not, and keeps it for its owner', async () => {
      delete place.env.OPENAI_API_KEY
      place.write('.config/drydock/config.toml', '# mine\n')
      open()
      await terminal.waitFor('Choose how to begin')
      await terminal.waitFor('paste a key')
      await terminal.waitFor('watch the demo')
      terminal.press('k')
      await terminal.waitFor('not shown')
      terminal.paste('sk-wrong-0123456789')
      terminal.press('enter')
      await terminal.waitFor('openai did not accept the key')

      terminal.press('k')
      await terminal.waitFor('not shown')
      terminal.paste(`${key}\n`)
      terminal.press('enter')
      await terminal.waitFor('spec-model · openai')
      const credentials = join(place.home, '.config/drydock/credentials.toml')
      expect(readFileSync(credentials, 'utf8')).to.equal(`openai = "${key}"\n`)
      expect(statSync(credentials).mode & 0o777).to.equal(0o600)
      expect(readFileSync(join(place.home, '.config/drydock/config.toml'), 'utf8')).to.equal(
        '# mine\nmodel = "openai/spec-model"\n',
      )
      terminal.type('Hello?\r')
      await terminal.waitFor('Done.')
      expect(terminal.output).not.to.contain(key)
      await quit()

      open()
      await terminal.waitFor('spec-model · openai')
      terminal.type('Still there?\r')
      await terminal.waitFor('Done.')
      await quit()
    })
  })

  it('shows the demo where that is wanted: another project, and a model that is said to be scripted', async () => {
    delete place.env.OPENAI_API_KEY
    place.write('.config/drydock/config.toml', '')
    open()
    await terminal.waitFor('Choose how to begin')
    terminal.press('d')
    await terminal.waitFor('~/drydock-demo')
    await terminal.waitFor('demo: scripted model')
    await terminal.waitFor('Parsing "2024-02-30" should fail.')
    await terminal.waitFor("I'll look at the parser")
    await quit()
  })

  it('offers a service that answers on this machine, and uses it', async function () {
    // The port is the service's own and cannot be another: where somebody has it, nothing can be said.
    const local = await startModelServer({ port: 11434, models: ['tiny'], turns: [{ text: 'From here.' }] }).catch(() =>
      this.skip(),
    )
    try {
      delete place.env.OPENAI_API_KEY
      place.write('.config/drydock/config.toml', '')
      open()
      await terminal.waitFor('use Ollama on this machine')
      terminal.press('1')
      await terminal.waitFor('tiny · ollama')
      terminal.type('Hello?\r')
      await terminal.waitFor('From here.')
      expect(readFileSync(join(place.home, '.config/drydock/config.toml'), 'utf8')).to.equal('model = "ollama/tiny"\n')
      await quit()
    } finally {
      await local.close()
    }
  })

  it('works beside another session, in a workspace of its own', async function () {
    await engineOrSkip(this)
    const first = open()
    await terminal.waitFor('sandbox ✓')
    open()
    await terminal.waitFor('workspace 2')
    first.press('ctrl+d')
    expect(await first.exit).to.equal(0)
    terminal.type('!echo a$((1+1))wake\r')
    await terminal.waitFor('a2wake')
    await quit()
  })

  it('talks without an engine, and says what to do about it', async () => {
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "container"\n')
    open({ env: { DOCKER_HOST: `unix://${join(place.home, 'none.sock')}` } })
    await terminal.waitFor('none.sock does not answer: start it')
    terminal.type('Hello?\r')
    await terminal.waitFor('Done.')
    await quit()
  })

  it('keeps what is typed before the session stands', async () => {
    open()
    await terminal.waitFor((rows) => rows[0]!.includes('drydock'))
    terminal.type('Typed ahead\r')
    await terminal.waitFor('Done.')
    expect(asked()).to.contain('Typed ahead')
    await quit()
  })

  it('shows the apply mode, and another one at a key', async () => {
    open()
    for (const mode of ['review', 'turn', 'live', 'plan', 'review']) {
      await terminal.waitFor((rows) => rows.at(-1)!.includes(`mode: ${mode} `))
      terminal.press('ctrl+o')
    }
    await quit()
  })

  it('leaves what a project brings out of the prompt until the person has said yes to these very bytes', async () => {
    writeFileSync(join(project, 'AGENTS.md'), 'Always say ahoy.\n')
    expect([await usesInstructions('n'), await usesInstructions('y'), await usesInstructions()]).to.deep.equal([
      false,
      true,
      true,
    ])
    writeFileSync(join(project, 'AGENTS.md'), 'Always say ahoy. Twice.\n')
    expect([await usesInstructions('n'), await usesInstructions('y')]).to.deep.equal([false, true])
  })

  /** Opens the project, answers the question of trust where one is wanted, and tells whether AGENTS.md went to the model. */
  async function usesInstructions(answer?: string): Promise<boolean> {
    open()
    if (answer === undefined) await terminal.waitFor('What is to be done?')
    else {
      await terminal.waitFor('Trust what this project brings: AGENTS.md?')
      await terminal.waitFor('Always say ahoy.')
      // A key that comes before the question could be read is no answer.
      await pressUntilGone(answer, 'Trust what')
    }
    terminal.type('Hello?\r')
    await terminal.waitFor('Done.')
    await quit()
    return asked().includes('Always say ahoy.')
  }

  async function pressUntilGone(name: string, text: string): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      terminal.press(name)
      try {
        return await terminal.waitFor((rows) => !rows.join('\n').includes(text), 400)
      } catch {
        // not yet
      }
    }
    throw new Error(`${text} stays:\n${terminal.screen().join('\n')}`)
  }

  describe('is left as it was found', () => {
    const endings: { how: string; status: number; end(): void; said?: string }[] = [
      { how: 'by ctrl+d', status: 0, end: () => terminal.press('ctrl+d') },
      { how: 'by ctrl+c twice', status: 0, end: () => terminal.press('ctrl+c', 'ctrl+c') },
      { how: 'by SIGTERM', status: 143, end: () => void process.kill(terminal.pid, 'SIGTERM') },
      { how: 'by SIGHUP', status: 129, end: () => void process.kill(terminal.pid, 'SIGHUP') },
      {
        how: 'by an exception',
        status: 1,
        end: () => void process.kill(terminal.pid, 'SIGUSR2'),
        said: 'Drydock stopped: thrown on purpose',
      },
    ]
    it('by SIGKILL, with the help of a shell that ends with it', async () => {
      open()
      const before = terminal.stty()
      await terminal.waitFor('spec · openai')
      const guard = await until(() => childrenOf(terminal.pid).find((pid) => wordsOf(pid).includes('drydock-watchdog')))
      expect(proportionalKb(guard)).to.be.below(2_000)
      process.kill(terminal.pid, 'SIGKILL')
      expect(await terminal.exit).to.equal(137)
      await until(() => wordsOf(guard) === '')
      await terminal.waitFor(() => !terminal.modes().alternateScreen)
      expect(terminal.modes()).to.deep.equal(untouched)
      expect(terminal.stty()).to.equal(before)
    })

    for (const [how, end] of [
      ['its terminal closed', () => terminal.hangUp()],
      ['its terminal closed as it is killed', () => (process.kill(terminal.pid, 'SIGKILL'), terminal.hangUp())],
    ] as const)
      it(`by ${how}: nothing of it runs on, and nothing is said to be wrong`, async () => {
        open()
        await terminal.waitFor('spec · openai')
        const { pid } = terminal
        const guard = await until(() => childrenOf(pid).find((one) => wordsOf(one).includes('drydock-watchdog')))
        end()
        await until(() => wordsOf(pid) === '' && wordsOf(guard) === '')
        expect(readFileSync(join(place.home, '.local/state/drydock/drydock.log'), 'utf8')).to.not.match(/error|defect/i)
      })

    for (const { how, status, end, said = '' } of endings)
      it(how, async () => {
        const defect = "process.on('SIGUSR2', () => { throw new Error('thrown on purpose') })"
        open({ env: { NODE_OPTIONS: `--require ${place.write('defect.cjs', defect)}` } })
        const before = terminal.stty()
        await terminal.waitFor('What is to be done?')
        await terminal.waitFor('spec · openai')
        end()
        expect(await terminal.exit).to.equal(status)
        expect(terminal.modes()).to.deep.equal(untouched)
        expect(terminal.stty()).to.equal(before)
        expect(terminal.screen().join('\n').trim()).to.equal(said)
      })
  })

  /** Milliseconds from Escape to the word on the screen. */
  async function cancelMs(): Promise<number> {
    const start = performance.now()
    terminal.press('escape')
    await terminal.waitFor('Cancelled.')
    return performance.now() - start
  }

  describe('cancels within 200 ms of Escape', () => {
    /** A lone Escape is waited on before it is decoded; then come 200 ms, and the next frame. */
    const most = 25 + 200 + 17

    const silences: { what: string; serve: () => Partial<ModelServerOptions>; seen: string }[] = [
      { what: 'a service that says nothing', serve: () => ({ respond: () => 'hang' }), seen: 'esc cancel' },
      {
        what: 'an answer that does not go on',
        serve: () => ({ respond: () => ({ text: 'One two three four five', ending: 'hang', pieces: 4 }) }),
        seen: 'One two three',
      },
      {
        what: 'the wait before another try',
        serve: () => ({ respond: () => failing(503, 'busy', { 'retry-after': '60' }) }),
        seen: 'Trying again in 60 s',
      },
    ]
    for (const { what, serve, seen } of silences)
      it(what, async () => {
        Object.assign(served, serve())
        open()
        await terminal.waitFor('What is to be done?')
        terminal.type('Hello?\r')
        await terminal.waitFor(seen)
        expect(await cancelMs()).to.be.lessThan(most)
        await quit()
      })

    it('a command that runs, and the shell goes on', async function () {
      await engineOrSkip(this)
      served.turns = [shell('echo asleep; sleep 100')]
      open()
      await terminal.waitFor('sandbox ✓')
      terminal.type('Sleep.\r')
      await terminal.waitFor('asleep')
      expect(await cancelMs()).to.be.lessThan(most)
      terminal.type('!echo a$((1+1))wake\r')
      await terminal.waitFor('a2wake')
      await quit()
    })
  })

  it('takes a prompt to an applied change, by keys alone', async function () {
    await engineOrSkip(this)
    open()
    served.turns = [
      { text: 'I will write a file.', ...shell('echo two > b.txt; cat a.txt b.txt') },
      { text: 'It is written now.', rate: 50 },
    ]
    await terminal.waitFor('What is to be done?')
    terminal.type('Write b.txt.\r')
    await terminal.waitFor('I will write a file.')
    await terminal.waitFor('It is written now.', 10_000)
    await terminal.waitFor('Diff 1')
    terminal.press('ctrl+g')
    await terminal.waitFor('b.txt')
    await terminal.waitFor('+ two')
    expect(() => statSync(join(project, 'b.txt'))).to.throw('ENOENT')
    terminal.press('a')
    await terminal.waitFor('Applied 1 file to the project: b.txt')
    expect(readFileSync(join(project, 'b.txt'), 'utf8')).to.equal('two\n')
    await terminal.waitFor('● ready') // while a turn works Escape would cancel it
    terminal.press('ctrl+g')
    terminal.press('escape')
    await terminal.waitFor((rows) => !rows.join('\n').includes('DIFF'))
    expect(terminal.screen().filter((row) => row.includes('It is written now.'))).to.have.length(1)
    await quit()
  })
})
