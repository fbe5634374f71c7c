import { expect } from 'chai'
import { soughtAt, pathWord } from '../../lib/tui/editing/completion.ts'
import { fakePaths, openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { opened, working } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'

const files = ['src/parse.ts', 'src/print.ts', 'src/locale/de.ts', 'my notes.md', 'README.md']

/** Waits for the files, where they stand beside. */
async function listed(screen: AppScreen): Promise<void> {
  for (;;) {
    const rows = await screen.rows()
    if (rows[2]!.includes('FILES') === false || rows.some((row) => row.includes('package.json'))) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('tui/completion', () => {
  let open: AppScreen | undefined

  function show(options: Partial<Parameters<typeof openAppScreen>[0]> = {}): AppScreen {
    open = openAppScreen({ cols: 80, rows: 24, facts: opened, paths: fakePaths(files), ...options })
    return open
  }

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  const cases: [string, string | undefined][] = [
    ['@', 'path ""'],
    ['look at @src/pa', 'path "src/pa"'],
    ['look at (@a', 'path "a"'],
    ['mail a@b', undefined],
    ['@"my no', 'path "my no"'],
    ['@a b', undefined],
    ['/', 'command ""'],
    ['/mo', 'command "mo"'],
    ['a /mo', undefined],
    ['/model gp', 'argument "gp"'],
    ['/model\n', undefined],
  ]
  for (const [text, expected] of cases)
    it(`seeks ${expected ?? 'nothing'} at the end of ${JSON.stringify(text)}`, () => {
      const sought = soughtAt({ text, cursor: text.length, chips: [] })
      expect(sought && `${sought.kind} ${JSON.stringify(sought.query)}`).to.equal(expected)
    })

  it('writes a path with spaces in quotes', () => {
    expect([pathWord('a/b.ts'), pathWord('my notes.md')]).to.deep.equal(['@a/b.ts', '@"my notes.md"'])
  })

  describe('of a path', () => {
    it('is chosen by enter, and the prompt goes on behind it', () => {
      const screen = show()
      screen.type('look at @pri')
      screen.press('enter')
      screen.type('and @note')
      screen.press('tab')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['prompt.submit', { text: 'look at @src/print.ts and @"my notes.md" ' }]])
    })

    it('is sent as it is once it is written whole, and where the list was closed', () => {
      const screen = show()
      screen.type('@README.md')
      screen.press('enter')
      screen.type('@RE')
      screen.press('escape')
      screen.press('enter')
      expect(screen.intents.map(([, payload]) => payload)).to.deep.equal([{ text: '@README.md' }, { text: '@RE' }])
    })

    it('stays closed until something else is sought, and leaves a turn at work', () => {
      const screen = show({ facts: working })
      screen.type('@s')
      screen.press('escape')
      expect(screen.intents).to.deep.equal([])
      screen.type('r')
      screen.press('escape')
      expect(screen.intents).to.deep.equal([['turn.cancel', {}]])
    })

    it('is chosen by a click, and moved in by the wheel', async () => {
      const screen = show()
      screen.type('@')
      const rows = await screen.rows()
      const y = rows.findIndex((row) => row.includes('src/locale/de.ts'))
      screen.wheel('down', 10, y)
      expect((await screen.rows())[rows.findIndex((row) => row.includes('my notes.md'))]).to.include('› my notes.md')
      screen.click(10, y)
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['prompt.submit', { text: '@src/locale/de.ts ' }]])
    })

    it('closes when the focus goes elsewhere', async () => {
      const screen = show()
      screen.type('@')
      screen.press('ctrl+x', 'c')
      expect((await screen.rows()).some((row) => row.includes('README.md'))).to.equal(false)
    })
  })

  describe('of a command', () => {
    it('runs what is chosen, and asks for what it takes', () => {
      const screen = show()
      screen.type('/mod')
      screen.press('down', 'enter')
      screen.type('qwe')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['model.choose', { model: 'ollama/qwen' }]])
    })

    it('runs what is written', () => {
      const screen = show()
      for (const line of ['/mode turn', '/quit', '/app.quit']) {
        screen.paste(line)
        screen.press('enter')
      }
      expect(screen.intents).to.deep.equal([
        ['mode.choose', { mode: 'turn' }],
        ['app.quit', {}],
        ['app.quit', {}],
      ])
    })

    const refused: [string, string][] = [
      ['/modle', 'there is no /modle; did you mean /model?'],
      ['/mode trun', '/mode: there is no "trun"; did you mean turn?'],
      ['/nothing-like-it', 'there is no /nothing-like-it; a space before it sends it as it is'],
      ['/quit now', '/quit takes nothing after its name'],
    ]
    for (const [line, sentence] of refused)
      it(`says of ${line} what is right, and keeps it`, async () => {
        const screen = show({ cols: 120 })
        screen.paste(line)
        screen.press('enter')
        expect((await screen.rows()).at(-1)).to.include(sentence)
        expect((await screen.rows()).some((row) => row.includes(`› ${line}`))).to.equal(true)
        expect(screen.intents).to.deep.equal([])
      })

    it('takes a path for none', () => {
      const screen = show()
      screen.paste('/etc/hosts is odd')
      screen.press('enter')
      screen.paste(' /modle')
      screen.press('enter')
      expect(screen.intents.map(([, payload]) => payload)).to.deep.equal([
        { text: '/etc/hosts is odd' },
        { text: ' /modle' },
      ])
    })
  })

  const sizes = [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const
  for (const [cols, rows] of sizes) {
    it(`looks as it did: paths at ${cols}x${rows}`, async () => {
      const screen = show({ cols, rows })
      screen.type('Compare @s')
      await listed(screen)
      expectFrame(`paths-${cols}x${rows}`, await screen.cells())
    })

    it(`looks as it did: commands at ${cols}x${rows}`, async () => {
      const screen = show({ cols, rows })
      screen.type('/re')
      await listed(screen)
      expectFrame(`commands-${cols}x${rows}`, await screen.cells())
    })
  }
})
