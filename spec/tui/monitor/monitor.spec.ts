import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../../support/app-screen.ts'
import { opened, start, type Fact } from '../../support/facts.ts'
import { expectFrame } from '../../support/frames.ts'
import { limits, measured, sampleAt } from '../../support/monitor-facts.ts'

const network = { sent: 0, received: 0 }
/** A sample of a sandbox that measures little. */
const bare = (at: number): Fact => ['sandbox.stats', { at: start + at * 1000, network, limits, disk: 2 ** 26 }]

describe('tui/monitor: the view', () => {
  let screen: AppScreen
  let asked: number

  /** Opens it two minutes into the session, and waits for what draws its charts. */
  async function show(facts: Fact[], cols = 80, rows = 24): Promise<void> {
    screen = openAppScreen({ cols, rows, facts })
    screen.clock.now = start + 120_000
    asked = 0
    screen.bus.on('stats.ask', () => void (asked += 1))
    screen.press('ctrl+x', 'm')
    await screen.rows()
    await import('../../../lib/tui/monitor/charts.ts')
    await new Promise((resolve) => setImmediate(resolve))
  }
  const text = async () => (await screen.rows()).join('\n')
  const rowOf = async (label: string) => (await screen.rows()).find((row) => row.startsWith(` ${label} `))!.trim()

  afterEach(() => screen.close())

  for (const [cols, rows] of [
    [40, 10],
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const)
    it(`has its frame at ${cols}x${rows}`, async () => {
      await show([...opened, ...measured], cols, rows)
      expectFrame(`monitor-${cols}x${rows}`, await screen.cells())
    })

  it('says with units what is used, of how much', async () => {
    await show([...opened, ...measured])
    expect(await rowOf('cpu')).to.match(/^cpu +1\.5 of 2 CPUs .* 73 %$/)
    expect(await rowOf('memory')).to.match(/^memory +1\.7 GB of 4\.0 GB .* 42 %$/)
    expect(await rowOf('processes')).to.match(/^processes 28 of 512 .* 5 %$/)
    expect(await rowOf('received')).to.match(/^received +0 B\/s .* 48 MB in all$/)
    expect(await rowOf('speed')).to.match(/^speed +41 tokens\/s .* last answer$/)
    expect(await rowOf('context')).to.match(/^context +56k of 200k .* 28 %$/)
    expect(await rowOf('tokens')).to.equal('tokens    14.2k in 1.6k out')
    expect(await rowOf('cost')).to.equal('cost      $0.06')
  })

  it('is there before the container is, and follows it until it is gone', async () => {
    const [session] = opened
    await show([session!])
    expect(await text()).to.contain('Sandbox  no container yet')
    expect(await rowOf('cpu')).to.equal('cpu       –')
    screen.tell(['sandbox.status', { state: 'building', text: 'building the image \x1b[31m' }])
    expect(await text()).to.match(/no container yet: building the image *$/m)
    screen.tell(['sandbox.status', { state: 'ready', text: 'docker · node' }], sampleAt(119))
    expect(await text()).to.contain('✓ docker · node')
    expect(await rowOf('processes')).to.contain('28 of 512')
    screen.clock.now += 6_000
    screen.press('j')
    expect(await text()).to.contain('✓ docker · node, as last measured')
    screen.tell(['sandbox.status', { state: 'gone', text: 'The container has ended.' }])
    expect(await text()).to.contain('✗ The container has ended.')
    expect(await rowOf('processes'), 'what was measured stays').to.contain('28 of 512')
  })

  it('says so where something is not measured', async () => {
    await show([...opened, bare(118), bare(119)])
    for (const label of ['cpu', 'memory', 'processes']) expect(await rowOf(label)).to.match(/ not measured here$/)
    expect(await rowOf('disk')).to.match(/^disk +64 MB of 20 GB .* <1 %$/)
    screen.tell(['model.chosen', { model: 'script//home/ada/demo.toml' }])
    expect(await text()).to.match(/ Model  a script *$/m)
    screen.tell(['session.opened', { id: 's1', project: '/p', mode: 'review', local: true, at: start }])
    expect(await text()).to.contain('Sandbox  there is none')
  })

  it('tells of an answer while it streams by its length, then by the count of its service', async () => {
    const turn: Fact = ['turn.started', { turn: 1, kind: 'prompt', prompt: 'Say.', at: start }]
    await show([...opened, turn, sampleAt(117)])
    for (const at of [118, 119, 120])
      screen.tell(['text.delta', { turn: 1, kind: 'text', text: 'x'.repeat(120) }], sampleAt(at))
    expect(await rowOf('speed')).to.match(/^speed +~30 tokens\/s .* by its length$/)
    const usage = { input: 10, output: 150, cacheRead: 0, cacheWrite: 0 }
    screen.tell(['usage.counted', { turn: 1, usage, contextTokens: 160, at: start + 120_000, ms: 3_000 }])
    screen.tell(['turn.ended', { turn: 1, end: 'done', ms: 1, at: start + 120_000 }])
    expect(await rowOf('speed')).to.match(/^speed +50 tokens\/s .* last answer$/)
    expect(await rowOf('context')).to.match(/^context +160 tokens .* limit not known$/)
    expect(await rowOf('cost')).to.equal('cost      price not known')
  })

  it('asks for samples while it is seen, and not before or after', async () => {
    await show([...opened, ...measured])
    const seen = async (...keys: string[]) => {
      screen.press(...keys)
      await screen.rows()
      asked = 0
      screen.tell(sampleAt(120))
      return asked
    }
    expect(asked).to.equal(1)
    expect(await seen()).to.equal(1)
    expect(await seen('ctrl+x', 'p')).to.equal(0)
    expect(await seen('ctrl+x', 'm')).to.equal(1)
    expect(await seen('q')).to.equal(0)
  })

  it('draws at most once a second what is counted, and at once what is measured', async () => {
    await show([...opened, ...measured])
    await screen.rows()
    const usage = { input: 1000, output: 10, cacheRead: 0, cacheWrite: 0 }
    const counted: Fact = ['usage.counted', { turn: 1, usage, contextTokens: 57_000, at: start + 120_000, ms: 1_000 }]
    screen.tell(counted)
    expect(await rowOf('context')).to.contain('56k')
    screen.clock.now += 1_000
    screen.tell(counted)
    expect(await rowOf('context')).to.contain('57k')
    screen.tell(sampleAt(100 + 21))
    expect(await rowOf('memory')).to.contain('1.7 GB of 4.0 GB')
  })

  it('scrolls where it does not fit, by key and by wheel', async () => {
    await show([...opened, ...measured], 40, 10)
    const sees = async (label: string) => (await screen.rows()).some((row) => row.startsWith(` ${label} `))
    expect([await sees('cpu'), await sees('cost')]).to.deep.equal([true, false])
    screen.press('pagedown', 'pagedown', 'pagedown', 'j', 'j')
    expect([await sees('cpu'), await sees('cost')]).to.deep.equal([false, true])
    screen.wheel('up', 20, 5)
    expect(await sees('cost')).to.equal(false)
    screen.press('pageup', 'pageup', 'pageup', 'k')
    expect(await sees('cpu')).to.equal(true)
  })

  it('is opened by its tab and by its name', async () => {
    screen = openAppScreen({ cols: 80, rows: 24, facts: opened })
    const [tab] = (await screen.rows()).slice(1, 2)
    screen.click(tab!.indexOf('Monitor'), 1)
    expect(await text()).to.contain('MONITOR')
    screen.press('q', 'ctrl+p')
    screen.type('monitor')
    expect(await text()).to.contain('Show what the sandbox and the model use')
    screen.press('enter')
    expect(await text()).to.contain('MONITOR')
  })
})
