import { expect } from 'chai'
import { Blocks } from '../../../lib/tui/format/blocks.ts'
import { inline } from '../../../lib/tui/format/inline.ts'
import { markdown } from '../../../lib/tui/format/markdown.ts'
import { rowWidth } from '../../../lib/tui/format/wrap.ts'

const lay = (source: string, width = 40) =>
  markdown(source, width).map((row) =>
    row
      .map((span) => span.text)
      .join('')
      .trimEnd(),
  )

/** Spans in short: the letter of a tone before text that is not plain. */
const short = (text: string) =>
  inline(text, 'normal')
    .map(({ text: shown, tone }) => (tone === 'normal' ? shown : `<${tone}:${shown}>`))
    .join('')

describe('tui/format/markdown', () => {
  const cases: [what: string, source: string, rows: string[]][] = [
    ['a heading', '# Title\n\ntext', ['Title', '', 'text']],
    ['a list', '- a\n- b\n  - c\n  1. one\n     two', ['• a', '• b', '  • c', '  1. one', '     two']],
    ['numbers to the right', '9. a\n10. b', [' 9. a', '10. b']],
    ['a list that goes on from a number', '3. c\n4. d', ['3. c', '4. d']],
    ['tasks', '- [ ] todo\n- [x] done', ['○ todo', '✓ done']],
    ['a quote', '> one\n> two', ['│ one', '│ two']],
    ['a rule', '***', ['─'.repeat(40)]],
    ['a table', '| a | n |\n|---|--:|\n| xx | 5 |\n| y | 100 |', ['a     n', '──  ───', 'xx    5', 'y   100']],
    ['code in a list', '- a\n\n  ```js\n  x\n  ```', ['• a', '', '    x']],
    ['HTML as it stands', '<b>bold</b>\n', ['<b>bold</b>']],
    ['a link’s address given apart', 'a [b][1]\n\n[1]: http://x.y "T"', ['a b [1]', '', '[1] http://x.y']],
    ['line ends of the source', 'one\ntwo', ['one', 'two']],
  ]
  for (const [what, source, rows] of cases) it(`lays out ${what}`, () => expect(lay(source)).to.deep.equal(rows))

  it('wraps cells of a table that is too wide', () => {
    expect(lay('| key | what it is for |\n|---|---|\n| a | something with many words |', 20)).to.deep.equal([
      'key  what it is for',
      '───  ───────────────',
      'a    something with',
      '     many words',
    ])
  })

  const spans: [text: string, shown: string][] = [
    ['**b** and `c`', '<strong:b> and <code:c>'],
    ['*it* _it_ __b__ ~~no~~', 'it it <strong:b> <dim:no>'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['`` a`b `` ` x', '<code:a`b> ` x'],
    ['**a `b` c**', '<strong:a ><code:b><strong: c>'],
    ['***both***', '<strong:both>'],
    ['[t](http://x.y/z)', 't<dim: (><dim:http://x.y/z><dim:)>'],
    ['[http://x.y](http://x.y)', 'http://x.y'],
    ['[t *u*][1]', 't u<dim: [1]>'],
    ['![alt](a.png) &lt;&amp;&copy; \\*x\\*', 'alt<dim: (><dim:a.png><dim:)> <&&copy; *x*'],
    ['{bold}x{/bold} **open', '{bold}x{/bold} **open'],
  ]
  for (const [text, shown] of spans) it(`reads ${text}`, () => expect(short(text)).to.equal(shown))

  it('takes hostile text without hurry and without a throw', () => {
    const hostile = [
      '*'.repeat(4096), '['.repeat(4096), '_a'.repeat(2048), '`a'.repeat(2048), '> '.repeat(2000), '- '.repeat(2000),
      'a**b'.repeat(1000), '<a '.repeat(1300), '[a]('.repeat(1000), '*a '.repeat(1300), '*_'.repeat(2000), '|'.repeat(4000),
      'www.'.repeat(1000), `${'|'.repeat(2000)}\n${'|-'.repeat(1000)}|`, '\ud800'.repeat(4000), '\u202e'.repeat(4000),
      Array.from({ length: 80 }, (_, i) => `${' '.repeat(i * 2)}- x`).join('\n'),
    ] // prettier-ignore
    for (const source of hostile) {
      const began = process.cpuUsage()
      const rows = markdown(source, 40)
      const { user } = process.cpuUsage(began)
      expect(rows.length, source.slice(0, 8)).to.be.greaterThan(0)
      expect(rows.filter((row) => rowWidth(row) > 4096)).to.deep.equal([])
      // Milliseconds here; marked's own inline rules take seconds for some of these.
      expect(user / 1000, source.slice(0, 8)).to.be.lessThan(400)
    }
  })
})

const all = (blocks: Blocks) => Array.from({ length: blocks.count }, (_, i) => blocks.at(i))

const prose = (text: string) => ({ kind: 'prose', text, language: '' })

const code = (text: string, language: string) => ({ kind: 'code', text, language })

const made = (chunks: string[]) => {
  const blocks = new Blocks()
  for (const chunk of chunks) blocks.push(chunk)
  return all(blocks).map(({ kind, lines, language }) => ({ kind, text: lines.join('\n'), language }))
}

describe('tui/format/blocks', () => {
  const source = [
    'Intro text', 'that goes on.', '', '- one', '', '- two', '', '  still two', '', '```js', 'let a = 1', '', 'a += 1', '```', 'After.', '',
    '1. x', '   ```sh', '   ls', '', '   ```', '2. y', '', '~~~', 'tail', '```', '~~~', '', 'End',
  ].join('\n') // prettier-ignore

  it('ends at empty lines and at fences, never inside of a list item or a fence', () => {
    expect(made([source])).to.deep.equal([
      prose('Intro text\nthat goes on.'),
      prose('- one'),
      prose('- two\n\n  still two'),
      code('let a = 1\n\na += 1', 'js'),
      prose('After.'),
      prose('1. x\n   ```sh\n   ls\n\n   ```\n2. y'),
      code('tail\n```', ''),
      prose('End'),
    ])
  })

  it('gives the same however the text was cut', () => {
    const whole = made([source])
    for (const size of [1, 2, 3, 7, 50]) {
      const chunks = Array.from({ length: Math.ceil(source.length / size) }, (_, i) =>
        source.slice(i * size, (i + 1) * size),
      )
      expect(made(chunks)).to.deep.equal(whole)
    }
  })

  it('never changes a block that is closed, and shows the open one as far as it is', () => {
    const blocks = new Blocks()
    blocks.push('one\n\n```py\nx = 1\ny')
    expect(blocks.closedCount).to.equal(1)
    expect(all(blocks).map(({ lines }) => lines)).to.deep.equal([['one'], ['x = 1', 'y']])
    const first = blocks.at(0)
    blocks.push(' = 2\n```\nmore')
    expect(blocks.at(0)).to.equal(first)
    expect(blocks.at(1).lines).to.deep.equal(['x = 1', 'y = 2'])
  })

  it('bounds a block, whatever comes', () => {
    const blocks = new Blocks()
    blocks.push('x'.repeat(100_000))
    blocks.push(`\n\n\`\`\`\n${'line\n'.repeat(10_000)}`)
    expect(all(blocks).every(({ lines }) => lines.length <= 200 && lines.join('\n').length <= 4_096)).to.equal(true)
    expect(
      all(blocks)
        .flatMap(({ lines }) => lines)
        .join('').length,
    ).to.equal(140_000)
  })
})
