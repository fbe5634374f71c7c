import { expect } from 'chai'
import { harmless } from '../../lib/tui/harmless.ts'

describe('Harmless text', () => {
  const table: [what: string, text: string, shown: string][] = [
    ['plain text stays as it is', 'const x = {bold}“é”{/bold} 漢字 👩‍👩‍👧', 'const x = {bold}“é”{/bold} 漢字 👩‍👩‍👧'],
    ['colours go whole', '\x1b[1;31mred\x1b[0m and \x9b32mgreen\x9bm', 'red and green'],
    ['cursor motion and erasing go whole', 'a\x1b[2J\x1b[10;10Hb\x1b[?1049hc', 'abc'],
    [
      'titles, links and clipboard writes go whole',
      '\x1b]2;title\x07a\x1b]8;;http://x\x1b\\link\x1b]52;c;eA==\x9c',
      'alink',
    ],
    ['device control strings go whole', '\x1bPq#0\x1b\\a\x1b_app\x1b\\b', 'ab'],
    ['resets and character sets go whole', '\x1bca\x1b(0b\x1b7c', 'abc'],
    ['a lone or broken escape becomes a sign', '\x1b and \x1b]never ended', '^[ and ^[]never ended'],
    ['control characters are written with a caret', 'a\0b\x07c\x08d\re\nf\x7f', 'a^@b^Gc^Hd^Me^Jf^?'],
    ['C1 controls become a sign', 'a\x85b\x90c', 'a�b�c'],
    ['bidi controls become a sign', 'user\u202e gnp.exe\u2066x\u2069 \u200e\u200f\u061c.', 'user◌ gnp.exe◌x◌ ◌.'],
    ['invisible characters become a sign', 'pass\u200bword\ufeff \u2060\u00ad\u{e0041}\u{e0042}', 'pass◌word◌ ◌'],
    ['joiners inside emoji and scripts stay', '👩‍💻 نمی\u200cخواهم', '👩‍💻 نمی\u200cخواهم'],
    ['broken surrogates become a sign', 'a\ud800b\udc00c\udc80😀', 'a�b�c�😀'],
    ['tabs go to the next stop', '\ta\tbcd\tefgh\ti', '    a   bcd efgh    i'],
    ['a surrogate is not mended by what is taken out', '\ud83d\x1b[m\ude00', '��'],
    ['an escape is not made by what is taken out', '\x1b\x1b[m[31m', '^[[31m'],
  ]
  for (const [what, text, shown] of table) it(what, () => expect(harmless(text)).to.equal(shown))

  it('is harmless when made harmless again', () => {
    for (const [, text] of table) expect(harmless(harmless(text))).to.equal(harmless(text))
  })

  it('never lets a control character through, whatever comes', () => {
    let seed = 7
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    const pieces = [
      '\x1b',
      '[',
      ']',
      'P',
      '0',
      ';',
      'm',
      '\x07',
      '\\',
      '\x9b',
      '\x9d',
      'a',
      '\ud83d',
      '\ude00',
      '\u202e',
      '\t',
      '\n',
    ]
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: 1 + random(14) }, () => pieces[random(pieces.length)]).join('')
      expect(harmless(text), JSON.stringify(text)).not.to.match(/[\0-\x1f\x7f-\x9f\u202a-\u202e]/)
      expect(harmless(text), JSON.stringify(text)).not.to.match(/\p{Surrogate}/u)
    }
  })

  it('takes long text in linear time', () => {
    const began = performance.now()
    for (const piece of ['\x1b]', '\x1b[1', '\ud800', '\u202e', '\x9d']) harmless(piece.repeat(200_000))
    expect(performance.now() - began).to.be.below(1500)
  })
})
