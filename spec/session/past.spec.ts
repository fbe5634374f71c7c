import { expect } from 'chai'
import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Facts } from '../../lib/core/events.ts'
import type { Message } from '../../lib/core/messages.ts'
import { glance } from '../../lib/session/glance.ts'
import { linesBack, linesOf } from '../../lib/session/lines.ts'
import { type OpenedSession, beginSession, goOnWith } from '../../lib/session/opened.ts'
import { holderOf, isLocal, mannerOf, recall, takeUp } from '../../lib/session/past.ts'
import { readLog } from '../../lib/session/replay.ts'
import { type SessionEntry, listSessions, logPath } from '../../lib/session/store.ts'
import { failure } from '../support/failures.ts'

const started = (turn: number, prompt = `p${turn}`): Facts['turn.started'] => ({ turn, kind: 'prompt', prompt, at: 10 })
const ended = (turn: number): Facts['turn.ended'] => ({ turn, end: 'done', ms: 1, at: 11 })
const opened = (more: Partial<Facts['session.opened']> = {}): Facts['session.opened'] => ({
  id: 's',
  project: '/p',
  mode: 'review',
  at: 1,
  ...more,
})

describe('a session that has ended', () => {
  let dataDir: string
  beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), 'drydock-past-'))))
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  const begin = () => beginSession({ dataDir, project: '/p', now: () => 7 })
  const entry = (): SessionEntry => listSessions(dataDir)[0]!

  /** A session whose process was killed: its log is as it is left. */
  async function left(fill: (log: OpenedSession['log']) => void): Promise<SessionEntry> {
    const session = await begin()
    fill(session.log)
    await session.dispose()
    return entry()
  }

  it('is one process’s at a time, from its beginning on', async () => {
    const session = await begin()
    expect((await failure(takeUp(entry()))).code).to.equal('busy')
    expect(await holderOf(entry())).to.equal(process.pid)
    await session.dispose()
    const past = await takeUp(entry())
    expect((await failure(takeUp(entry()))).code).to.equal('busy')
    await past.lock.release()
    const again = await takeUp(entry())
    await past.lock.release() // it is not this one's any more
    expect(await holderOf(entry())).to.equal(process.pid)
    await again.lock.release()
    expect(await holderOf(entry())).to.equal(undefined)
  })

  it('is gone on with in the same log: what was torn is cut off, the turn that was cut off is said to be', async () => {
    const one = await left((log) => {
      log.append('turn.started', started(1))
      log.append('turn.ended', ended(1))
      log.append('turn.started', started(2))
      log.append('approval.asked', { id: 'q', kind: 'run', title: 'Run?', body: [], choices: [] })
    })
    appendFileSync(logPath(one.folder), '{"at":9,"event":"message.added","da')
    const heard: string[] = []
    const past = await recall(await takeUp(one), { now: 20, onEvent: ({ event }) => heard.push(event) })
    expect(heard.join(' ')).to.equal('turn.started turn.ended turn.started approval.asked approval.settled turn.ended')
    const session = await goOnWith(past, { now: () => 21 })
    session.log.append('turn.started', started(3))
    await session.dispose()
    const { events, bad } = readLog(logPath(one.folder))
    expect(bad).to.deep.equal([])
    expect(events.slice(4)).to.deep.equal([
      { at: 21, event: 'approval.settled', data: { id: 'q', answer: 'no' } },
      { at: 21, event: 'turn.ended', data: { turn: 2, end: 'interrupted', ms: 0, at: 20 } },
      { at: 21, event: 'turn.started', data: started(3) },
    ])
    expect(mannerOf(events).turns).to.equal(3)
  })

  it('has the model, the mode and the workspace that it had last', async () => {
    const one = await left((log) => {
      log.append('session.opened', opened({ model: 'a/one', local: true }))
      log.append('sandbox.status', { state: 'ready', text: '', workspace: '2' })
      log.append('model.chosen', { model: 'b/two' })
      log.append('mode.chosen', { mode: 'live' })
      log.append('sandbox.status', { state: 'gone', text: '' })
    })
    const { events } = readLog(logPath(one.folder))
    expect(mannerOf(events)).to.deep.equal({ model: 'b/two', mode: 'live', workspace: '2', turns: 0 })
    expect(mannerOf([])).to.deep.equal({ turns: 0 })
    expect(isLocal(one)).to.equal(true)
  })

  it('is read while other work goes on, and no further once that is not wanted any more', async () => {
    const text = 'x'.repeat(20_000)
    const message: Message = { role: 'user', parts: [{ type: 'text', text }] }
    const one = await left((log) => {
      for (let i = 0; i < 1_500; i++) log.append('message.added', { turn: 1, message })
    })
    const taken = await takeUp(one)
    let turns = 0
    const beside = setInterval(() => (turns += 1))
    const { messages } = await recall(taken, { now: 20 })
    clearInterval(beside)
    expect(messages).to.have.length(1_500)
    expect(turns).to.be.above(3)
    const life = new AbortController()
    let heard = 0
    const onEvent = () => void (++heard === 10 && life.abort())
    expect(await recall(taken, { now: 20, onEvent, signal: life.signal }).catch((error) => error.name)).to.equal(
      'AbortError',
    )
    expect(heard).to.be.below(1_500)
    await taken.lock.release()
  })

  it('is told by what was asked first, and by whether its last turn has ended', async () => {
    const fills: [(log: OpenedSession['log']) => void, object | undefined][] = [
      [(log) => log.append('session.opened', opened()), undefined],
      [(log) => log.append('turn.started', started(1, ' go\non ')), { prompt: 'go\non', cut: true }],
      [
        (log) => {
          log.append('turn.started', { ...started(1, 'ls'), kind: 'command' })
          log.append('tool.ended', { turn: 1, id: 'c', ok: true, summary: '', text: '"event":"turn.started"', ms: 1 })
          log.append('turn.ended', ended(1))
          log.append('tool.ended', { turn: 1, id: 'c', ok: true, summary: '', text: 'x'.repeat(700_000), ms: 1 })
        },
        { prompt: '!ls', cut: false },
      ],
    ]
    for (const [fill, told] of fills) {
      const one = await left(fill)
      utimesSync(logPath(one.folder), 5, 5)
      expect(glance(one)).to.deep.equal(told && { ...one, usedAt: 5000, ...told })
      rmSync(one.folder, { recursive: true })
    }
  })
})

describe('the lines of a log', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'drydock-lines-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are the same from both ends, whatever their length, without an unfinished one', () => {
    const path = join(folder, 'log')
    const long = 'ä'.repeat(300_000)
    for (const lines of [[], [''], ['a'], ['a', '', 'b'], [long, 'a', long], ['x'.repeat(256 * 1024 - 1), 'y']])
      for (const torn of ['', 'half', long]) {
        writeFileSync(path, lines.map((line) => `${line}\n`).join('') + torn)
        expect([...linesOf(path)]).to.deep.equal(lines)
        expect([...linesBack(path)]).to.deep.equal(lines.toReversed())
      }
  })
})
