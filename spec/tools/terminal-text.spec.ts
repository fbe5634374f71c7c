import { expect } from 'chai'
import { TerminalText } from '../../lib/tools/terminal-text.ts'

function plain(...pieces: string[]): string {
  const terminal = new TerminalText()
  return pieces.map((piece) => terminal.push(piece)).join('') + terminal.end()
}

const cases: [string, string, string][] = [
  ['plain text', 'a\tb\nc', 'a\tb\nc'],
  ['colours', '\u001b[1;31mred\u001b[0m\n', 'red\n'],
  ['an 8-bit CSI', 'a\u009b31mb', 'ab'],
  ['a title', '\u001b]0;title\u0007text', 'text'],
  ['a link closed by ST', '\u001b]8;;http://a\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a device string', '\u001bPq#0;2;0\u001b\\x', 'x'],
  ['a character set', '\u001b(Bx\u001b=y', 'xy'],
  ['a progress bar', '10%\r50%\r100%\n', '100%\n'],
  ['a line erased after its start', 'working\r\u001b[Kdone\n', 'done\n'],
  ['a line erased and left', 'working\r\u001b[K\n', '\n'],
  ['a spinner that goes to column 1', '⠙\u001b[1G\u001b[0K⠹\u001b[1G\u001b[0Kok\n', 'ok\n'],
  ['CRLF', 'a\r\nb\r\n', 'a\nb\n'],
  ['a return at the very end', 'abc\r', 'abc'],
  ['overstrike', 'N\bNA\bAME\n', 'NAME\n'],
  ['NUL and other controls', 'a\u0000\u0007\u000e\u007fb', 'ab'],
  ['a sequence that breaks off', 'a\u001b[3', 'a'],
  ['a sequence that another one cuts off', '\u001b[3\u001b[1mx', 'x'],
  ['a title that is never closed', '\u001b]0;never\nnext\n', '\nnext\n'],
  ['a cancelled sequence', '\u001b[12\u0018mx', 'mx'],
  ['what looks like one but is text', '[31mx', '[31mx'],
]

describe('tools: terminal text', () => {
  for (const [what, input, output] of cases) {
    it(`makes plain text of ${what}`, () => {
      expect(plain(input)).to.equal(output)
    })

    it(`makes the same of ${what} that comes in single characters`, () => {
      expect(plain(...input)).to.equal(output)
    })
  }

  it('gives a line as soon as it is complete, and holds no line for ever', () => {
    const terminal = new TerminalText()
    expect(terminal.push('a\nb')).to.equal('a\n')
    expect(terminal.push('\u001b[0m')).to.equal('')
    expect(terminal.push('c'.repeat(70_000)).length).to.equal(70_001)
    expect(terminal.end()).to.equal('')
  })
})
