import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listSessions, logPath } from '../../lib/session/store.ts'
import { type Place, agentPath, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { until, wordsOf } from '../support/processes.ts'
import { openTerminal, untouched, type VirtualTerminal } from '../support/virtual-terminal.ts'

/** A turn of some seconds: words that can be told from each other. */
const words = Array.from({ length: 120 }, (_, i) => `word${i}.`)
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
      hangUp(first)
      await until(() => log().some(({ event }) => event === 'turn.ended'))
      expect(wordsOf(pid)).to.include('agent')
      const second = open(['resume'])
      await second.waitFor('word119.')
      expect(said(second)).to.deep.equal(words)
      second.type('Go on.\r')
      await second.waitFor('And done.')
      second.press('ctrl+d')
      expect(await second.exit).to.equal(0)
      expect(second.modes()).to.deep.equal(untouched)
      await gone(pid)
      expect(log().filter(({ event }) => event === 'turn.ended')).to.have.length(2)
      expect((await agent('resume')).stderr).to.equal('No session runs on this machine: `agent` begins one.\n')
    })

  it('is taken up in the middle of its turn, and again when the screen that took it up is gone too', async () => {
    served.turns = [{ ...slowly, ending: 'hang', pieces: 60 }, { text: 'And done.' }]
    const first = await working()
    first.hangUp()
    const second = open(['resume'])
    await second.waitFor('word50.')
    const before = said(second)!
    expect(before).to.deep.equal(words.slice(0, before.length))
    second.hangUp()
    const third = open(['resume'])
    await third.waitFor('word50.')
    third.press('escape')
    await third.waitFor('Cancelled.')
    third.press('ctrl+d')
    expect(await third.exit).to.equal(0)
    await gone(first.pid)
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
