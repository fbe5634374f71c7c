import { expect } from 'chai'
import { empty, plain, type Draft } from '../../../lib/tui/editing/draft.ts'
import { History } from '../../../lib/tui/editing/history.ts'

function draft(text: string): Draft {
  return { ...plain(text), cursor: 0 }
}

describe('tui/editing/history', () => {
  it('steps through what was sent, earlier sessions included, and back to what was being written', () => {
    const history = new History(() => ['zero'])
    for (const text of ['one', 'two', 'two']) history.add(draft(text))
    const steps = ([-1, -1, -1, -1, 1, 1, 1, 1] as const).map((by) => history.step(by, draft('draft'))?.text)
    expect(steps).to.deep.equal(['two', 'one', 'zero', undefined, 'one', 'two', 'draft', undefined])
  })

  it('begins at the latest again once something was sent', () => {
    const history = new History(() => ['one', 'two'])
    history.step(-1, empty)
    history.step(-1, empty)
    history.add(draft('three'))
    expect(history.step(-1, empty)?.text).to.equal('three')
  })

  it('tells each text once, the latest first', () => {
    const history = new History(() => ['a', 'b', 'a', 'c'])
    expect(history.texts().map(({ text }) => text)).to.deep.equal(['c', 'a', 'b'])
  })
})
