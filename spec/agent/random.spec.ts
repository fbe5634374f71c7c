import { expect } from 'chai'
import { violations } from '../../lib/agent/history.ts'
import { Failure } from '../../lib/core/failure.ts'
import type { Delta } from '../../lib/llm/provider.ts'
import { numbers } from '../support/random.ts'
import { rig, tool, type Answer } from './rig.ts'

const runs = 200

describe('whatever a model, its service, the tools, the disk and the person do', () => {
  it(`the history stays valid (${runs} random sessions)`, async () => {
    const ends: Record<string, number> = {}
    for (let seed = 1; seed <= runs; seed++) {
      const random = numbers(seed)
      const pick = <T>(items: T[]): T => items[Math.floor(random() * items.length)]!
      const chance = (share: number) => random() < share
      const delta = (part: number): Delta =>
        pick<Delta>([
          { type: 'text', part, text: pick(['', 'word ', '\ud83d']) },
          { type: 'thought', part, text: 'hm', opaque: chance(0.5) ? { provider: 'fake', data: 's' } : undefined },
          {
            type: 'call',
            part,
            id: pick(['', 'c1', 'c2', undefined as never]),
            name: pick(['good', 'asks', 'bad', 'none', '']),
            arguments: pick(['', '{}', '{"a', '[1]', 'null']),
          },
          { type: 'usage', usage: { input: 3, output: 1 } },
        ])
      const answer = (): Answer =>
        async function* () {
          if (chance(0.1)) throw new Failure(pick(['rate', 'network', 'auth', 'overflow']), 'No.', { retryAfterMs: 1 })
          const kinds = new Map<number, Delta>()
          for (let n = Math.floor(random() * 7); n >= 0; n--) {
            const next = delta(Math.floor(random() * 4))
            const before = 'part' in next ? kinds.get(next.part) : undefined
            if (before && before.type !== next.type) continue
            if ('part' in next) kinds.set(next.part, next)
            if (chance(0.2)) await new Promise((resolve) => setImmediate(resolve))
            yield next
          }
          if (chance(0.1)) throw new Failure('protocol', 'Cut.')
          if (chance(0.95)) yield { type: 'stop', reason: pick(['end', 'calls', 'calls', 'length', 'refused']) }
        }
      let appends = 0
      const failAt = chance(0.3) ? Math.floor(random() * 30) : -1
      const r = rig({
        answers: Array.from({ length: 12 }, answer),
        tools: [
          tool('good', 'write', async () => {
            await new Promise((resolve) => setImmediate(resolve))
            return { ok: chance(0.5), text: 'x', summary: 'x' }
          }),
          tool('asks', 'network', () => ({ ok: true, text: 'x', summary: 'x' })),
          tool('bad', 'read', () => {
            throw chance(0.5) ? new Failure('missing', 'Gone.') : new TypeError('defect')
          }),
        ],
        limits: () => ({ steps: 4, seconds: 0, cost: 0 }),
        mode: pick(['review', 'turn', 'live']),
        append: () => {
          if (appends++ === failAt) throw new Failure('disk', 'Full.')
        },
      })
      r.bus.on('approval.asked', ({ id }) => {
        if (chance(0.8)) r.bus.emit('approval.answer', { id, answer: pick(['once', 'session', 'no']) })
        else setImmediate(() => r.bus.emit('turn.cancel', {}))
      })
      r.bus.onAny((name) => {
        if (chance(0.03) && name !== 'turn.cancel') setImmediate(() => r.bus.emit('turn.cancel', {}))
      })
      for (let n = 0; n < 3; n++) {
        const { end } = await r.prompt(`prompt ${n}`)
        ends[end] = (ends[end] ?? 0) + 1
      }
      await r.agent.idle()
      expect(violations(r.history.messages), `seed ${seed}`).to.deep.equal([])
      await r.agent.dispose()
    }
    // The runs reached every way of ending: else they would show less than they say.
    expect(Object.keys(ends).toSorted()).to.deep.equal(['cancelled', 'done', 'failed', 'limit'])
  }).timeout(60_000)
})
