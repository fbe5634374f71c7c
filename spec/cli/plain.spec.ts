import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, agentPath, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { type VirtualTerminal, openTerminal } from '../support/virtual-terminal.ts'

const script = `
[[turns]]
text = "I look first.\\nThen I write."
[[turns.calls]]
name = "shell"
arguments = { command = "printf 'two\\\\033[2J\\\\033]0;x\\\\007\\\\n' > a.txt" }

[[turns]]
text = "It is written."

[[turns]]
text = "Again:"
[[turns.calls]]
name = "shell"
arguments = { command = "echo never > a.txt" }

[[turns]]
text = "Then not."
`

describe('agent --plain', function () {
  this.timeout(60_000)
  let place: Place
  let project: string
  let argv: string[]
  let terminal: VirtualTerminal | undefined

  beforeEach(() => {
    place = makePlace({ TERM: 'dumb' })
    project = place.project({ 'a.txt': 'one\n' })
    argv = ['--backend', 'local', '--model', `script/${place.write('script.toml', script)}`]
  })
  afterEach(() => {
    terminal?.dispose()
    terminal = undefined
    place.dispose()
  })

  it('is a conversation of lines: questions as numbers, changes by words, no sequence for the terminal', async () => {
    const { env } = place
    terminal = openTerminal({ argv: [process.execPath, agentPath, '--plain', ...argv], cwd: project, env, cols: 100 })
    const enter = async (line: string, answer: string | RegExp) => {
      const from = terminal!.output.length
      const isThere = () => {
        const said = terminal!.output.slice(from)
        return typeof answer === 'string' ? said.includes(answer) : answer.test(said)
      }
      terminal!.type(`${line}\r`)
      await terminal!.waitFor(isThere, 20_000)
    }
    await terminal.waitFor('or /help.')
    await enter('go', 'Type a number from 1 to 2')
    expect(terminal.output).to.match(/I look first\.\r\nThen I write\.\r\n/)
    expect(terminal.output).to.match(/two[^\r]* > a\.txt[^]*1\. once\r\n2\. no/)
    await enter('7', 'Type a number from 1 to 2.')
    await enter(
      '1',
      /done: shell printf [^\r]* > a\.txt: [^]*It is written\.\r\nThe turn is done\.[^]*a\.txt[^]*\/apply/,
    )
    await enter('/diff', /-one\r\n\+two␛\[2J/)
    await enter('/apply', 'applied a.txt')
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.match(/^two/)
    await enter('again', 'Type a number')
    await enter('2 use a pencil', /failed: shell [^]*Then not\.\r\nThe turn is done\./)
    await enter('/mode turn', 'The mode is turn.')
    await enter('/nope', '/help has the words')
    terminal.type('/quit\r')
    expect(await terminal.exit).to.equal(0)
    expect(terminal.output).to.not.include('\x1b')
  })

  it('ends with its input, when what was asked for is done; nobody is there to say yes', async () => {
    const { code, stdout, stderr } = await runAgent(['--plain', ...argv], {
      cwd: project,
      env: place.env,
      input: 'go\n',
    })
    expect([code, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.match(/failed: shell[^]*It is written\.\nThe turn is done\.\n/)
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.equal('one\n')
  })

  describe('without a model', () => {
    const key = 'sk-spec-0123456789'
    let server: ModelServer
    before(async () => (server = await startModelServer({ key, models: ['spec-model'], turns: [{ text: 'Done.' }] })))
    after(() => server.close())

    function open(...command: string[]): VirtualTerminal {
      place.write('.config/drydock/config.toml', '')
      const env = { ...place.env, OPENAI_BASE_URL: server.url }
      const whole = [process.execPath, agentPath, ...command, '--backend', 'local']
      return (terminal = openTerminal({ argv: whole, cwd: project, env, cols: 100, rows: 60 }))
    }

    it('offers the ways to begin, takes a key that is not echoed, and goes on with its model', async () => {
      const { waitFor, type } = open('--plain')
      await waitFor('d: watch the demo')
      type('hello\r')
      await waitFor('No model is chosen yet: type one of k, d, or /model PROVIDER/MODEL.')
      type('k\r')
      await waitFor('Paste the key')
      type('sk-wrong-0123456789\r')
      await waitFor('openai did not accept the key')
      type('k\r')
      await waitFor((rows) => rows.join('\n').split('Paste the key').length === 3)
      type('\x03')
      await waitFor('No key was given.')
      type('k\r')
      await waitFor((rows) => rows.join('\n').split('Paste the key').length === 4)
      type(`x\x7f${key}\r`)
      await waitFor('The model is openai/spec-model.')
      type('Is it echoed?\r')
      await waitFor('The turn is done.')
      expect(terminal!.output).to.include('Is it echoed?')
      expect(terminal!.output).not.to.match(/0123456789/)
      expect(readFileSync(join(place.home, '.config/drydock/credentials.toml'), 'utf8')).to.equal(`openai = "${key}"\n`)
      type('/quit\r')
      expect(await terminal!.exit).to.equal(0)
      expect(terminal!.output.split('paste a key').length).to.equal(2)
    })

    it('shows the demo, from which the person goes on', async () => {
      const { waitFor, type } = open('--plain')
      await waitFor('d: watch the demo')
      type('d\r')
      await waitFor('Drydock in')
      await waitFor("I'll look at the parser and its tests first.", 20_000)
      type('/mode plan\r')
      await waitFor('The mode is plan.')
      type('/quit\r')
      expect(await terminal!.exit).to.equal(0)
    })
  })

  it('is what a terminal is told of that cannot place text', async () => {
    terminal = openTerminal({ argv: [process.execPath, agentPath], cwd: project, env: place.env, cols: 100 })
    expect(await terminal.exit).to.equal(1)
    expect(terminal.output).to.include('use `agent --plain`')
  })
})
