import { expect } from 'chai'
import { Assembly, partsOf, type Part } from '../../lib/tui/snapshot.ts'
import { reduce } from '../../lib/tui/reduce.ts'
import { initialState, type Entry, type State } from '../../lib/tui/state.ts'
import { asking, failed, finished, opened, setup, working, type Fact } from '../support/facts.ts'

const after = (facts: readonly Fact[], from: State = initialState) =>
  facts.reduce((state, [name, payload]) => reduce(state, name, payload as never), from)

/** The state as it comes out at the other end of a line of JSON. */
function carried(state: State): State {
  const assembly = new Assembly()
  for (const part of partsOf(state)) assembly.take(JSON.parse(JSON.stringify(part)) as Part)
  return assembly.state
}

describe('a state in parts', () => {
  const scenes: Record<string, Fact[]> = { opened, working, finished, asking, setup, failed }
  for (const [name, facts] of Object.entries(scenes))
    it(`is the same at the other end: ${name}`, () => {
      const state = after(facts)
      expect(carried(state)).to.deep.equal(JSON.parse(JSON.stringify(state)))
    })

  it('goes on there as it does here', () => {
    const at = 7
    expect(after(finished.slice(at), carried(after(finished.slice(0, at))))).to.deep.equal(after(finished))
  })

  it('is many small parts where the conversation is long, and leaves out the beginning of one that is too long', () => {
    const settled = Array.from({ length: 400 }, (_, key): Entry => ({
      kind: 'text',
      key,
      text: `${key} ${'x'.repeat(100_000)}`,
    }))
    const parts = [...partsOf({ ...initialState, settled, next: settled.length })]
    const sizes = parts.map((part) => JSON.stringify(part).length)
    expect(Math.max(...sizes)).to.be.below(300_000)
    const [first, ...kept] = parts.flatMap((part) => ('settled' in part ? part.settled : []))
    expect(first).to.include({ kind: 'notice', text: "What was before is in the session's log." })
    expect(kept.map(({ key }) => key)).to.deep.equal(settled.slice(-kept.length).map(({ key }) => key))
    expect(first!.key).to.equal(kept[0]!.key - 1)
  })
})
