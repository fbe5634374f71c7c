import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { changes, opened, type Fact } from '../support/facts.ts'
import { dateKit, FakeFiles } from '../support/fake-files.ts'
import { expectFrame } from '../support/frames.ts'
import { loadColours, settled } from '../support/settled.ts'

const changed: Fact[] = [...opened, ['workspace.changed', { changes }]]

/** Columns of the files' pane at 120. */
const paneWidth = 20

/** The rows of the tree, once all that was asked for has come. */
async function tree(screen: AppScreen, width = paneWidth): Promise<string[]> {
  await screen.rows()
  await new Promise((resolve) => setImmediate(resolve))
  const rows = (await screen.rows()).slice(3, -2).map((row) => row.slice(0, width).trimEnd())
  return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1)
}

describe('tui/files', () => {
  let open: AppScreen | undefined
  let copied: string[]

  beforeEach(() => (copied = []))

  /** A screen with the focus in the files. */
  async function show(
    files: FakeFiles = dateKit(),
    { facts = changed, cols = 120, rows = 40, paths = [] as string[] } = {},
  ): Promise<AppScreen> {
    open = openAppScreen({
      cols,
      rows,
      facts,
      files,
      paths: { known: paths, whole: true, refresh: () => {}, onChange: () => ({ dispose: () => {} }) },
      copy: (text) => Promise.resolve(copied.push(text) > 0),
    })
    open.press('ctrl+x', 'f')
    await open.rows()
    return open
  }

  before(loadColours)

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  for (const [cols, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const) {
    it(`is drawn at ${cols}x${rows}`, async () => {
      const screen = await show(dateKit(), { cols, rows })
      screen.press('down', 'shift+right')
      await tree(screen)
      screen.press('down', 'down', 'down', 'down')
      await settled(screen)
      expectFrame(`files-${cols}x${rows}`, await screen.cells())
    })
  }

  it('lists one folder for each that is opened, marks what changed, and shows what is gone', async () => {
    const files = dateKit()
    const screen = await show(files)
    expect(await tree(screen)).to.deep.equal([
      ' ▸ node_modules',
      ' ▸ src            ●',
      ' ▸ test           ●',
      '   .gitignore',
      ' − logo.png  binary',
      ' + NOTES.md      +4',
      '   package.json',
    ])
    expect(files.calls).to.deep.equal(['list '])
    screen.press('down', 'enter')
    expect((await tree(screen)).slice(1, 6)).to.deep.equal([
      ' ▾ src            ●',
      '   ▸ locale',
      '     format.js',
      '     index.js',
      ' ●   parse.js  +3−1',
    ])
    expect(files.calls).to.deep.equal(['list ', 'list src'])
  })

  it('goes into folders and out of them with the arrows, and keeps them open', async () => {
    const screen = await show()
    screen.press('down', 'right')
    await tree(screen)
    screen.press('right', 'right')
    expect((await tree(screen)).slice(1, 4)).to.deep.equal([' ▾ src            ●', '   ▾ locale', '       de.js'])
    screen.press('down', 'left', 'left')
    expect((await tree(screen)).slice(1, 3)).to.deep.equal([' ▾ src            ●', '   ▸ locale'])
    screen.press('left', 'left')
    expect((await tree(screen)).slice(1, 3)).to.deep.equal([' ▸ src            ●', ' ▸ test           ●'])
  })

  it('hides what is ignored, and shows it again', async () => {
    const screen = await show()
    screen.press('i')
    expect((await tree(screen))[0]).to.equal(' ▸ src            ●')
    screen.press('i')
    expect((await tree(screen))[0]).to.equal(' ▸ node_modules')
  })

  it('finds by some letters of a path, and comes back from it', async () => {
    const screen = await show(dateKit(), { paths: ['src/parse.js', 'src/format.js', 'test/parse.test.js'] })
    screen.press('/')
    screen.type('spar')
    expect(await tree(screen)).to.deep.equal([
      ' / spar           2',
      ' ──────────────────',
      ' ● src/p…se.js +3−1',
      ' ? test/p…est.js +9',
    ])
    screen.press('escape')
    expect((await tree(screen))[0]).to.equal(' ▸ node_modules')
    screen.press('/')
    screen.type('spar')
    screen.press('enter')
    expect((await tree(screen)).slice(1, 6).at(-1)).to.equal(' ●   parse.js  +3−1')
  })

  it('makes, renames, moves and deletes, and asks before it deletes', async () => {
    const files = new FakeFiles({ 'a.ts': '1' })
    const screen = await show(files, { facts: opened })
    screen.press('n')
    screen.type('lib/b.ts')
    screen.press('enter')
    await tree(screen)
    expect(await tree(screen)).to.deep.equal([' ▾ lib', '     b.ts', '   a.ts'])
    screen.press('r')
    screen.press('ctrl+u')
    screen.type('c.ts')
    screen.press('enter')
    await tree(screen)
    expect(await tree(screen)).to.deep.equal([' ▾ lib', '     c.ts', '   a.ts'])
    screen.press('m', 'ctrl+u')
    screen.type('c.ts')
    screen.press('enter')
    await tree(screen)
    screen.press('x')
    expect((await tree(screen)).slice(-2)).to.deep.equal([' Delete c.ts?', ' enter yes   esc no'])
    screen.press('escape', 'x', 'enter')
    await tree(screen)
    expect(files.calls.filter((call) => !call.startsWith('list'))).to.deep.equal([
      'create lib/b.ts',
      'move lib/b.ts lib/c.ts',
      'move lib/c.ts c.ts',
      'remove c.ts',
    ])
    expect([...files.contents.keys()]).to.deep.equal(['a.ts'])
  })

  it('says in a sentence what cannot be done', async () => {
    const screen = await show(new FakeFiles({ 'a.ts': '', 'b.ts': '' }), { facts: opened })
    screen.press('r', 'ctrl+u')
    screen.type('b.ts')
    screen.press('enter')
    expect((await tree(screen)).slice(-3)).to.deep.equal([' b.ts is there', ' already: choose', ' another name.'])
  })

  it('follows what others do to an open folder, and to no other', async () => {
    const files = new FakeFiles({ 'a/b.ts': '', 'c/d.ts': '' })
    const screen = await show(files, { facts: opened })
    screen.press('right')
    await tree(screen)
    files.calls.length = 0
    const listed = new Promise<void>((resolve) => {
      const push = files.calls.push.bind(files.calls)
      files.calls.push = (...calls) => {
        const length = push(...calls)
        if (calls.includes('list a')) resolve()
        return length
      }
    })
    files.tell(() => files.put('a/new.ts', ''))
    await listed
    expect(await tree(screen)).to.deep.equal([' ▾ a', '     b.ts', '     new.ts', ' ▸ c'])
    expect(files.calls).to.deep.equal(['list ', 'list a'])
  })

  it('says what an empty folder is good for', async () => {
    const screen = await show(new FakeFiles({}), { facts: opened, cols: 160 })
    expect((await tree(screen, 27)).join('')).to.contain('Nothing is here yet.')
  })

  it('is pressed and clicked alike: a click opens a folder, and another closes it', async () => {
    const screen = await show()
    screen.click(5, 4)
    expect((await tree(screen)).slice(1, 3)).to.deep.equal([' ▾ src            ●', '   ▸ locale'])
    screen.click(5, 4)
    expect((await tree(screen)).slice(1, 3)).to.deep.equal([' ▸ src            ●', ' ▸ test           ●'])
  })

  it('puts a path into the prompt, and copies one', async () => {
    const screen = await show()
    screen.press('end', '@', 'y')
    screen.press('ctrl+x', 'c')
    await tree(screen)
    screen.press('escape')
    screen.press('enter')
    expect(screen.intents).to.deep.equal([['prompt.submit', { text: '@package.json ' }]])
    expect(copied).to.deep.equal(['package.json'])
  })

  it('draws hostile names so that they do no harm', async () => {
    const names = ['a\nb', '\x1b[2Jred', '\u202egnp.exe', 'x'.repeat(255), '\udcff\udcfe', '\x07']
    const screen = await show(new FakeFiles(Object.fromEntries(names.map((name) => [name, '']))), { facts: opened })
    const rows = await tree(screen)
    expect(rows.length).to.equal(names.length)
    expect(rows).to.include('   a^Jb')
    expect(rows).to.include('   red')
    expect(rows).to.include('   ◌gnp.exe')
  })

  it('scrolls a folder of 100,000 entries without a listing more, each frame within 8 ms', async () => {
    const many = process.env.DRYDOCK_SOAK ? 1_000_000 : 100_000
    const files = new FakeFiles(Object.fromEntries(Array.from({ length: many }, (_, i) => [`f${i}`, ''])))
    const screen = await show(files, { facts: opened })
    await tree(screen)
    const times: number[] = []
    for (let i = 0; i < 100; i++) {
      const began = performance.now()
      screen.press(i % 2 === 0 ? 'pagedown' : 'end')
      screen.wheel('down', 3, 10)
      screen.press('pageup')
      screen.screen.draw()
      times.push(performance.now() - began)
    }
    expect(times.toSorted((a, b) => a - b)[50]).to.be.below(8)
    expect(files.calls).to.deep.equal(['list '])
  })
})
