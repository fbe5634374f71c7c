import { expect } from 'chai'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'
import { durable, type Events, type Facts } from '../../lib/core/events.ts'
import { Failure } from '../../lib/core/failure.ts'
import { SessionLog } from '../../lib/session/log.ts'
import { readLog } from '../../lib/session/replay.ts'

const started = (turn: number): Facts['turn.started'] => ({ turn, kind: 'prompt', prompt: `p${turn}`, at: turn })

function failureOf(act: () => void): Failure {
  try {
    act()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('It did not fail.')
}

describe('the session log', () => {
  let folder: string
  let path: string
  /** A program of its own, which needs nothing but Node: whatever reads TypeScript is not under test. */
  let appender: string
  before(() => {
    appender = join(mkdtempSync(join(tmpdir(), 'drydock-appender-')), 'appender.mjs')
    const entry = join(import.meta.dirname, 'appender.ts')
    buildSync({ entryPoints: [entry], outfile: appender, bundle: true, platform: 'node', format: 'esm' })
  })
  after(() => rmSync(dirname(appender), { recursive: true, force: true }))
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drydock-log-'))
    path = join(folder, 'log.jsonl')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const open = (options: ConstructorParameters<typeof SessionLog>[1] = {}) =>
    new SessionLog(path, { now: () => 7, ...options })

  it('is one line of JSON an event, for its owner alone', () => {
    const log = open()
    log.append('turn.started', started(1))
    log.append('model.chosen', { model: 'a/b' })
    log.dispose()
    expect(readFileSync(path, 'utf8')).to.equal(
      '{"at":7,"event":"turn.started","data":{"turn":1,"kind":"prompt","prompt":"p1","at":1}}\n' +
        '{"at":7,"event":"model.chosen","data":{"model":"a/b"}}\n',
    )
    expect(statSync(path).mode & 0o777).to.equal(0o600)
  })

  it('keeps what the table of events calls durable, and nothing else', () => {
    const log = open()
    const names = Object.keys(durable) as (keyof Facts)[]
    for (const name of names) log.append(name, {} as never)
    log.dispose()
    const kept = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect(kept).to.deep.equal(names.filter((name) => durable[name]))
  })

  it('gives back what was put in: line breaks, broken surrogates, names that are no UTF-8', () => {
    const prompt = 'a\nb\u2028c\0\ud83d \udcff \u202e"\\'
    const log = open()
    log.append('turn.started', { ...started(1), prompt })
    log.dispose()
    expect(readLog(path)).to.deep.equal({
      events: [{ at: 7, event: 'turn.started', data: { ...started(1), prompt } }],
      bad: [],
    })
  })

  it('takes secrets out wherever they are, also such as JSON writes differently', () => {
    const secret = 'sk-"quoted"\\key'
    const log = open({ redact: (text) => text.replaceAll(secret, '[key]') })
    log.append('tool.ended', { turn: 1, id: 'c', ok: true, summary: secret, text: `KEY=${secret}\n`, ms: 1 })
    log.dispose()
    expect(readLog(path).events[0]!.data).to.include({ summary: '[key]', text: 'KEY=[key]\n' })
    expect(readFileSync(path, 'utf8')).not.to.contain('quoted')
  })

  it('goes on after what is there, and cuts a line that a crash left torn', () => {
    const first = open()
    first.append('turn.started', started(1))
    first.dispose()
    appendFileSync(path, `{"at":7,"event":"turn.started","data":{"pro${'x'.repeat(200_000)}`)
    const second = open()
    second.append('turn.started', started(2))
    second.dispose()
    expect(readLog(path)).to.deep.equal({
      events: [1, 2].map((turn) => ({ at: 7, event: 'turn.started', data: started(turn) })),
      bad: [],
    })
  })

  it('has no event after it was closed', () => {
    const log = open()
    log.dispose()
    expect(failureOf(() => log.append('turn.started', started(1))).code).to.equal('disk')
  })

  it('says what to do where the disk is full', () => {
    symlinkSync('/dev/full', path)
    const log = open()
    const { code, message, file } = failureOf(() => log.append('turn.started', started(1)))
    log.dispose()
    expect({ code, message, file }).to.deep.equal({
      code: 'disk',
      message: `The session log ${path} cannot be written. The disk is full: free some space, then try again.`,
      file: path,
    })
  })

  it('says so where it cannot be opened', () => {
    path = join(folder, 'missing', 'log.jsonl')
    expect(failureOf(open).code).to.equal('disk')
  })

  it('holds whole lines only where a write came up short', () => {
    const limited = 'ulimit -f 8; exec "$0" "$1" "$2"'
    const words = ['-c', limited, process.execPath, appender, path]
    // Into a file: a pipe would be waited for as long as anything else holds it.
    const out = join(folder, 'said')
    const file = openSync(out, 'w')
    spawnSync('bash', words, { stdio: ['ignore', file, 'inherit'] })
    closeSync(file)
    const said = readFileSync(out, 'utf8').trimEnd().split('\n')
    expect(said.at(-1)).to.match(/cannot be written\. It reached the largest size a file may have/)
    const { events, bad } = readLog(path)
    expect(bad).to.deep.equal([])
    expect(events.map(({ data }) => String((data as Facts['turn.started']).turn))).to.deep.equal(said.slice(0, -1))
    expect(readFileSync(path, 'utf8').endsWith('\n')).to.equal(true)
  })

  it('holds every event whose append returned when the process is killed', async () => {
    const child = spawn(process.execPath, [appender, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.split('\n').length > 300) child.kill('SIGKILL')
    }
    await exited
    expect(child.signalCode).to.equal('SIGKILL')
    const last = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
    const turns = readLog(path).events.map(({ data }) => (data as Facts['turn.started']).turn)
    expect(turns.length).to.be.at.least(last)
    expect(turns).to.deep.equal(turns.map((_, index) => index + 1))
  })
})

describe('reading a log back', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'drydock-replay-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const good = '{"at":1,"event":"model.chosen","data":{"model":"a/b"}}'
  const table: [string, string, string | undefined][] = [
    ['an event', good, undefined],
    ['nothing', '', 'This is no JSON.'],
    ['half a line', good.slice(0, 20), 'This is no JSON.'],
    ['no object', '[1]', 'This is no object.'],
    ['no time', '{"event":"model.chosen","data":{}}', 'An event has "at", "event" and "data".'],
    ['no data', '{"at":1,"event":"model.chosen","data":null}', 'An event has "at", "event" and "data".'],
    ['an unknown event', '{"at":1,"event":"from.later","data":{}}', 'The log keeps no event "from.later".'],
    ['an intent', '{"at":1,"event":"prompt.submit","data":{}}', 'The log keeps no event "prompt.submit".'],
    ['a name of every object', '{"at":1,"event":"toString","data":{}}', 'The log keeps no event "toString".'],
    [
      'no message',
      '{"at":1,"event":"message.added","data":{"turn":1,"message":{"role":"x"}}}',
      'This message is damaged.',
    ],
  ]
  for (const [what, line, reason] of table) {
    it(`${what}: ${reason ?? 'read'}`, () => {
      const path = join(folder, 'log.jsonl')
      writeFileSync(path, `${good}\n${line}\n${good}\n`)
      const { events, bad } = readLog(path)
      expect(bad).to.deep.equal(reason === undefined ? [] : [{ line: 2, reason }])
      expect(events).to.have.length(reason === undefined ? 3 : 2)
    })
  }

  it('passes over an unfinished last line', () => {
    const path = join(folder, 'log.jsonl')
    writeFileSync(path, `${good}\n${good.slice(0, -1)}`)
    expect(readLog(path)).to.deep.equal({ events: [JSON.parse(good) as Events], bad: [] })
  })

  it('says so where there is none', () => {
    expect(failureOf(() => readLog(join(folder, 'none')))).to.include({ code: 'missing' })
  })
})
