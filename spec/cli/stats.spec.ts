import { expect } from 'chai'
import type { Bench } from '../../lib/cli/bench.ts'
import { publishStats } from '../../lib/cli/stats.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Facts, Stats } from '../../lib/core/events.ts'

const limits = { cpus: 2, memory: 1000, pids: 10, disk: 5000 }

describe('cli: what the sandbox uses', () => {
  it('is told while a turn is at work and the sandbox stands, and not otherwise', async () => {
    const bus = new Bus((error) => expect.fail(String(error)))
    const heard: Facts['sandbox.stats'][] = []
    bus.on('sandbox.stats', (stats) => void heard.push(stats))
    const clock = 1000
    let asked = 0
    let ended = 0
    let told: (() => void) | undefined
    const sandbox = {
      async *stats(signal: AbortSignal): AsyncGenerator<Stats> {
        asked += 1
        try {
          yield { memory: asked, limits }
          told?.()
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          yield { memory: -1, limits }
        } finally {
          ended += 1
        }
      },
    }
    const bench = { opened: undefined as unknown as Bench['opened'] }
    const publishing = publishStats(
      bus,
      { bench: bench as Bench, publish: (name, payload) => bus.emit(name, payload) },
      () => clock,
    )
    const next = () => new Promise<void>((resolve) => (told = resolve))
    const begin = () => bus.emit('turn.started', { turn: 1, kind: 'prompt', prompt: 'x', at: 0 })
    const over = () => bus.emit('turn.ended', { turn: 1, end: 'done', ms: 1, at: 0 })

    begin()
    expect(asked, 'without a sandbox').to.equal(0)
    bench.opened = { sandbox, network: { traffic: { sent: 3, received: 4 } } } as unknown as Bench['opened']
    let sample = next()
    bus.emit('sandbox.status', { state: 'ready', text: 'docker' })
    await sample
    over()
    bus.emit('sandbox.status', { state: 'ready', text: 'docker' })
    sample = next()
    begin()
    await sample
    publishing.dispose()
    await new Promise((resolve) => setImmediate(resolve))
    const network = { sent: 3, received: 4 }
    expect(heard).to.deep.equal([
      { memory: 1, limits, network, at: 1000 },
      { memory: 2, limits, network, at: 1000 },
    ])
    expect([asked, ended]).to.deep.equal([2, 2])
  })

  it('is told for three seconds to whoever asks, and to nobody who has stopped asking', async () => {
    const bus = new Bus((error) => expect.fail(String(error)))
    let clock = 0
    let runs = 0
    const samples: (() => void)[] = []
    const sandbox = {
      async *stats(): AsyncGenerator<Stats> {
        runs += 1
        for (;;) {
          await new Promise<void>((resolve) => samples.push(resolve))
          yield { limits }
        }
      },
    }
    const bench = { opened: { sandbox } } as unknown as Bench
    const publishing = publishStats(bus, { bench, publish: (name, payload) => bus.emit(name, payload) }, () => clock)
    const heard: number[] = []
    bus.on('sandbox.stats', ({ at }) => void heard.push(at))
    const sample = async (at: number) => {
      clock = at
      samples.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    bus.emit('stats.ask', {})
    await sample(1000)
    bus.emit('stats.ask', {})
    await sample(3900)
    await sample(4000)
    expect({ heard, runs, waiting: samples.length }).to.deep.equal({ heard: [1000, 3900], runs: 1, waiting: 0 })
    bus.emit('stats.ask', {})
    bus.emit('turn.started', { turn: 1, kind: 'prompt', prompt: 'x', at: 0 })
    await sample(9000)
    bus.emit('stats.ask', {})
    bus.emit('turn.ended', { turn: 1, end: 'done', ms: 1, at: 0 })
    await sample(10_000)
    expect({ heard: heard.slice(2), runs }).to.deep.equal({ heard: [9000, 10_000], runs: 2 })
    publishing.dispose()
    await sample(11_000)
    expect(heard).to.have.length(4)
  })
})
