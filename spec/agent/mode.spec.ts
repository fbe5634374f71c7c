import { expect } from 'chai'
import { violations } from '../../lib/agent/history.ts'
import type { Mode } from '../../lib/core/events.ts'
import type { ModelRequest } from '../../lib/llm/provider.ts'
import { allowAll, callsFor, change, rig, says, tool } from './rig.ts'

const refused =
  'This call was not run: plan mode. Nothing is written or run until the person leaves it; read and search, then say what you would do.'

describe('plan mode', () => {
  const ran: string[] = []
  const tools = (['read', 'write', 'run', 'network', 'discard'] as const).map((risk) =>
    tool(risk, risk, () => {
      ran.push(risk)
      return { ok: true, text: 'done', summary: 'ok' }
    }),
  )

  beforeEach(() => void ran.splice(0))

  it('lets a model read, and refuses what would do more, unasked, with the reason', async () => {
    const calls = callsFor(['c1', 'read', {}], ['c2', 'write', {}], ['c3', 'run', {}], ['c4', 'network', {}])
    const r = rig({ mode: 'plan', tools, answers: [calls, says('the plan')] })
    expect((await r.prompt()).end).to.equal('done')
    expect(ran).to.deep.equal(['read'])
    expect(r.of('approval.asked')).to.deep.equal([])
    expect(r.of('tool.ended').map(({ ok, summary, text }) => [ok, summary, text])).to.deep.equal([
      [true, 'ok', 'done'],
      ...Array.from({ length: 3 }, () => [false, 'plan mode', refused]),
    ])
    expect(violations(r.history.messages)).to.deep.equal([])
    expect(r.workspace.acts).to.deep.equal([])
  })

  it('says in the system prompt that it is one', async () => {
    const r = rig({ mode: 'plan', system: (mode) => `in ${mode}`, answers: [says('a'), says('b')] })
    await r.prompt()
    r.bus.emit('mode.choose', { mode: 'review' })
    await r.prompt()
    expect(r.provider.requests.map(({ system }) => system)).to.deep.equal(['in plan', 'in review'])
  })

  const switches: [from: Mode, to: Mode, ran: string[], systems: string[]][] = [
    ['plan', 'review', ['write'], ['plan', 'review']],
    ['review', 'plan', [], ['review', 'plan']],
  ]
  for (const [from, to, expected, systems] of switches) {
    it(`holds from the next call on where a turn at work goes from ${from} to ${to}`, async () => {
      const answer = async function* () {
        r.bus.emit('mode.choose', { mode: to })
        yield* callsFor(['c1', 'write', {}])
      }
      const r: ReturnType<typeof rig> = rig({
        mode: from,
        system: (mode) => mode,
        tools,
        answers: [answer, says('done')],
      })
      await r.prompt()
      expect(ran).to.deep.equal(expected)
      expect(r.provider.requests.map(({ system }: ModelRequest) => system)).to.deep.equal(systems)
      expect(r.of('mode.chosen')).to.deep.equal([{ mode: to }])
    })
  }

  it("leaves the person's own commands alone, and what they leave behind for review", async () => {
    const shell = tool('shell', 'run', () => {
      r.workspace.now = [change('a')]
      return { ok: true, text: '', summary: 'ok' }
    })
    const r: ReturnType<typeof rig> = rig({ mode: 'plan', tools: [shell] })
    await r.turn('command.submit', { command: 'touch a' })
    expect(r.of('tool.ended').map(({ ok }) => ok)).to.deep.equal([true])
    expect(r.workspace.acts).to.deep.equal(['checkpoint'])
  })

  it('may be chosen where the policy denies writing to the project', async () => {
    const r = rig({ policy: () => ({ ...allowAll, project: 'deny' }) })
    r.bus.emit('mode.choose', { mode: 'plan' })
    expect(r.heard).to.deep.equal([['mode.chosen', { mode: 'plan' }]])
  })
})
