import { expect } from 'chai'
import type { Exit, Shell } from '../../lib/sandbox/sandbox.ts'
import { Bench } from './bench.ts'

describe('tools: shell', () => {
  let bench: Bench
  beforeEach(() => (bench = new Bench({ outputBytes: 1000, commandSeconds: 10 })))
  afterEach(() => bench.dispose())

  const endings: [string, string, object][] = [
    ['true', 'nothing printed', { ok: true, text: '[no output]', summary: 'ok' }],
    ['echo a; echo b >&2', 'both streams', { ok: true, text: 'a\nb\n', summary: 'ok' }],
    ['printf x; exit 3', 'a status', { ok: false, text: 'x\n[exit 3]', summary: 'exit 3' }],
    ['kill -9 $$', 'a signal', { ok: false, text: '[killed by SIGKILL]', summary: 'killed by SIGKILL' }],
    ["printf '\\033[31mred\\033[0m\\r\\n10%%\\r20%%\\n'", 'colours', { ok: true, text: 'red\n20%\n', summary: 'ok' }],
  ]
  for (const [command, what, result] of endings) {
    it(`tells of ${what}: ${command}`, async () => {
      expect(await bench.call('shell', { command })).to.deep.equal(result)
    })
  }

  it('says where the shell went', async () => {
    bench.put('src/a', '')
    expect((await bench.call('shell', { command: 'cd src' })).text).to.equal(
      `[the working directory is now ${bench.root}/src]`,
    )
  })

  it('ends a command at its timeout, which the limit caps', async () => {
    const { ok, text, summary } = await bench.call('shell', { command: 'echo start; sleep 1000', timeout: 0.2 })
    expect([ok, text, summary]).to.deep.equal([
      false,
      'start\n[timed out after 0.2 s and was ended]',
      'timed out after 0.2 s',
    ])
  })

  it('asks the shell for no more time than the limit', async () => {
    const asked: (number | undefined)[] = []
    const exit: Exit = { code: null, signal: null, reason: 'lost', ms: 1 }
    const shell = await bench.sandbox.shell()
    const fake: Shell = { ...shell, cwd: '/x', run: async (_, { timeoutMs }) => (asked.push(timeoutMs), exit) }
    bench.sandbox.shell = () => Promise.resolve(fake)
    const { text, summary } = await bench.call('shell', { command: 'x', timeout: 5000 })
    await bench.call('shell', { command: 'x', timeout: 2 })
    await bench.call('shell', { command: 'x' })
    expect(asked).to.deep.equal([10_000, 2000, 10_000])
    expect(summary).to.equal('shell lost')
    expect(text).to.match(/^\[the shell went away under the command; /)
  })

  it('says which limits were reached, and what runs on in the background', async () => {
    const job = { id: '1', command: 'serve &', processes: [{ pid: 7, words: 'node serve.js' }] }
    const shell = await bench.sandbox.shell()
    let jobs = [job]
    const asked: (boolean | undefined)[] = []
    const exit: Exit = { code: null, signal: null, reason: 'limit', ms: 1, breaches: [{ limit: 'disk', text: 'full' }] }
    const run: Shell['run'] = async (_, { interactive }) => {
      asked.push(interactive)
      jobs = jobs.length > 0 ? [] : [job]
      return exit
    }
    const fake: Shell = Object.defineProperty({ ...shell, cwd: '/x', run }, 'jobs', { get: () => jobs })
    bench.sandbox.shell = () => Promise.resolve(fake)
    expect(await bench.call('shell', { command: 'x', interactive: true })).to.deep.equal({
      ok: false,
      text: '[ended; full; no longer running in the background: serve &]',
      summary: 'ended at a limit',
    })
    const { text } = await bench.call('shell', { command: 'x' })
    expect(text).to.equal('[ended; full; running on in the background: 7 (node serve.js)]')
    expect(asked).to.deep.equal([true, false])
  })

  it('keeps what a cancelled command had printed', async () => {
    bench.context.onOutput = () => bench.context.controller.abort(new Error('escape'))
    expect(await bench.call('shell', { command: 'echo start; sleep 1000' })).to.deep.equal({
      ok: false,
      text: 'start\n[cancelled by the person before it ended]',
      summary: 'cancelled',
    })
  })

  it('throws the abort while the shell is being opened', async () => {
    const reason = new Error('escape')
    bench.sandbox.shell = () => new Promise(() => bench.context.controller.abort(reason))
    const thrown = await bench.call('shell', { command: 'true' }).catch((error: unknown) => error)
    expect(thrown).to.equal(reason)
  })

  it('lets output be heard as it comes, and gives the model head and tail', async () => {
    const { text } = await bench.call('shell', { command: 'seq 1 100000' })
    expect(bench.context.output.join('')).to.have.length(588_895)
    expect(text).to.match(/^1\n2\n/)
    expect(text).to.match(/\n99999\n100000\n$/)
    expect(text).to.include('The whole is in /tmp/drydock/output-1.txt')
    const whole = await bench.call('read', { path: '/tmp/drydock/output-1.txt', offset: 50_000, limit: 1 })
    expect(whole.text).to.match(/^50000\t50000\n/)
  })

  it('refuses what bash cannot take', async () => {
    expect((await bench.call('shell', { command: 'a\0b' })).text).to.match(/NUL/)
    expect((await bench.call('shell', { command: '' })).text).to.equal('shell: "command" must not be empty.')
    expect((await bench.call('shell', { command: 'x', timeout: 0 })).text).to.equal(
      'shell: "timeout" must be more than 0, not 0.',
    )
  })
})
