import { expect } from 'chai'
import { Bus } from '../../lib/core/bus.ts'
import type { SoloName } from '../../lib/tui/arrangement.ts'
import { loadColouring } from '../../lib/tui/format/colouring.ts'
import { openSolo } from '../../lib/tui/solo.ts'
import { Store } from '../../lib/tui/store.ts'
import type { Cell } from '../support/cells.ts'
import { fakeSource, openAppScreen, shippedKeymap } from '../support/app-screen.ts'
import { openFakeScreen, type FakeScreen } from '../support/fake-screen.ts'
import { asking, finished, opened, start, working, type Fact } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'
import { measured } from '../support/monitor-facts.ts'

const planned: Fact = [
  'plan.changed',
  {
    turn: 1,
    steps: [
      { text: 'Look at the parser', state: 'done' },
      { text: 'Refuse days that do not exist', state: 'doing' },
      { text: 'Run the tests', state: 'pending' },
    ],
  },
]

/** What is there in its own time: what the emulator has taken in, the colours of a file. */
const shown: Partial<Record<SoloName, (cells: Cell[][]) => boolean>> = {
  terminal: (cells) => cells[3]!.map(({ text }) => text).join('').includes('all 12 pass'), // prettier-ignore
  viewer: (cells) => cells.flat().some(({ look }) => look.includes('c49adf')),
}

describe('a view with the screen to itself', () => {
  let fake: FakeScreen
  let bus: Bus
  let closed: number
  let intents: string[]
  const owned: { dispose(): unknown }[] = []

  function open(view: SoloName, facts: Fact[], cols = 80, rows = 24, file?: string): FakeScreen {
    fake = openFakeScreen({ cols, rows })
    bus = new Bus((error) => {
      throw error
    })
    const store = new Store(bus)
    for (const [name, payload] of facts) bus.emit(name, payload as never)
    intents = []
    bus.on('turn.cancel', () => void intents.push('turn.cancel'))
    closed = 0
    const solo = openSolo({
      screen: fake.screen,
      bus,
      store,
      keymap: shippedKeymap(),
      source: fakeSource({}, { kept: [], popped: [], left: [] }),
      home: '/home/ada',
      now: () => start + 12_400,
      view,
      file,
      close: () => void (closed += 1),
    })
    if (solo === undefined) throw new Error(`no view ${view}`)
    owned.push(fake, solo)
    return fake
  }

  afterEach(async () => {
    for (const one of owned.splice(0).toReversed()) await one.dispose()
  })

  /** Draws until what is loaded in the background has come. */
  async function drawn(): Promise<string[]> {
    for (let i = 0; i < 5; i++) {
      await fake.rows()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return fake.rows()
  }

  describe('frames', () => {
    for (const [view, facts] of [
      ['conversation', working],
      ['diff', finished],
      ['files', opened],
      ['monitor', [...opened, ...measured]],
      ['plan', [...opened, planned]],
      ['terminal', [...opened, ['terminal.output', { text: '❯ npm test\r\n\x1b[32mall 12 pass\x1b[m\r\n' }]]],
      ['viewer', finished],
    ] as const)
      for (const [cols, rows] of [
        [80, 24],
        [120, 40],
        [200, 60],
      ] as const)
        it(`${view} at ${cols}x${rows}`, async () => {
          open(view, [...facts] as Fact[], cols, rows, view === 'viewer' ? 'src/parse.js' : undefined)
          await drawn()
          // What draws charts is loaded once the monitor is seen.
          if (view === 'monitor') await import('../../lib/tui/monitor/charts.ts')
          // And colours and what compares words once a diff is.
          if (view === 'diff') await Promise.all([loadColouring('javascript'), import('diff')])
          await drawn()
          while (shown[view]?.(await fake.cells()) === false) await drawn()
          expectFrame(`solo-${view}-${cols}x${rows}`, await fake.cells())
        })
  })

  it('follows the facts', async () => {
    open('conversation', opened)
    bus.emit('turn.started', { turn: 1, kind: 'prompt', prompt: 'Count.', at: start })
    for (let i = 0; i < 50; i++) bus.emit('text.delta', { turn: 1, kind: 'text', text: `row ${i}\n\n` })
    expect((await drawn()).join('\n')).to.include('row 49')
    fake.wheel('up', 5, 5)
    const above = (await drawn()).join('\n')
    expect([above.includes('row 49'), above.includes('↓ more below')]).to.deep.equal([false, true])
    fake.press('G')
    expect((await drawn()).join('\n')).to.include('row 49')
  })

  for (const key of ['q', 'ctrl+c', 'ctrl+d', 'escape'])
    it(`is closed by ${key}, and nothing else ends`, () => {
      open('diff', finished)
      fake.press(key)
      expect([closed, intents]).to.deep.equal([1, []])
    })

  it('is closed by a click on what says so', async () => {
    open('diff', finished)
    const row = (await drawn())[0]!
    fake.click(row.lastIndexOf('q'), 0)
    expect(closed).to.equal(1)
  })

  it('cancels a turn by escape while one is at work', () => {
    open('conversation', working)
    fake.press('escape')
    expect([closed, intents]).to.deep.equal([0, ['turn.cancel']])
  })

  it('says where a question is to be answered', async () => {
    open('diff', asking)
    expect((await drawn()).at(-1)).to.include("? asks: answer on the session's own screen")
  })
})

describe('a view sent to a pane of its own', () => {
  for (const [what, keys, view] of [
    ['the changes, where they have the focus', ['ctrl+g'], 'diff'],
    ['the conversation from a narrow prompt', [], 'conversation'],
    ['the files', ['ctrl+x', 'f'], 'files'],
  ] as const)
    it(what, async () => {
      const screen = openAppScreen({ cols: 80, rows: 24, facts: finished })
      try {
        screen.press(...keys, 'ctrl+x', 'w')
        expect(screen.popped).to.deep.equal([`s1 ${view}`])
        await new Promise((resolve) => setImmediate(resolve))
        expect((await screen.rows()).at(-1)).to.include(`${view} is in a pane of its own`)
      } finally {
        await screen.close()
      }
    })
})
