import { expect } from 'chai'
import { cutMiddle, rowWidth, wrap, type Row } from '../../../lib/tui/format/wrap.ts'

const plain = (text: string): Row => [{ text, tone: 'normal' }]
const lines = (rows: Row[]) => rows.map((row) => row.map((span) => span.text).join(''))

describe('tui/format/wrap', () => {
  const cases: [what: string, text: string, width: number, rows: string[]][] = [
    ['nothing', '', 10, ['']],
    ['what fits', 'one two', 10, ['one two']],
    ['between words', 'one two three', 8, ['one two', 'three']],
    ['exactly at the edge', 'one two', 7, ['one two']],
    ['a word wider than the row', 'a abcdefghij b', 4, ['a', 'abcd', 'efgh', 'ij b']],
    ['at line ends', 'a\n\nb', 10, ['a', '', 'b']],
    ['blanks at the start of a line, not of a broken row', '  two   three', 7, ['  two', 'three']],
    ['wide characters anywhere', '日本語日本語', 5, ['日本', '語日', '本語']],
    ['not before closing punctuation', '日本。語', 4, ['日', '本。', '語']],
    ['joined emoji as one', '👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', 4, ['👨‍👩‍👧👨‍👩‍👧', '👨‍👩‍👧']],
    ['in one column', 'ab c', 1, ['a', 'b', 'c']],
  ]
  for (const [what, text, width, rows] of cases) {
    it(`breaks ${what}`, () => expect(lines(wrap(plain(text), width))).to.deep.equal(rows))
  }

  it('keeps tones across breaks, and a word whole that changes its tone', () => {
    const spans: Row = [
      { text: 'one tw', tone: 'normal' },
      { text: 'o three', tone: 'strong' },
    ]
    expect(wrap(spans, 7)).to.deep.equal([
      [
        { text: 'one tw', tone: 'normal' },
        { text: 'o', tone: 'strong' },
      ],
      [{ text: 'three', tone: 'strong', joins: ' ' }],
    ])
  })

  it('hangs what follows under the first row', () => {
    expect(lines(wrap(plain('one two three'), 8, plain('1. '), plain('   ')))).to.deep.equal([
      '1. one',
      '   two',
      '   three',
    ])
  })

  it('never makes a row wider than asked', () => {
    const text = 'some words 日本語 and 👩‍💻 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa end'
    for (let width = 2; width < 40; width += 1) {
      expect(wrap(plain(text), width).filter((row) => rowWidth(row) > width)).to.deep.equal([])
    }
  })

  it('cuts in the middle', () => {
    expect(cutMiddle('abcdefgh', 8)).to.equal('abcdefgh')
    expect(cutMiddle('abcdefgh', 5)).to.equal('ab…gh')
    expect(cutMiddle('日本語日本語', 7)).to.equal('日…語')
    expect(cutMiddle('abc', 1)).to.equal('…')
  })
})
