import { expect } from 'chai'
import { resolve } from 'node:path'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { ToolContext } from '../../lib/tools/tool.ts'

const step = (state: string, text = 'x') => ({ text, state })

describe('tools/plan', () => {
  const limits = { outputBytes: 1000, commandSeconds: 10, ignore: [] }
  const registry = createRegistry(createTools(limits, resolve('lib/tools')))

  async function call(steps: unknown) {
    const prepared = await registry.prepare({ name: 'plan', arguments: JSON.stringify({ steps }) })
    if (!prepared.ok) return prepared.result
    const context = { signal: new AbortController().signal } as ToolContext
    return { ...(await registry.run(prepared, context)), risk: prepared.risk, about: prepared.summary }
  }

  it('replaces the plan, says how far it has come, and touches nothing', async () => {
    const steps = [
      { text: 'Find the fault', state: 'done' },
      { text: 'Mend it', state: 'doing' },
      { text: 'Test', state: 'pending' },
    ]
    expect(await call(steps)).to.deep.equal({
      ok: true,
      text: 'The person sees the plan: 1/3 done.',
      summary: '1/3 done',
      plan: steps,
      risk: 'read',
      about: 'Mend it',
    })
    expect((await call([])).ok).to.equal(true)
  })

  it('refuses what is no plan, in a sentence', async () => {
    const wrong = [
      [step('doing'), step('doing')],
      [step('over')],
      [step('done', '')],
      [step('done', 'x'.repeat(301))],
      Array.from({ length: 51 }, () => step('pending')),
      'a plan',
    ]
    for (const steps of wrong) expect(await call(steps)).to.deep.include({ ok: false, summary: 'bad arguments' })
  })
})
