import { expect } from 'chai'
import { thrown } from '../../support/random.ts'
import { graphemeAfter, graphemeBefore } from '../../../lib/tui/editing/motions.ts'
import { viEditor } from '../../support/vi-keys.ts'

/**
 * What vim 9.0 makes of a text by keys in normal mode, the cursor `|` before the character it stands on. A row that differs
 * from vim on purpose says so.
 */
const table: [before: string, keys: string, after: string][] = [
  // Words.
  ['|foo bar.baz x', 'w', 'foo |bar.baz x'],
  ['|foo bar.baz x', '2w', 'foo bar|.baz x'],
  ['|foo bar.baz x', '2W', 'foo bar.baz |x'],
  ['|foo bar.baz x', 'e', 'fo|o bar.baz x'],
  ['fo|o bar.baz x', 'E', 'foo bar.ba|z x'],
  ['foo bar.b|az', 'b', 'foo bar.|baz'],
  ['foo bar.b|az', '2B', '|foo bar.baz'],
  ['foo bar.b|az', 'ge', 'foo bar|.baz'],
  ['|a\n\nb', 'w', 'a\n|\nb'],
  ['|foo', '9w', 'fo|o'],
  // In the line and over lines.
  ['  fo|o', '0', '|  foo'],
  ['  fo|o', '^', '  |foo'],
  ['  |foo', '$', '  fo|o'],
  ['|a b\nc d', '2$', 'a b\nc |d'],
  ['abc\nd|ef\ng', '1k', 'a|bc\ndef\ng'],
  ['ab|c\nd\nefg', '2j', 'abc\nd\nef|g'],
  ['ab|c\nd\nefg', '9j', 'abc\nd\nef|g'],
  ['abc\n  de|f', 'gg', '|abc\n  def'],
  ['|abc\n  def\ng', '2G', 'abc\n  |def\ng'],
  ['|abc\n  def', 'G', 'abc\n  |def'],
  ['|a\nb\n\nc', '}', 'a\nb\n|\nc'],
  ['a\n\nb\n|c', '{', 'a\n|\nb\nc'],
  ['f|(a, (b))', '%', 'f(a, (b)|)'],
  // Characters that are looked for.
  ['|a.b.c.d', 'f.', 'a|.b.c.d'],
  ['|a.b.c.d', '2f.', 'a.b|.c.d'],
  ['|a.b.c.d', 't.', '|a.b.c.d'],
  ['|a.b.c.d', 'f.;', 'a.b|.c.d'],
  ['|a.b.c.d', 't.;', 'a.|b.c.d'],
  ['|a.b.c.d', 'f.;,', 'a|.b.c.d'],
  ['a.b.c.|d', 'F.', 'a.b.c|.d'],
  ['a.b.c.|d', '2T.', 'a.b.|c.d'],
  ['|abc', 'fx', '|abc'],
  // Operators.
  ['|foo bar baz', 'dw', '|bar baz'],
  ['|foo bar baz', 'd2w', '|baz'],
  ['|a b c d e f g', '2d3w', '|g'],
  ['foo |bar', 'dw', 'foo| '],
  ['|foo\n  bar', 'dw', '|\n  bar'],
  ['foo b|ar baz', 'db', 'foo |ar baz'],
  ['|foo bar', 'de', '| bar'],
  ['foo |bar baz', 'd$', 'foo| '],
  ['foo |bar', 'd0', '|bar'],
  ['|a.b.c', 'df.', '|b.c'],
  ['|a.b.c', 'dt.', '|.b.c'],
  ['a.b.|c', 'dF.', 'a.b|c'],
  ['|abc', 'd2l', '|c'],
  ['a\n|b\nc\nd', 'dj', 'a\n|d'],
  ['a\nb\n|c', 'dk', '|a'],
  ['a\n|b', 'dj', 'a\n|b'],
  ['a\n|b\nc', 'dgg', '|c'],
  ['a\n|b\nc', 'dG', '|a'],
  ['|a\nb\n\nc', 'd}', '|\nc'],
  ['f|(a) b', 'd%', 'f| b'],
  ['|foo bar', 'cwnew<Esc>', 'ne|w bar'],
  ['foo| bar', 'cwX<Esc>', 'foo|Xbar'],
  ['|foo bar', 'cWnew<Esc>', 'ne|w bar'],
  ['fo|o bar', 'ceX<Esc>', 'fo|X'],
  ['|foo', 'ywP', 'fo|ofoo'],
  ['foo |bar', 'yb', '|foo bar'],
  // Lines.
  ['a\n|b\nc', 'dd', 'a\n|c'],
  ['a\n|b', 'dd', '|a'],
  ['|a', 'dd', '|'],
  ['|a\nb\n  c', '2dd', '  |c'],
  ['|a\nb', '5dd', '|'],
  ['a\n  |b\nc', 'ccX<Esc>', 'a\n|X\nc'],
  ['|a\nb', 'SX<Esc>', '|X\nb'],
  ['|a\nb\nc', '2SX<Esc>', '|X\nc'],
  ['|ab\nc', 'yy1jp', 'ab\nc\n|ab'],
  ['a|b\nc', 'YP', '|ab\nab\nc'],
  ['|a\nb', 'yy2p', 'a\n|a\na\nb'],
  ['|a\nb', 'ddp', 'b\n|a'],
  // Single characters.
  ['a|bc', 'x', 'a|c'],
  ['a|bc', '9x', '|a'],
  ['ab|c', 'X', 'a|c'],
  ['a|bc d', 'D', '|a'],
  ['a|bc', 'CX<Esc>', 'a|X'],
  ['a|bc', 'sXY<Esc>', 'aX|Yc'],
  ['|abc', '2sX<Esc>', '|Xc'],
  ['|ab', 'xp', 'b|a'],
  ['|ab', 'x3p', 'baa|a'],
  ['a|bc', 'rX', 'a|Xc'],
  ['a|bc', '2rX', 'aX|X'],
  ['a|bc', '3rX', 'a|bc'],
  ['|aBc', '2~', 'Ab|c'],
  ['|a\n  b', 'J', 'a| b'],
  ['|a\nb\nc', '3J', 'a b| c'],
  ['|f(\n)', 'J', 'f(|)'],
  ['|a\n\nb', 'J', '|a\nb'],
  // Inserting.
  ['a|b', 'iX<Esc>', 'a|Xb'],
  ['a|b', 'aX<Esc>', 'ab|X'],
  ['  a|b', 'IX<Esc>', '  |Xab'],
  ['|ab', 'AX<Esc>', 'ab|X'],
  ['a|b\nc', 'oX<Esc>', 'ab\n|X\nc'],
  ['a\n|b', 'OX<Esc>', 'a\n|X\nb'],
  ['|a', '3ix<Esc>', 'xx|xa'],
  ['|a', '2ox<Esc>', 'a\nx\n|x'],
  // Once more, and back.
  ['|a b c d', 'dw.', '|c d'],
  ['|a b c d', 'dw2.', '|d'],
  ['|a b c', 'cwX<Esc>w.', 'X |X c'],
  ['|a\nb\nc', 'dd.', '|c'],
  ['|a', 'ax<Esc>3.', 'axxx|x'],
  ['|foo bar', 'dwu', '|foo bar'],
  ['|foo bar baz', 'dwdwu', '|bar baz'],
  ['|foo bar baz', 'dwdw2u', '|foo bar baz'],
  ['|foo bar baz', 'dwdwuu<C-r>', '|bar baz'],
  ['|ab', 'cwone two<Esc>u', '|ab'],
  // Text objects.
  ['foo b|ar baz', 'diw', 'foo | baz'],
  ['foo b|ar baz', 'daw', 'foo |baz'],
  ['foo b|ar', 'daw', 'fo|o'],
  ['a.b| c', 'diw', 'a.b|c'],
  ['a x.y|z c', 'daW', 'a |c'],
  ['foo b|ar baz', 'd2aw', 'fo|o'],
  ['f("a |b") c', 'di"', 'f("|") c'],
  ['|x = "a b" y', 'ci"N<Esc>', 'x = "|N" y'],
  ['x = "a| b" y', 'da"', 'x = |y'],
  ["it('a| b')", "di'", "it('|')"],
  ['a `b| c` d', 'ya`P', 'a `b c`| `b c` d'],
  ['f(a, g(|b))', 'di(', 'f(a, g(|))'],
  ['f(a, g(|b))', 'd2i(', 'f(|)'],
  ['f(a, g(|b)) c', 'dab', 'f(a, g|) c'],
  ['f(|)', 'ci(x<Esc>', 'f(|x)'],
  ['x[a|b]', 'di]', 'x[|]'],
  ['x {\n  a|b\n} y', 'di{', 'x {\n|} y'],
  ['x {\n  a|b\n} y', 'daB', 'x | y'],
  ['<a| b>', 'di<lt>', '<|>'],
  ['a\nb|\n\nc', 'dip', '|\nc'],
  ['a\n|b\n\nc', 'dap', '|c'],
  // Selecting.
  ['|foo bar', 'vlld', '| bar'],
  ['foo b|ar baz', 'viwcX<Esc>', 'foo |X baz'],
  ['|a\nb\nc', 'Vjd', '|c'],
  ['|abc', 'vlyP', 'a|babc'],
  ['|abc def', 'vey$p', 'abc defab|c'],
  ['a|bc', 'vlohd', '|'],
  ['|aBc', 'v$~', '|AbC'],
  ['|aBc d', 'veU', '|ABC d'],
  ['|abc', 'vlrX', '|XXc'],
  ['|a\nb\nc', 'VjJ', 'a| b\nc'],
  ['|foo bar', 'yiwwvep', 'foo fo|o'],
  ['f|oo', 'v<Esc>x', 'f|o'],
  // Half a command that is left.
  ['|foo bar', 'd<Esc>w', 'foo |bar'],
  ['|foo bar', '2<Esc>x', '|oo bar'],
  ['|foo bar', 'di<Esc>w', 'foo |bar'],
  ['|foo bar', 'f<Esc>x', '|oo bar'],
  ['|foo bar', 'dpx', '|oo bar'],
  // Characters of more than one part: vim moves into a joined emoji, we never do.
  ['|e\u0301👨‍👩‍👧日x', 'lx', 'e\u0301|日x'],
  ['|e\u0301a', 'fe', '|e\u0301a'],
  ['|日本 語', 'dw', '|語'],
]

describe("vi's way of editing", () => {
  for (const [before, keys, after] of table)
    it(`${JSON.stringify(before)} ${keys}`, () => {
      const { editor, press } = viEditor(before.replace('|', ''), before.indexOf('|'))
      press(keys)
      const { text, cursor } = editor
      expect(`${text.slice(0, cursor)}|${text.slice(cursor)}`).to.equal(after)
    })

  it('stands on the whole character that was put in the place of a selection', () => {
    const { editor, press } = viEditor('{e\u0301x')
    press('lvyvP')
    expect([editor.text, editor.cursor]).to.deep.equal(['{e\u0301x', 1])
  })

  it('inserts first, and says the mode and what waits in it', () => {
    const { vi, press } = viEditor('a b')
    expect([vi.mode, vi.pending]).to.deep.equal(['normal', ''])
    press('2d3')
    expect(vi.pending).to.equal('2 delete 3')
    press('<Esc>V')
    expect([vi.mode, vi.pending]).to.deep.equal(['visual line', ''])
    press('cx')
    expect(vi.mode).to.equal('insert')
  })

  it('holds together whatever is pressed', function () {
    this.timeout(60_000)
    const keys = Array.from('hjklwbeWBE0^$gGfFtT;,dcyxXsSDCYpPr~Juiaov.VOIA{}%()"\'123 x').concat(
      '<Esc>',
      '<Esc>',
      '<C-r>',
      '<BS>',
    )
    const pieces = ['ab', ' ', '\n', '"x y"', '(a)', 'e\u0301', '👨‍👩‍👧', '🇩🇪', '日本', '\t', '{', '\n\n']
    for (let seed = 0; seed < (process.env['DRYDOCK_SOAK'] ? 10_000 : 500); seed += 1) {
      const next = thrown(seed).below
      const { editor, vi, press } = viEditor(
        Array.from({ length: next(12) }, () => pieces[next(pieces.length)]!).join(''),
      )
      let pressed = ''
      for (let step = 0; step < 40; step += 1) {
        const key = keys[next(keys.length)]!
        pressed += key
        press(key)
        const { text, cursor } = editor
        const whole = cursor === 0 || graphemeAfter(text, graphemeBefore(text, cursor)) === cursor
        const onCharacter =
          vi.mode !== 'normal' ||
          cursor === 0 ||
          text[cursor - 1] === '\n' ||
          (cursor < text.length && text[cursor] !== '\n')
        const inside = cursor >= 0 && cursor <= text.length
        if (!whole || !onCharacter || !inside || text.length > 1_000_000)
          expect.fail(`seed ${seed}: ${pressed} leaves ${JSON.stringify(text)} at ${cursor} in ${vi.mode} mode`)
      }
    }
  })
})
