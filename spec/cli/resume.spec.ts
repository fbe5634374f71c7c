import { expect } from 'chai'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listSessions, logPath } from '../../lib/session/store.ts'
import { type Place, agentPath, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { wordsOf } from '../support/processes.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { openTerminal, untouched, type VirtualTerminal } from '../support/virtual-terminal.ts'

const short = (id: string) => id.slice(-8)
const shell = (command: string) => ({ calls: [{ name: 'shell', arguments: { command } }] })

/** Says yes to the question that is on the screen: a key that comes before it could be read is no answer. */
async function answered(terminal: VirtualTerminal, text: string): Promise<void> {
  const asking = setInterval(() => terminal.press('y'), 450)
  await terminal.waitFor(text).finally(() => clearInterval(asking))
}

async function quit(terminal: VirtualTerminal): Promise<void> {
  terminal.press('ctrl+d')
  expect(await terminal.exit).to.equal(0)
  expect(terminal.modes()).to.deep.equal(untouched)
}

describe('A session that has ended', function () {
  this.timeout(60_000)
  let place: Place
  let project: string
  let server: ModelServer
  let served: ModelServerOptions
  const opened: VirtualTerminal[] = []

  beforeEach(async () => {
    served = {
      turns: [{ text: 'First said.' }, { text: 'Then said.' }, { text: 'At last said.' }, { text: 'The end.' }],
    }
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: 'spec-key', OPENAI_BASE_URL: server.url })
    place.write('.config/drydock/config.toml', 'model = "openai/spec"\n[screen]\nescape_ms = 25\n')
    project = place.project({ 'a.txt': 'one\n' })
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) one.dispose()
    await server.close()
    place.dispose()
  })

  function open(...args: string[]): VirtualTerminal {
    const argv = [process.execPath, agentPath, ...args]
    const terminal = openTerminal({ argv, cwd: project, env: place.env, cols: 100, rows: 30 })
    opened.push(terminal)
    return terminal
  }

  /** What needs no sandbox is sooner there without one. */
  function withoutEngine(): void {
    place.env.DOCKER_HOST = `unix://${join(place.home, 'none.sock')}`
    place.write('.config/drydock/config.toml', 'model = "openai/spec"\n[sandbox]\nbackend = "container"\n')
  }

  const sessions = () => listSessions(join(place.home, '.local', 'share', 'drydock'))
  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })
  /** What the model was told with the last request, role and text. */
  const told = () => {
    const { model, messages } = server.requests.at(-1)!.body as { model: string; messages: { role: string }[] }
    return { model, messages: messages.filter(({ role }) => role !== 'system').map((one) => JSON.stringify(one)) }
  }

  it('that was killed in a turn comes back whole: conversation, history, workspace, checkpoints', async function () {
    await engineOrSkip(this)
    served.turns = [
      shell('echo two > b.txt'),
      { text: 'Written.' },
      shell('echo three > c.txt; echo asleep; sleep 100'),
      { text: 'Going on.' },
    ]
    const first = open()
    await first.waitFor('sandbox ✓', 20_000)
    first.type('Write b.\r')
    await first.waitFor('Written.')
    await first.waitFor('● ready')
    first.type('Write c.\r')
    await first.waitFor('asleep')
    process.kill(first.pid, 'SIGKILL')
    expect(await first.exit).to.equal(137)
    // What a crash in the midst of a write leaves.
    const { id, folder } = sessions()[0]!
    appendFileSync(logPath(folder), '{"at":17,"event":"message.added","data":{"tu')

    expect((await agent('resume', '--list')).stdout).to.match(
      new RegExp(`^NAME +USED +STATE +FIRST PROMPT\n${short(id)}  just now  interrupted  Write b\\.\n$`),
    )
    const second = open('resume')
    await second.waitFor('Taken up again.')
    for (const text of ['Write b.', 'Written.', 'Write c.', 'interrupted', 'Interrupted: the program ended before'])
      await second.waitFor(text)
    await second.waitFor('Diff 2', 20_000)
    second.type('Go on.\r')
    await second.waitFor('Going on.')
    const { messages } = told()
    expect(messages.map((one) => (JSON.parse(one) as { role: string }).role).join(' ')).to.equal(
      'user assistant tool assistant user assistant tool user user',
    )
    expect(messages[6]).to.include('No result: the session ended before this call did.')
    expect(messages[7]).to.include('taken up again')
    await second.waitFor('● ready')
    second.press('ctrl+x', 'ctrl+u')
    await second.waitFor('Go back? These files change:')
    await answered(second, 'Went to another moment')
    await quit(second)
    expect(sessions()).to.have.length(1)
    const log = readFileSync(logPath(folder), 'utf8')
    expect(log.match(/"event":"turn\.ended".*"end":"interrupted"/g)).to.have.length(1)
    expect((await agent('diff')).stdout).to.not.include('c.txt')
  })

  it('has its model and mode again, is found by its name, and is one process’s at a time', async () => {
    withoutEngine()
    const first = open('--model', 'openai/other')
    await first.waitFor('other · openai')
    first.press('ctrl+o')
    await first.waitFor('mode: turn')
    first.type('Say something.\r')
    await first.waitFor('First said.')
    await quit(first)

    const { id } = sessions()[0]!
    const second = open('resume', short(id).slice(0, 6))
    await second.waitFor('First said.')
    await second.waitFor('other · openai')
    await second.waitFor('mode: turn')
    await second.waitFor('Taken up again.')
    const taken = await agent('run', '--resume', id, 'And?')
    expect([taken.code, taken.stderr.split(':')[0]]).to.deep.equal([
      1,
      `Session ${id} is at work in process ${second.pid}`,
    ])
    second.type('Go on.\r')
    await second.waitFor('Then said.')
    expect(told().model).to.equal('other')
    await quit(second)

    const run = await agent('run', '--continue', '--json', 'And?')
    expect(run.code).to.equal(0)
    expect(told().messages.filter((one) => one.includes('said.'))).to.have.length(2)
    expect(sessions()).to.have.length(1)

    const { env } = place
    const lines = await runAgent(['resume', '--plain'], { cwd: project, env, input: 'And line by line?\n' })
    expect(lines.stdout).to.match(/> Say something\.\n[^]*First said\.[^]*Drydock in [^]*The turn is done\./)
    expect(told().messages.filter((one) => one.includes('said.'))).to.have.length(3)
    expect(sessions()).to.have.length(1)

    const near = `${short(id).slice(0, 7)}${short(id).endsWith('0') ? '1' : '0'}`
    for (const [name, sentence] of [
      [near, `There is no session ${near}; did you mean ${short(id)}?\n`],
      ['xyz', 'There is no session xyz; `agent resume --list` lists those of this project.\n'],
    ] as const)
      expect(await agent('resume', name)).to.include({ code: 1, stdout: '', stderr: sentence })
    const local = await agent('resume', '--backend', 'local')
    expect(local).to.include({
      code: 2,
      stderr: `Session ${short(id)} worked in a sandbox: add --backend auto to go on so.\n`,
    })
  })

  it('has its screen at once, however long it is: what was said comes while the person writes', async () => {
    withoutEngine()
    expect((await agent('run', 'Say something.')).code).to.equal(0)
    const { folder } = sessions()[0]!
    const message = { role: 'user', parts: [{ type: 'text', text: 'x'.repeat(20_000) }] }
    const line = `${JSON.stringify({ at: 17, event: 'message.added', data: { turn: 1, message } })}\n`
    appendFileSync(logPath(folder), line.repeat(1_000))
    const terminal = open('resume')
    await terminal.waitFor('The conversation is being read')
    expect(terminal.output).to.not.include('What is to be done?').and.not.include('First said.')
    terminal.type('Written meanwhile')
    await terminal.waitFor('Written meanwhile')
    await terminal.waitFor('First said.', 10_000)
    terminal.press('enter')
    await terminal.waitFor('Then said.', 10_000)
    await quit(terminal)
    const again = open('resume')
    await again.waitFor('The conversation is being read')
    await quit(again)
  })

  it('is chosen from a list on the screen, and the one that was there ends', async () => {
    withoutEngine()
    expect((await agent('resume')).stderr).to.equal(
      'There is no session of ~/project to go on with: `agent` begins one.\n',
    )
    expect((await agent('run', 'The one of before.')).code).to.equal(0)
    const { id } = sessions()[0]!
    const terminal = open()
    await terminal.waitFor('spec · openai')
    terminal.type('Another one.\r')
    await terminal.waitFor('First said.')
    await terminal.waitFor('● ready')
    const { pid } = terminal
    terminal.press('ctrl+x', 'r')
    await terminal.waitFor((rows) => /Another one[^]*The one of before/.test(rows.join('\n')))
    terminal.press('down', 'enter')
    await terminal.waitFor('Taken up again.')
    await terminal.waitFor('The one of before.')
    expect(terminal.screen().join('\n')).to.not.include('Another one.')
    expect(wordsOf(pid)).to.include('agent')
    terminal.type('Go on.\r')
    await terminal.waitFor('Then said.')
    expect(told().messages.join()).to.include('The one of before.').and.not.include('Another one.')
    await quit(terminal)
    expect(existsSync(join(sessions().find((one) => one.id === id)!.folder, 'lock'))).to.equal(false)
  })
})
