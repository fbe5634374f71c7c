import { expect } from 'chai'
import { age } from '../../lib/tui/format/age.ts'
import { Replayed } from '../../lib/tui/replayed.ts'
import { initialState } from '../../lib/tui/state.ts'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { finished, opened, start, working, type Fact } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'
import { loadColours, settled } from '../support/settled.ts'

describe('sessions on the screen', () => {
  let screen: AppScreen
  before(loadColours)
  afterEach(() => screen.close())

  /** The list, open. */
  async function list(facts = finished, cols = 80, rows = 24): Promise<string[]> {
    screen = openAppScreen({ cols, rows, facts })
    screen.press('ctrl+x', 'r')
    return settled(screen)
  }

  for (const [cols, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const)
    it(`are listed with what was asked first, how they stand, and when they were used: ${cols}x${rows}`, async () => {
      await list(finished, cols, rows)
      expectFrame(`sessions-${cols}x${rows}`, await screen.cells())
    })

  it('are gone on with by a key and by a click; the one that is shown stays', async () => {
    await list()
    screen.press('enter')
    expect(screen.left).to.deep.equal([])
    screen.press('ctrl+x', 'r')
    await settled(screen)
    screen.type('round down')
    screen.press('enter')
    expect(screen.left).to.deep.equal(['s0'])
    screen.press('ctrl+x', 'r')
    const rows = await settled(screen)
    const row = rows.findIndex((one) => one.includes('日'))
    screen.click(20, row)
    screen.click(20, row)
    expect(screen.left).to.deep.equal(['s0', 'r9'])
  })

  it('are not gone to from a turn at work', async () => {
    await list(working)
    screen.press('down', 'enter')
    expect((await screen.rows()).at(-1)).to.include('a turn is at work')
    expect(screen.left).to.deep.equal([])
  })

  it('come back as they were left, without what only one at work has', () => {
    screen = openAppScreen({ cols: 80, rows: 24, facts: opened })
    const events = [...finished, ['session.opened', { ...opened[0]![1], resumed: true }] as (typeof finished)[number]]
    const [state, before] = [replayed(events), replayed(finished)]
    expect(state.settled.slice(0, -1)).to.deep.equal(before.settled)
    expect(state.settled.at(-1)).to.deep.include({ kind: 'notice', text: 'Taken up again.' })
    expect(state.usage).to.deep.include({ input: 14_210, costUsd: 0.0592 })
    const { changes, ports, queue, sandbox } = initialState
    expect(state).to.deep.include({ changes, ports, queue, sandbox })
  })

  it('say of a turn that was cut off that it was, and of its calls', () => {
    screen = openAppScreen({ cols: 80, rows: 24, facts: working })
    screen.tell(['turn.ended', { turn: 1, end: 'interrupted', ms: 12_000, at: start + 12_000 }])
    const { state } = screen.app
    expect(state.turn).to.equal(undefined)
    expect(state.settled.at(-1)).to.deep.include({ text: 'Interrupted: the program ended before this turn did.' })
    expect(state.settled.at(-2)).to.deep.include({ kind: 'tool', state: 'failed', result: 'interrupted' })
  })

  it('tell how long ago they were used as one would say it', () => {
    screen = openAppScreen({ cols: 80, rows: 24 })
    const minute = 60_000
    const table: [number, string][] = [
      [-5, 'just now'],
      [minute - 1, 'just now'],
      [minute, '1 min ago'],
      [59 * minute, '59 min ago'],
      [60 * minute, '1 h ago'],
      [24 * 60 * minute, 'yesterday'],
      [72 * 60 * minute, '3 days ago'],
      [40 * 24 * 60 * minute, new Date(start - 40 * 24 * 60 * minute).toISOString().slice(0, 10)],
    ]
    expect(table.map(([ms]) => age(start - ms, start))).to.deep.equal(table.map(([, said]) => said))
  })
})

/** The state that a log with these facts makes. */
function replayed(facts: Fact[]) {
  const told = new Replayed()
  for (const [event, data] of facts) told.take({ event, data } as Parameters<Replayed['take']>[0])
  return told.state
}
