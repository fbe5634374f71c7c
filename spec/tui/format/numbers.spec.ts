import { expect } from 'chai'
import { duration, seconds } from '../../../lib/tui/format/duration.ts'
import { shortPath } from '../../../lib/tui/format/path.ts'
import { bytes, count, dollars, percent, tokens } from '../../../lib/tui/format/tokens.ts'

describe('tui/format: numbers and paths', () => {
  it('writes durations in as few signs as say enough', () => {
    const cases = [0.4, 4, 99, 100, 812, 9_949, 9_950, 12_400, 59_999, 60_000, 185_000, 3_720_000]
    expect(cases.map(duration)).to.deep.equal([
      '0 ms', '4 ms', '99 ms', '0.1 s', '0.8 s', '9.9 s', '10 s', '12 s', '1 m 00 s', '1 m 00 s', '3 m 05 s', '1 h 02 m',
    ]) // prettier-ignore
    expect([-5, 999, 12_400].map(seconds)).to.deep.equal(['0 s', '0 s', '12 s'])
  })

  it('writes counts of tokens and dollars', () => {
    expect(
      [0, 950, 1_000, 1_104, 14_210, 99_949, 99_950, 128_000, 999_499, 999_500, 1_250_000].map(tokens),
    ).to.deep.equal(['0', '950', '1k', '1.1k', '14.2k', '99.9k', '100k', '128k', '999k', '1M', '1.3M'])
    expect([0, 0.004, 0.0592, 12, 123.4].map(dollars)).to.deep.equal(['$0.00', '<$0.01', '$0.06', '$12.00', '$123'])
    expect([percent(0, 10), percent(1, 1000), percent(999, 1000), percent(1, 1), percent(1, 0)]).to.deep.equal([
      0, 1, 99, 100, 0,
    ])
    expect([0, 700_000, 999 * 2 ** 20, 1000 * 2 ** 20, 4 * 2 ** 30].map(bytes)).to.deep.equal([
      '0 MB', '1 MB', '999 MB', '1.0 GB', '4.0 GB',
    ]) // prettier-ignore
    expect([count(1, 'file'), count(3, 'file')]).to.deep.equal(['1 file', '3 files'])
  })

  it('shortens paths at home, and in the middle where they are too wide', () => {
    expect(shortPath('/home/ada/src/date-kit', '/home/ada')).to.equal('~/src/date-kit')
    expect(shortPath('/home/ada', '/home/ada/')).to.equal('~')
    expect(shortPath('/home/adam/x', '/home/ada')).to.equal('/home/adam/x')
    expect(shortPath('/srv/very/long/path/to/project', '/root', 15)).to.equal('/srv/ve…project')
  })
})
