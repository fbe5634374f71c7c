import { expect } from 'chai'
import { packed } from '../../lib/tui/packed.ts'
import type { Entry } from '../../lib/tui/state.ts'

describe('tui/packed', () => {
  const long = `ü \ud800 漢字 ${'again and again '.repeat(100)}`

  it('gives back what was packed, to the letter, and is copied like any entry', () => {
    const entries: Entry[] = [
      { kind: 'text', key: 1, text: long },
      { kind: 'text', key: 2, text: 'short' },
      { kind: 'tool', key: 3, id: 'c', name: 'shell', subject: 'x', args: long, result: '', state: 'ok', startedAt: 0, ms: 1, own: false, output: 'short' },
    ] // prettier-ignore
    const kept = entries.map((entry) =>
      entry.kind === 'tool' ? packed(entry, ['output', 'args']) : packed(entry, ['text']),
    )
    expect(kept.map((entry) => ({ ...entry }))).to.deep.equal(entries)
    expect(JSON.parse(JSON.stringify(kept))).to.deep.equal(JSON.parse(JSON.stringify(entries)))
  })
})
