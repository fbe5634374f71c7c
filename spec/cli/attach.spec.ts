import { expect } from 'chai'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { listSessions, logPath } from '../../lib/session/store.ts'
import { type Place, agentPath, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { childrenOf, until, wordsOf } from '../support/processes.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { type Tmux, tmuxIn, tmuxOrSkip } from '../support/tmux.ts'
import { openTerminal, untouched, type VirtualTerminal } from '../support/virtual-terminal.ts'

/** A turn of some seconds: words that can be told from each other. */
const words = Array.from({ length: 60 }, (_, i) => `word${i}.`)
const slowly = { text: words.join(' '), rate: 40 }

describe('A session and its screens', () => {
  let place: Place
  let project: string
  let server: ModelServer
  let served: ModelServerOptions
  const opened: VirtualTerminal[] = []

  beforeEach(async () => {
    served = { turns: [slowly, { text: 'And done.' }] }
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: 'spec-key', OPENAI_BASE_URL: server.url, DOCKER_HOST: 'unix:///nowhere' })
    configure()
    project = place.project({ 'a.txt': 'one\n' })
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) one.dispose()
    await server.close()
    place.dispose()
  })

  function configure(more = ''): void {
    place.write(
      '.config/drydock/config.toml',
      `model = "openai/spec"\n[sandbox]\nbackend = "container"\n[screen]\nescape_ms = 25\n${more}`,
    )
  }

  function open(args: string[] = [], size = { cols: 100, rows: 30 }): VirtualTerminal {
    const argv = [process.execPath, agentPath, ...args]
    const terminal = openTerminal({ argv, cwd: project, env: place.env, ...size })
    opened.push(terminal)
    return terminal
  }

  /** A session whose turn has just begun to answer. */
  async function working(): Promise<VirtualTerminal> {
    const terminal = open()
    await terminal.waitFor('What is to be done?')
    terminal.type('Count.\r')
    await terminal.waitFor('word3.')
    return terminal
  }

  const data = () => join(place.home, '.local', 'share', 'drydock')
  const log = () => {
    const [session] = listSessions(data())
    const lines = readFileSync(logPath(session!.folder), 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as { event: string; data: Record<string, unknown> })
  }
  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })

  for (const [how, hangUp] of [
    ['a signal', (terminal: VirtualTerminal) => void process.kill(terminal.pid, 'SIGHUP')],
    ['its terminal gone', (terminal: VirtualTerminal) => terminal.hangUp()],
  ] as const)
    it(`finishes its turn after ${how}, and is taken up with everything there once`, async () => {
      const first = await working()
      const { pid } = first
      await until(() => childrenOf(pid).some((one) => wordsOf(one).includes('drydock-watchdog')))
      hangUp(first)
      // There is no terminal any more to be watched over.
      await until(() => !childrenOf(pid).some((one) => wordsOf(one).includes('drydock-watchdog')))
      await until(() => log().some(({ event }) => event === 'turn.ended'))
      expect(wordsOf(pid)).to.include('agent')
      const second = open(['resume'])
      await second.waitFor('word59.')
      expect(said(second)).to.deep.equal(words)
      second.type('Go on.\r')
      await second.waitFor('And done.')
      second.press('ctrl+d')
      expect(await second.exit).to.equal(0)
      expect(second.modes()).to.deep.equal(untouched)
      await gone(pid)
      expect(log().filter(({ event }) => event === 'turn.ended')).to.have.length(2)
      expect((await agent('attach')).stderr).to.equal('No session runs on this machine: `agent` begins one.\n')
    })

  for (const [how, hangUp] of [
    ['a signal', (terminal: VirtualTerminal) => void process.kill(terminal.pid, 'SIGHUP')],
    ['its terminal gone', (terminal: VirtualTerminal) => terminal.hangUp()],
  ] as const)
    it(`finishes what runs in its container after ${how}, and leaves no container once it is over`, async function () {
      this.timeout(60_000)
      const { engine } = await engineOrSkip(this)
      const command = 'echo begun; while [ ! -e go.txt ]; do sleep 0.05; done; echo through > made.txt'
      served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Made it.' }]
      delete place.env.DOCKER_HOST
      if (process.env.DOCKER_HOST) place.env.DOCKER_HOST = process.env.DOCKER_HOST
      const first = open()
      await first.waitFor('sandbox ✓', 20_000)
      const { pid } = first
      const containers = () => engine.docker.listContainers({ all: true, filters: { label: [`drydock.pid=${pid}`] } })
      first.type('Make it.\r')
      await first.waitFor('begun')
      hangUp(first)
      writeFileSync(join(project, 'go.txt'), '') // the workspace follows the project, with a screen or without
      await until(() => log().some(({ event }) => event === 'turn.ended'))
      const ended = log().find(({ event }) => event === 'tool.ended')
      expect((ended?.data as { ok?: boolean })?.ok, JSON.stringify(ended)).to.equal(true)
      expect(await containers()).to.have.length(1)
      const second = open(['resume'])
      await second.waitFor('Made it.')
      await second.waitFor('Diff 1')
      second.press('ctrl+d')
      expect(await second.exit).to.equal(0)
      await gone(pid)
      expect(await containers()).to.deep.equal([])
    })

  it('is taken up in the middle of its turn, and again when the screen that took it up is gone too', async () => {
    served.turns = [{ ...slowly, ending: 'hang', pieces: 40 }, { text: 'And done.' }]
    const first = await working()
    first.hangUp()
    const second = open(['resume'])
    await second.waitFor('word30.')
    const before = said(second)!
    expect(before).to.deep.equal(words.slice(0, before.length))
    second.hangUp()
    const third = open(['resume'])
    await third.waitFor('word30.')
    third.press('escape')
    await third.waitFor('Cancelled.')
    third.press('ctrl+d')
    expect(await third.exit).to.equal(0)
    await gone(first.pid)
  })

  it('ends with its time where nobody comes back, the log whole', async () => {
    configure('away_minutes = 0.01\n')
    served.turns = [{ ...slowly, ending: 'hang', pieces: 40 }]
    const first = await working()
    first.hangUp()
    await gone(first.pid)
    const told = readFileSync(join(place.home, '.local/state/drydock/drydock.log'), 'utf8')
    expect(
      log().map(({ event }) => event),
      told,
    ).to.include('turn.ended')
    const ended = log().find(({ event }) => event === 'turn.ended')
    expect(ended?.data).to.include({ end: 'cancelled' })
    expect(readdirSync(join(data(), 'run', hostname()))).to.deep.equal([])
  })

  it('ends with its terminal where no turn is at work, or where it is to go on for none', async () => {
    const idle = open()
    await idle.waitFor('What is to be done?')
    await idle.waitFor('spec · openai')
    idle.hangUp()
    await gone(idle.pid)
    configure('away_minutes = 0\n')
    const busy = await working()
    busy.hangUp()
    await gone(busy.pid)
  })

  it('is shown on a second screen, which says that it has ended and leaves nothing behind', async () => {
    const first = await working()
    const second = open(['attach'])
    await second.waitFor('word5.')
    second.type('What else?\r')
    await first.waitFor('What else?')
    await first.waitFor('And done.', 15_000)
    await second.waitFor('And done.')
    const third = open(['attach', '--view', 'conversation'])
    await third.waitFor('And done.')
    third.press('q')
    expect(await third.exit).to.equal(0)
    first.press('ctrl+d')
    expect(await first.exit).to.equal(0)
    expect(await second.exit).to.equal(0)
    expect(second.modes()).to.deep.equal(untouched)
    expect(second.screen().join('\n').trim()).to.equal('The session has ended.')
  })

  it('says of one that was killed that it was, and what there is instead of one that is not there', async () => {
    const first = open()
    await first.waitFor('spec · openai')
    // From the home folder, which is no project: a demo is begun there, and its tmux panes stand in it.
    const argv = [process.execPath, agentPath, 'attach', '--view', 'diff']
    const second = openTerminal({ argv, cwd: place.home, env: place.env, cols: 100, rows: 30 })
    opened.push(second)
    await second.waitFor('DIFF')
    process.kill(first.pid, 'SIGKILL')
    expect(await second.exit).to.equal(1)
    expect(second.screen().join('\n')).to.include('The session has ended without a word: its process was killed.')
    const { id } = listSessions(data())[0]!
    const ended = await agent('attach', id)
    expect([ended.code, ended.stderr]).to.deep.equal([
      1,
      `Session ${id} has ended: \`agent resume ${id}\` goes on with it.\n`,
    ])
    expect((await agent('attach', 'x9')).stderr).to.equal('There is no session x9.\n')
    expect(readdirSync(join(data(), 'run', hostname()))).to.deep.equal([])
  })

  describe('in tmux', () => {
    let tmux: Tmux
    let screen: VirtualTerminal

    before(function () {
      tmuxOrSkip(this)
    })
    beforeEach(() => {
      tmux = tmuxIn(place)
      const argv = tmux.begin(process.execPath, agentPath)
      screen = openTerminal({ argv, cwd: project, env: place.env, cols: 200, rows: 30 })
      opened.push(screen)
    })
    afterEach(() => tmux.kill())

    const present = () =>
      tmux.run('display-message', '-p', '#{pane_pid} #{alternate_on} #{mouse_any_flag} #{cursor_flag}').trim()

    it('outlives the terminal around tmux, and is on the next one as it was', async () => {
      await screen.waitFor('spec · openai')
      await screen.waitFor('does not answer')
      screen.press('ctrl+g')
      await screen.waitFor('Nothing differs')
      await screen.waitFor('ctrl+x h close')
      const before = screen.screen().join('\n')
      screen.hangUp()
      await until(() => tmux.run('list-clients') === '')
      const next = openTerminal({ argv: tmux.again(), cwd: project, env: place.env, cols: 200, rows: 30 })
      opened.push(next)
      await next.waitFor((rows) => rows.join('\n') === before)
      // tmux says so after the rows.
      await until(() => next.modes().bracketedPaste)
      expect(next.modes()).to.include({ alternateScreen: true, bracketedPaste: true, mouse: 'drag' })
      next.press('ctrl+d')
      await next.waitFor('[exited]')
      expect(next.modes()).to.deep.equal(untouched)
    })

    it('leaves its pane as it was when it is killed', async () => {
      await screen.waitFor('spec · openai')
      // A shell has the pane, as where people work; one that begins with the program ends with it.
      tmux.run('new-window', '-c', project, 'sh', '-c', '"$@"; exec cat', 'sh', process.execPath, agentPath)
      const [, pid] = await until(() => /^(\d+) 1 1/.exec(present()) ?? undefined)
      const agentPid = childrenOf(Number(pid))[0]!
      await until(() => childrenOf(agentPid).some((one) => wordsOf(one).includes('drydock-watchdog')))
      process.kill(agentPid, 'SIGKILL')
      await until(() => present() === `${pid} 0 0 1`)
    })
  })
})

/** The words of the answer that are on the screen. */
function said(terminal: VirtualTerminal): RegExpMatchArray | null {
  return terminal
    .screen()
    .join(' ')
    .match(/word\d+\./g)
}

function gone(pid: number): Promise<true> {
  return until(() => wordsOf(pid) === '')
}
