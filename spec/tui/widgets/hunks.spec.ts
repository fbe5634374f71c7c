import { expect } from 'chai'
import { layDiff } from '../../../lib/tui/widgets/hunks.ts'
import { changes, parseDiff } from '../../support/facts.ts'

/** Rows as they would be read. */
const read = (width: number, diff = parseDiff) =>
  layDiff(diff, [], width).rows.map(({ number, sign, text }) => `${number} ${sign} ${text}`.trimEnd())

describe('tui/widgets/hunks', () => {
  it('numbers each line on its own side, and parts the hunks', () => {
    expect(read(80)).to.deep.equal([
      " 1   import { parts } from './parts.js'",
      ' 2 − // Parses a day.',
      ' 2 + // Parses a day; a day that does not exist is an error.',
      ' 3',
      '⋯',
      '11   export function parse(text) {',
      "12     const [y, m, d] = text.split('-').map(Number)",
      '13 −   return new Date(y, m - 1, d)',
      '13 +   const date = new Date(y, m - 1, d)',
      '14 +   if (date.getDate() !== d || date.getMonth() !== m - 1)',
      '15 +     throw new RangeError(`no such day: ${text}`)',
      '16 +   return date',
      '17   }',
    ])
    expect(layDiff(parseDiff, [{ text: '! '.repeat(60), tone: 'error' }], 80).hunks).to.deep.equal([2, 7])
  })

  it('goes on in the next row where a line is too long, so that all of it is seen', () => {
    expect(read(40).slice(3, 6)).to.deep.equal([
      ' 2 + // Parses a day; a day that does',
      '       not exist is an error.',
      ' 3',
    ])
  })

  it('takes a line of a megabyte, escapes and all', () => {
    const line = { sign: '+' as const, text: `\x1b[2J${'x'.repeat(1_000_000)}`, after: 1 }
    const hunk = { beforeStart: 0, beforeLines: 0, afterStart: 1, afterLines: 1, lines: [line] }
    const rows = read(80, { change: changes[0]!, hunks: [hunk] })
    expect(rows.length).to.be.lessThan(60)
    expect(rows.join('')).to.contain('… and 996004 more').and.not.to.contain('\x1b')
  })
})
