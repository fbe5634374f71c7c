import { expect } from 'chai'
import { wordsPattern } from '../../../lib/tui/format/occurrences.ts'

describe('the pattern for words that are searched for', () => {
  it('takes them as they are, small letters for capitals too, with marks between', () => {
    expect('see A.b(c)'.search(wordsPattern('a.b('))).to.equal(4)
    expect('see **a**b'.search(wordsPattern('ab', '[*_`]{0,3}'))).to.equal(6)
    expect('see ab'.search(wordsPattern('aB'))).to.equal(-1)
  })

  it('finds what is as long as a line may be by its beginning', () => {
    const words = 'x'.repeat(4096)
    expect(words.search(wordsPattern(words, '[*_`]{0,3}'))).to.equal(0)
  })
})
