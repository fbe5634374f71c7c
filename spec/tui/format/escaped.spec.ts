import { expect } from 'chai'
import { broken, escaped } from '../../../lib/tui/format/escaped.ts'

const read = (line: string) => escaped(line).map(({ text, tone }) => (tone === 'danger' ? `<${text}>` : text))

describe('tui/format/escaped', () => {
  const cases: [string, string, string[]][] = [
    ['plain text as it is', "ls -la | grep 'ä 漢'", ["ls -la | grep 'ä 漢'"]],
    ['controls and tabs', 'a\tb\x1b[2Jc\r', ['a', '<\\t>', 'b', '<\\x1b>', '[2Jc', '<\\r>']],
    ['what turns the direction', 'rm \u202egpj.x', ['rm ', '<\\u{202e}>', 'gpj.x']],
    ['what has no width', 'a\u200bb\u00adc\ufeff', ['a', '<\\u{200b}>', 'b', '<\\xad>', 'c', '<\\u{feff}>']],
    ['blanks that are no space', 'a\u00a0b\u3000c', ['a', '<\\xa0>', 'b', '<\\u{3000}>', 'c']],
    ['tags and unassigned characters', 'x\u{e0041}\u0378', ['x', '<\\u{e0041}>', '<\\u{378}>']],
    ['broken surrogates', 'a\ud800b', ['a', '<\\u{d800}>', 'b']],
    ['blanks at the end', 'echo  ', ['echo', '··']],
    ['nothing but blanks', '   ', ['', '···']],
  ]
  for (const [what, line, expected] of cases) it(`shows ${what}`, () => expect(read(line)).to.deep.equal(expected))

  it('breaks rows where they are full, and loses nothing', () => {
    const rows = broken(escaped('ab  cd漢字\u202e'), 5)
    expect(rows.map((row) => row.map(({ text }) => text).join(''))).to.deep.equal(['ab  c', 'd漢字', '\\u{20', '2e}'])
  })
})
