import { expect } from 'chai'
import type { PlanStep } from '../../../lib/core/events.ts'
import { openAppScreen, type AppScreen } from '../../support/app-screen.ts'
import { opened, type Fact } from '../../support/facts.ts'
import { expectFrame } from '../../support/frames.ts'

const steps: PlanStep[] = [
  { text: 'Find out why "2024-02-30" is taken for a day', state: 'done' },
  { text: 'Write a test that fails because of it', state: 'done' },
  {
    text: 'Let the parser refuse days that do not exist, and say which one it was in the error that it throws',
    state: 'doing',
  },
  { text: 'Run all tests', state: 'pending' },
  { text: 'Say so in NOTES.md \x1b[31m\u202e', state: 'pending' },
]
const plan = (all: PlanStep[]): Fact => ['plan.changed', { turn: 1, steps: all }]

/** Forty steps, of which those before one are done. */
const at = (now: number): Fact =>
  plan(
    Array.from({ length: 40 }, (_, i) => ({
      text: `step ${i}.`,
      state: i < now ? 'done' : i === now ? 'doing' : 'pending',
    })),
  )

describe('tui/widgets: the plan', () => {
  let screen: AppScreen

  function show(facts: Fact[], cols = 80, rows = 24): void {
    screen = openAppScreen({ cols, rows, facts: [...opened, ...facts] })
    screen.press('ctrl+x', 'p')
  }
  afterEach(() => screen.close())

  for (const [cols, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const)
    // prettier-ignore
    it(`has its frame at ${cols}x${rows}`, async () => {
      show([plan(steps)], cols, rows)
      expectFrame(`plan-${cols}x${rows}`, await screen.cells())
    })

  it('says what it is for, and takes a new plan for the old', async () => {
    show([], 40, 10)
    expect((await screen.rows()).join('\n')).to.contain('Nothing is planned')
    screen.tell(plan(steps), plan([{ text: 'One', state: 'done' }]))
    const rows = await screen.rows()
    expect(rows.join('\n')).to.contain('✓ One').and.not.to.contain('Run all')
  })

  it('keeps the step at work in sight, and scrolls', async () => {
    show([at(30)])
    const sees = async (text: string) => (await screen.rows()).some((row) => row.includes(text))
    expect([await sees('› step 30.'), await sees('step 0.')]).to.deep.equal([true, false])
    screen.wheel('up', 40, 10)
    screen.press('pageup', 'pageup', 'k')
    expect([await sees('step 30.'), await sees('✓ step 0.')]).to.deep.equal([false, true])
    screen.press('j', 'pagedown')
    expect(await sees('step 0.')).to.equal(false)
  })
})
