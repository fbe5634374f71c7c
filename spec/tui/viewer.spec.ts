import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { changes, opened, parseDiff, type Fact } from '../support/facts.ts'
import { FakeFiles } from '../support/fake-files.ts'
import { expectFrame } from '../support/frames.ts'

const changed: Fact[] = [...opened, ['workspace.changed', { changes }]]

const parse = `import { parts } from './parts.js'
// Parses a day; a day that does not exist is an error.

${Array.from({ length: 7 }, (_, i) => `const unit${i} = ${i} // the ${i}th`).join('\n')}
export function parse(text) {
  const [y, m, d] = text.split('-').map(Number)
  const date = new Date(y, m - 1, d)
  if (date.getDate() !== d || date.getMonth() !== m - 1)
    throw new RangeError(\`no such day: \${text}\`)
  return date
}
`

/** Waits until what is asked of a screen holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('')

describe('tui/viewer', () => {
  let open: AppScreen | undefined
  let copied: string[]

  beforeEach(() => (copied = []))

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  /** A screen whose viewer shows the first file of a workspace. */
  async function show(
    contents: Record<string, string | Buffer>,
    { cols = 100, rows = 24, facts = opened, edit = (text: string) => text } = {},
  ): Promise<{ screen: AppScreen; files: FakeFiles; body: () => Promise<string[]>; head: () => Promise<string> }> {
    const files = new FakeFiles(contents)
    const screen = openAppScreen({
      cols,
      rows,
      facts,
      files,
      copy: (text) => Promise.resolve(copied.push(text) > 0),
      open: (text) => Promise.resolve(edit(text)),
      diff: (path) => Promise.resolve({ ...parseDiff, change: changes.find((change) => change.path === path)! }),
    })
    open = screen
    screen.app.openFile(Object.keys(contents)[0]!)
    screen.press('ctrl+x', 'z')
    const [path] = Object.keys(contents)
    await until(async () => (await screen.rows())[3]!.startsWith(` ${path}`))
    const head = async () => (await screen.rows())[3]!
    const body = async () => (await screen.rows()).slice(4, rows - 5)
    return { screen, files, body, head }
  }

  for (const [cols, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const) {
    it(`is drawn at ${cols}x${rows}`, async () => {
      const { screen } = await show({ 'src/parse.js': parse }, { cols, rows, facts: changed })
      screen.press('ctrl+x', 'z')
      await until(async () => (await screen.cells()).flat().some(({ look }) => look.includes('c49adf')))
      expectFrame(`viewer-${cols}x${rows}`, await screen.cells())
    })
  }

  it('shows lines with their numbers, and what of them differs from the project', async () => {
    const { body, head } = await show({ 'src/parse.js': parse }, { facts: changed })
    expect(await head()).to.match(/^ src\/parse\.js +\d+ bytes {3}1\/17$/)
    await until(async () => (await body())[1]!.includes('~'))
    expect((await body()).slice(0, 3)).to.deep.equal([
      "  1   import { parts } from './parts.js'",
      '  2 ~ // Parses a day; a day that does not exist is an error.',
      '  3',
    ])
    expect((await body()).slice(12, 15).map((row) => row.slice(0, 6))).to.deep.equal([' 13 ~ ', ' 14 + ', ' 15 + '])
  })

  it('goes to a line, and to changed ones', async () => {
    const { screen, body, head } = await show({ a: numbered(500) })
    screen.press(':')
    screen.type('250')
    screen.press('enter')
    await until(async () => (await head()).includes('245/500'))
    expect((await body())[5]).to.equal(' 250   line 250')
    screen.press('end')
    await until(async () => (await body()).at(-1) === ' 500   line 500')
    screen.press('home')
    expect((await body())[0]).to.equal('   1   line 1')
  })

  it('opens at a line that is asked for, and says where it is', async () => {
    const { screen, body } = await show({ a: '1\n', 'lib/b.ts': numbered(300) })
    screen.app.openFile('lib/b.ts', { line: 120 })
    await until(async () => (await body()).includes(' 120   line 120'))
    expect((await body())[0]).to.equal(' 115   line 115')
  })

  it('searches as is typed, counts what it finds, and goes on to the next', async () => {
    const { screen, body } = await show({ a: numbered(500) })
    screen.press('/')
    screen.type('line 25')
    await until(async () => (await screen.rows()).some((row) => / 1 of 11( |$)/.test(row)))
    expect((await body())[4]).to.equal('  25   line 25')
    screen.press('enter', 'n')
    await until(async () => (await screen.rows()).some((row) => row.includes('2 of 11')))
    expect((await body())[4]).to.equal(' 250   line 250')
    screen.press('N', 'N')
    await until(async () => (await screen.rows()).some((row) => row.includes('11 of 11')))
    screen.press('/')
    screen.type('nowhere')
    await until(async () => (await screen.rows()).some((row) => row.includes('nothing found')))
  })

  it('wraps, and scrolls sideways where it does not', async () => {
    const { screen, body } = await show({ a: `${'0123456789'.repeat(15)}end\nnext\n` }, { cols: 60 })
    expect((await body())[1]).to.equal(' 2   next')
    screen.press('w')
    expect((await body()).slice(2, 4)).to.deep.equal([`     ${'0123456789'.repeat(15).slice(108)}end`, ' 2   next'])
    screen.press('w', 'right')
    expect((await body())[0]!.slice(0, 15)).to.equal(' 1  ‹8901234567')
  })

  it('marks where a line goes on out of sight, at either end', async () => {
    const { screen, body } = await show({ 'a.txt': `${'x'.repeat(200)}\nshort\n${'é'.repeat(100)}\n` })
    const ends = async () => (await body()).slice(0, 3).map((row) => [row[4], row.padEnd(100)[99]])
    expect(await ends()).to.deep.equal([[' ', '›'], [' ', ' '], [' ', '›']]) // prettier-ignore
    screen.press('l')
    expect(await ends()).to.deep.equal([['‹', '›'], ['‹', ' '], ['‹', ' ']]) // prettier-ignore
    screen.press('w')
    expect((await body()).join('')).not.to.match(/[‹›]/)
  })

  it('selects with the mouse and copies what the file has: tabs, and no numbers', async () => {
    const { screen } = await show({ a: 'if (a) {\n\treturn b\n}\n' })
    await screen.rows()
    screen.drag(8, 4, 14, 5)
    await until(async () => copied.length > 0)
    expect(copied).to.deep.equal(['(a) {\n\treturn'])
    screen.click(10, 5)
    screen.click(10, 5)
    await until(async () => copied.length > 1)
    expect(copied[1]).to.equal('return')
    // By words after two clicks, and none of what stands beside them.
    screen.click(5, 4)
    screen.drag(5, 4, 12, 5)
    await until(async () => copied.length > 2)
    expect(copied[2]).to.equal('if (a) {\n\treturn')
  })

  it('scrolls on while the mouse is held under its foot', async () => {
    const { screen, body } = await show({ a: numbered(300) })
    await screen.rows()
    screen.send('\x1b[<0;9;5M\x1b[<32;9;50M')
    await until(async () => (await body()).some((row) => row.includes('line 30')))
    screen.send('\x1b[<0;9;50m')
    await until(async () => copied.length > 0)
    expect(copied[0]).to.match(/^ine 1\nline 2\n(.*\n)*li$/)
  })

  it('follows its file, and keeps its place', async () => {
    const { screen, files, body } = await show({ a: numbered(100) })
    screen.press(':')
    screen.type('50')
    screen.press('enter')
    await until(async () => (await body()).includes('  50   line 50'))
    files.tell(() => files.put('a', numbered(100).replace('line 50', 'line fifty')))
    await until(async () => (await body()).includes('  50   line fifty'))
    files.tell(() => files.contents.delete('a'))
    await until(async () => (await body()).some((row) => row.includes('a does not exist.')))
  })

  it('says what a picture, an empty file and a binary one are', async () => {
    const png = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x01\0', 'latin1'),
      Buffer.alloc(2000),
    ])
    const { screen, body } = await show({ 'a.png': png, empty: '', b: Buffer.from([1, 0, 2]) })
    expect((await body())[1]).to.equal(' A PNG picture, 512x256, 2 KB. It is not shown as text.')
    screen.app.openFile('empty')
    await until(async () => (await body())[1] === ' An empty file.')
    screen.app.openFile('b')
    await until(async () => (await body())[1] === ' A binary file, 3 bytes. It is not shown as text.')
  })

  it('gives the file to an editor, and writes what it leaves to the workspace', async () => {
    const { screen, files, body } = await show({ 'a.ts': 'one\n' }, { edit: (text) => text.replace('one', 'two') })
    screen.press('e')
    await until(async () => (await body())[0] === ' 1   two')
    expect(files.contents.get('a.ts')!.toString()).to.equal('two\n')
  })

  it('draws hostile text and an endless line without harm', async () => {
    const { screen, body } = await show({
      a: `\x1b[2J\x1b]0;x\x07red\u202e\n${'x'.repeat(300_000)}\n${'ü'.repeat(100_000)}\nend\n`,
    })
    expect((await body()).slice(0, 4).map((row) => row.slice(0, 20))).to.deep.equal([
      ' 1   red◌',
      ` 2   ${'x'.repeat(15)}`,
      ` 3   ${'ü'.repeat(15)}`,
      ' 4   end',
    ])
    const began = performance.now()
    for (let i = 0; i < 20; i++) {
      screen.press('right')
      screen.screen.draw()
    }
    expect((performance.now() - began) / 20).to.be.below(16)
  })

  it('opens a file of 50 MB within 100 ms, and reads only what it shows', async () => {
    const line = 'const answer = await question(42) // and so on, and so on\n'
    const lines = Math.ceil((50 * 2 ** 20) / line.length)
    const { screen, files, body } = await show({ a: '\n', 'big.js': Buffer.from(line.repeat(lines)) })
    const opening: number[] = []
    for (let i = 0; i < 3; i++) {
      screen.app.openFile('a')
      await until(async () => (await body())[1] === '')
      files.calls.length = 0
      const began = performance.now()
      screen.app.openFile('big.js')
      await until(async () => (await body())[0]!.includes('const answer'))
      opening.push(performance.now() - began)
      expect(files.calls.slice(0, 2)).to.deep.equal(['read big.js 0 8192', 'read big.js 0 262144'])
    }
    expect(Math.min(...opening)).to.be.below(100)
    screen.press('end')
    await until(async () => (await body()).at(-1)!.startsWith(` ${lines} `))
    const times: number[] = []
    for (let i = 0; i < 50; i++) {
      const from = performance.now()
      screen.press('pageup')
      screen.screen.draw()
      times.push(performance.now() - from)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(times.toSorted((a, b) => a - b)[25]).to.be.below(8)
  })
})

describe('tui/files, by name', () => {
  let open: AppScreen | undefined

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  it('finds any file of the workspace, shows it, or puts it into the prompt; what was shown comes first', async () => {
    const known = ['src/parse.js', 'src/format.js', 'test/my days.js']
    const paths = { known, whole: true, refresh: () => {}, onChange: () => ({ dispose: () => {} }) }
    const screen = (open = openAppScreen({ cols: 100, rows: 24, facts: opened, paths }))
    screen.press('ctrl+x', 'ctrl+f')
    screen.type('form')
    screen.press('enter')
    await until(async () => (await screen.rows()).some((row) => row.includes(' src/format.js ')))
    screen.press('ctrl+x', 'ctrl+f')
    const offered = (await screen.rows()).slice(5, 8).map((row) => row.slice(10, 40).trim())
    expect(offered).to.deep.equal(['› src/format.js', 'src/parse.js', 'test/my days.js'])
    screen.type('days')
    screen.press('tab')
    screen.press('ctrl+x', 'c', 'escape', 'enter')
    expect(screen.intents).to.deep.equal([['prompt.submit', { text: '@"test/my days.js" ' }]])
  })
})
