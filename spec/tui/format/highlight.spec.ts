import { expect } from 'chai'
import { EventEmitter, once } from 'node:events'
import { Highlighter } from '../../../lib/tui/format/highlight.ts'

/** Asks, and asks again once the language is loaded. */
async function coloured(language: string, lines: string[]) {
  const loaded = new EventEmitter()
  const highlighter = new Highlighter()
  highlighter.onLoaded(() => loaded.emit('loaded'))
  expect(highlighter.rows(language, lines)).to.equal(undefined)
  await once(loaded, 'loaded')
  const rows = highlighter.rows(language, lines)
  await highlighter.dispose()
  return rows
}

describe('tui/format/highlight', () => {
  it('colours a line at a time, comments over several lines too', async () => {
    expect(await coloured('js', ['const a = "x" // y', '', '/* one', 'two */ 5'])).to.deep.equal([
      [
        { text: 'const', tone: 'keyword' },
        { text: ' a = ', tone: 'normal' },
        { text: '"x"', tone: 'string' },
        { text: ' ', tone: 'normal' },
        { text: '// y', tone: 'comment' },
      ],
      [],
      [{ text: '/* one', tone: 'comment' }],
      [
        { text: 'two */', tone: 'comment' },
        { text: ' ', tone: 'normal' },
        { text: '5', tone: 'number' },
      ],
    ])
  })

  it('keeps every character', async () => {
    const html = ['<p class="a">x &amp; y</p>', '<script>let a = `${b}`</script>']
    const rows = await coloured('html', html)
    expect(rows?.map((row) => row.map((span) => span.text).join(''))).to.deep.equal(html)
  })

  it('leaves plain what it does not know and what is too much', () => {
    const highlighter = new Highlighter()
    highlighter.onLoaded(() => {
      throw new Error('nothing should be loaded')
    })
    expect(highlighter.rows('klingon', ['x'])).to.equal(undefined)
    expect(highlighter.rows('__proto__', ['x'])).to.equal(undefined)
    expect(highlighter.rows('js', ['x'.repeat(1_001)])).to.equal(undefined)
    expect(
      highlighter.rows(
        'js',
        Array.from({ length: 140_000 }, () => 'x'),
      ),
    ).to.equal(undefined)
  })

  it('colours what is large in a thread of its own, and gives the same', async () => {
    const line = 'const a = "x" // y'
    const rows = await coloured('js', Array<string>(1_000).fill(line))
    expect(rows).to.have.length(1_000)
    expect(rows?.[999]).to.deep.equal((await coloured('js', [line]))?.[0])
  })
})
