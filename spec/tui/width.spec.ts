import { expect } from 'chai'
import { columns, cut, graphemes } from '../../lib/tui/width.ts'
import { openFakeScreen } from '../support/fake-screen.ts'

/** Text with the columns it takes, grapheme by grapheme. */
const samples: [text: string, parts: [string, number][]][] = [
  [
    'abc',
    [
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ],
  ],
  ['é', [['é', 1]]],
  [
    'e\u0301!',
    [
      ['e\u0301', 1],
      ['!', 1],
    ],
  ],
  [
    '漢字',
    [
      ['漢', 2],
      ['字', 2],
    ],
  ],
  [
    '한글',
    [
      ['한', 2],
      ['글', 2],
    ],
  ],
  [
    'ｱｶﾞ',
    [
      ['ｱ', 1],
      ['ｶ', 1],
      ['ﾞ', 1],
    ],
  ],
  ['ﾞ', [['ﾞ', 1]]],
  ['カ\u3099', [['カ\u3099', 2]]],
  ['😀', [['😀', 2]]],
  ['👩‍👩‍👧', [['👩‍👩‍👧', 2]]],
  ['👍🏽', [['👍🏽', 2]]],
  ['🇩🇪', [['🇩🇪', 2]]],
  ['❤️', [['❤️', 2]]],
  ['❤', [['❤', 1]]],
  ['1️⃣', [['1️⃣', 2]]],
  [
    '⚡✅✓✗─│●⠹▸⎇',
    [
      ['⚡', 2],
      ['✅', 2],
      ['✓', 1],
      ['✗', 1],
      ['─', 1],
      ['│', 1],
      ['●', 1],
      ['⠹', 1],
      ['▸', 1],
      ['⎇', 1],
    ],
  ],
  [
    'नमस्ते',
    [
      ['न', 1],
      ['म', 1],
      ['स्', 1],
      ['ते', 1],
    ],
  ],
]

describe('Width', () => {
  for (const [text, parts] of samples) {
    it(`of ${text}`, () => {
      expect(graphemes(text).map((grapheme) => [grapheme, columns(grapheme)])).to.deep.equal(parts)
      expect(columns(text)).to.equal(parts.reduce((sum, [, width]) => sum + width, 0))
    })
  }

  it('counts what is drawn: tabs, signs, no escapes', () => {
    expect(columns('\ta\x1b[31mb\x00')).to.equal(8)
  })

  it('gives a sign to a grapheme that cannot be seen, and cuts letters buried in marks', () => {
    expect(graphemes('\u200d')).to.deep.equal(['◌'])
    const buried = graphemes(`a${'\u0301'.repeat(5000)}b`)
    expect(buried.map((grapheme) => grapheme.length)).to.deep.equal([32, 1])
  })

  it('cuts with an ellipsis, between graphemes only', () => {
    expect(
      ['hello', '漢字漢字', '👩‍👩‍👧👩‍👩‍👧', 'e\u0301e\u0301e\u0301'].map((text) =>
        [5, 4, 3, 2, 1, 0].map((max) => cut(text, max)),
      ),
    ).to.deep.equal([
      ['hello', 'hel…', 'he…', 'h…', '…', ''],
      ['漢字…', '漢…', '漢…', '…', '…', ''],
      ['👩‍👩‍👧👩‍👩‍👧', '👩‍👩‍👧👩‍👩‍👧', '👩‍👩‍👧…', '…', '…', ''],
      ['e\u0301e\u0301e\u0301', 'e\u0301e\u0301e\u0301', 'e\u0301e\u0301e\u0301', 'e\u0301…', '…', ''],
    ])
  })

  it('keeps the columns of what follows, as a terminal shows them', async () => {
    const fake = openFakeScreen({ cols: 40, rows: samples.length + 5 })
    const ends: number[] = []
    fake.screen.pane({ left: 0, top: 0 }, (canvas) => {
      for (const [row, [text]] of samples.entries()) ends[row] = canvas.text(2, row, text, 'normal')
      for (const [row, end] of ends.entries()) canvas.text(end, row, '|mark', 'accent')
    })
    const drawn = (await fake.cells()).map((row) => row.map((cell) => cell.text))
    for (const [row, [text, parts]] of samples.entries()) {
      const width = parts.reduce((sum, [, taken]) => sum + taken, 0)
      expect(ends[row], text).to.equal(2 + width)
      expect(drawn[row]!.slice(2 + width, 8 + width).join(''), text).to.equal('|mark ')
    }
    fake.dispose()
  })

  it('leaves nothing behind when wide text makes way for other text, shifted by one', async () => {
    const fake = openFakeScreen({ cols: 24, rows: 5 })
    let text = ''
    fake.screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, text, 'normal'))
    for (text of ['漢字漢字😀x', 'a漢字漢字x😀', '👩‍👩‍👧漢❤️漢x', 'ab👩‍👩‍👧漢x', '漢字漢字漢字漢字漢字漢字漢字', '']) {
      fake.screen.request()
      const incremental = await fake.rows()
      const fresh = openFakeScreen({ cols: 24, rows: 5 })
      fresh.screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, text, 'normal'))
      expect(incremental, text).to.deep.equal(await fresh.rows())
      fresh.dispose()
    }
    fake.dispose()
  })
})
