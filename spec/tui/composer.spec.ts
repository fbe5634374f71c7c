import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { opened, working } from '../support/facts.ts'
import { mouseBytes } from '../support/key-bytes.ts'

/** What is sent by enter. */
function sent(screen: AppScreen): unknown {
  screen.press('enter')
  return screen.intents.at(-1)?.[1]
}

/** What the terminal gets as its clipboard (OSC 52). */
function copied(screen: AppScreen): string[] {
  const texts = screen.written.join('').matchAll(/\x1b\]52;c;([A-Za-z0-9+/=]*)/g)
  return Array.from(texts, ([, coded]) => Buffer.from(coded!, 'base64').toString())
}

/** The selected cells of a row, as text. */
async function selectedIn(screen: AppScreen, row: number): Promise<string> {
  const cells = (await screen.cells())[row]!
  const plain = cells[3]!.look
  return cells
    .filter(({ look }) => look !== plain && look.includes('#'))
    .map(({ text }) => text)
    .join('')
}

describe('tui/composer', () => {
  let open: AppScreen | undefined

  function show(options: Partial<Parameters<typeof openAppScreen>[0]> = {}): AppScreen {
    open = openAppScreen({ cols: 80, rows: 24, facts: opened, ...options })
    return open
  }

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  describe('selects', () => {
    it('with shift and the arrows, and typing takes the place of it', () => {
      const screen = show()
      screen.type('one two three')
      screen.press('ctrl+shift+left', 'ctrl+shift+left')
      screen.type('2')
      expect(sent(screen)).to.deep.equal({ text: 'one 2' })
    })

    it('by a drag of the mouse, words by a double click, lines by a triple one', async () => {
      const screen = show()
      screen.type('one two three')
      await screen.rows()
      screen.drag(7, 21, 10, 21)
      screen.press('alt+w')
      screen.clock.now += 1_000
      screen.click(8, 21)
      screen.click(8, 21)
      screen.press('alt+w')
      screen.click(8, 21)
      screen.press('shift+delete')
      await new Promise((resolve) => setImmediate(resolve))
      expect(copied(screen)).to.deep.equal(['two', 'two', 'one two three'])
    })

    it('words as a whole where a double click is dragged on', async () => {
      const screen = show()
      screen.type('one two three')
      await screen.rows()
      screen.click(8, 21)
      screen.send(mouseBytes(0, 8, 21) + mouseBytes(32, 12, 21) + mouseBytes(0, 12, 21, true))
      screen.type('x')
      expect(sent(screen)).to.deep.equal({ text: 'one x' })
    })

    it('all of it, and cuts it to the clipboard and back', async () => {
      const screen = show()
      screen.type('one\\')
      screen.press('enter')
      screen.type('two')
      screen.press('alt+a', 'shift+delete')
      expect((await screen.rows())[21]).to.include('What is to be done?')
      expect(copied(screen)).to.deep.equal(['one\ntwo'])
      screen.press('ctrl+y')
      expect(sent(screen)).to.deep.equal({ text: 'one\ntwo' })
    })

    it('so that it can be seen', async () => {
      const screen = show()
      screen.type('one two')
      screen.press('shift+left', 'shift+left')
      expect(await selectedIn(screen, 21)).to.equal('wo')
    })
  })

  describe('moves', () => {
    it('home and end go to the ends of the row that is seen, then of the line', async () => {
      const screen = show({ cols: 40, rows: 20 })
      screen.type('some words that do not fit in one row of it')
      await screen.rows()
      screen.press('home')
      expect(await screen.cursor()).to.deep.equal({ x: 3, y: 18 })
      screen.press('home')
      expect(await screen.cursor()).to.deep.equal({ x: 3, y: 17 })
      screen.press('end')
      expect((await screen.cursor())!.y).to.equal(17)
      screen.press('end')
      expect((await screen.cursor())!.y).to.equal(18)
    })

    it('what is out of sight comes into it by the wheel, and the cursor stays where it was', async () => {
      const screen = show()
      screen.paste(Array.from({ length: 15 }, (_, i) => `line ${i + 1}`).join('\n'))
      expect((await screen.rows()).slice(15, 23).at(-1)).to.equal('   line 15')
      screen.wheel('up', 10, 18)
      expect((await screen.rows()).slice(15, 23).at(-1)).to.equal('   line 12')
      expect(await screen.cursor()).to.equal(null)
      screen.type('!')
      expect((await screen.rows()).slice(15, 23).at(-1)).to.equal('   line 15!')
    })
  })

  describe('the prompts of earlier sessions', () => {
    const prompts = ['fix the parser', 'add a test\nfor leap years', 'run the linter']

    it('come back by up, and what is sent is kept', () => {
      const screen = show({ prompts })
      screen.press('up', 'up')
      expect(sent(screen)).to.deep.equal({ text: 'add a test\nfor leap years' })
      expect(screen.kept).to.deep.equal(['add a test\nfor leap years'])
      screen.press('up')
      expect(sent(screen)).to.deep.equal({ text: 'add a test\nfor leap years' })
    })

    it('are found by what is in them', async () => {
      const screen = show({ prompts })
      screen.press('ctrl+r')
      expect(
        (await screen.rows())
          .filter((row) => /linter|leap|parser/.test(row))
          .map((row) => row.replaceAll('│', '').trim()),
      ).to.deep.equal(['› run the linter', 'add a test ⏎ for leap years', 'fix the parser'])
      screen.type('pars')
      screen.press('enter')
      expect(sent(screen)).to.deep.equal({ text: 'fix the parser' })
    })

    it('never hold what was asked for instead of a prompt', () => {
      const screen = show({ facts: [] })
      screen.tell(['setup.offered', { choices: [{ key: 'o', label: 'OpenAI', detail: 'a key', secret: true }] }])
      screen.type('o')
      screen.type('sk-secret')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['setup.choose', { key: 'o', secret: 'sk-secret' }]])
      expect(screen.kept).to.deep.equal([])
      screen.press('up')
      screen.press('ctrl+y')
      expect(screen.app.state.setup).to.have.length(1)
      screen.tell(['model.chosen', { model: 'openai/x' }])
      screen.type('hello')
      expect(sent(screen)).to.deep.equal({ text: 'hello' })
    })
  })

  describe('a paste', () => {
    it('that is long is a label, which a key or a double click opens', async () => {
      const screen = show()
      const text = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`).join('\n')
      screen.paste(text)
      screen.type(' why?')
      expect((await screen.rows())[21]).to.equal(' › [pasted 30 lines] why?')
      screen.click(6, 21)
      screen.click(6, 21)
      expect((await screen.rows())[22]).to.equal('   line 30 why?')
      screen.press('ctrl+_')
      screen.press('home', 'alt+v')
      expect((await screen.rows())[22]).to.equal('   line 30 why?')
      expect(sent(screen)).to.deep.equal({ text: `${text} why?` })
    })

    it('of ten megabytes does no harm', async () => {
      const screen = show()
      const text = 'x\n'.repeat(5_000_000)
      screen.paste(text)
      screen.type('y')
      const began = performance.now()
      screen.press('left', 'right', 'alt+v')
      await screen.rows()
      expect(performance.now() - began).to.be.below(200)
      expect((await screen.rows())[21]).to.equal(' › [pasted 5000000 lines]y')
      screen.press('enter')
      expect((screen.intents[0]![1] as { text: string }).text === `${text}y`).to.equal(true)
    })
  })

  it("is written in the person's own editor, and comes back as it was left there", async () => {
    let given = ''
    const screen = show({
      open: (text, program, name) => {
        given = `${program} ${name}: ${text}`
        return Promise.resolve('written\nthere\n')
      },
    })
    screen.type('begun')
    screen.press('ctrl+x', 'ctrl+e')
    await new Promise((resolve) => setImmediate(resolve))
    expect(given).to.equal('editor prompt.md: begun')
    expect(sent(screen)).to.deep.equal({ text: 'written\nthere' })
  })

  it('shows what waits for the end of a turn, which is taken back by up and removed by a click', async () => {
    const screen = show({ facts: working })
    screen.tell(['prompt.queued', { text: 'one' }], ['prompt.queued', { text: 'npm test' }])
    const rows = (await screen.rows()).map((row) => row.trimEnd())
    const at = rows.findIndex((row) => row.startsWith(' ⋯ one'))
    expect(rows[at + 1]).to.match(/^ ⋯ npm test .*↑ takes it back +×$/)
    expect(rows[at + 2]).to.match(/^ › Write the next prompt/)
    expect(await screen.cursor()).to.deep.equal({ x: 3, y: at + 2 })
    screen.press('up')
    expect(screen.intents).to.deep.equal([['prompt.recall', { text: 'npm test' }]])
    screen.tell(['prompt.recalled', { text: 'npm test', kind: 'command' }])
    expect((await screen.rows()).some((row) => row.startsWith(' › !npm test'))).to.equal(true)
    const one = (await screen.rows()).findIndex((row) => row.startsWith(' ⋯ one'))
    screen.click(78, one)
    screen.tell(['prompt.recalled', { text: 'one', kind: 'prompt' }])
    expect(screen.intents.at(-1)).to.deep.equal(['prompt.recall', { text: 'one' }])
    expect((await screen.rows()).some((row) => row.includes('⋯'))).to.equal(false)
    expect((await screen.rows()).some((row) => row.startsWith(' › !npm test'))).to.equal(true)
  })
})
