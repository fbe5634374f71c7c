import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { finished, opened, working } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'
import { settled } from '../support/settled.ts'

describe('the vi set of keys on the screen', () => {
  let screen: AppScreen
  afterEach(() => screen.close())

  /** A screen on which vi's modes have been loaded. */
  async function open(options: Partial<Parameters<typeof openAppScreen>[0]> = {}): Promise<void> {
    screen = openAppScreen({ cols: 80, rows: 24, facts: opened, keys: 'vi', ...options })
    await screen.rows()
    await import('../../lib/tui/editing/vi/vi.ts')
    await settled(screen)
  }
  const cancelled = () => screen.intents.filter(([name]) => name === 'turn.cancel').length
  const shows = async (word: string) => (await screen.rows()).some((row) => row.includes(`─ ${word} ─`))

  it('types, leaves insert mode, deletes a line, takes it back and sends', async () => {
    await open()
    screen.type('one')
    expect(await shows('insert')).to.equal(true)
    screen.press('escape')
    expect(await shows('normal')).to.equal(true)
    screen.type('yypAx')
    screen.press('escape')
    screen.type('dd')
    expect((await screen.rows()).join('\n'))
      .to.include('› one')
      .and.not.include('onex')
    screen.type('u')
    screen.press('enter')
    expect(screen.intents.at(-1)).to.deep.equal(['prompt.submit', { text: 'one\nonex' }])
    screen.type('x')
    expect(await shows('insert')).to.equal(true)
  })

  it('leaves insert mode by Escape before a turn is cancelled; Ctrl+C cancels in both modes', async () => {
    await open({ facts: working })
    expect((await screen.rows()).at(-1)).to.contain('ctrl+c cancel')
    screen.type('ab')
    screen.press('escape')
    expect(cancelled()).to.equal(0)
    screen.type('d')
    screen.press('escape')
    expect(cancelled()).to.equal(0)
    screen.press('escape')
    expect(cancelled()).to.equal(1)
    screen.press('ctrl+c')
    expect(cancelled()).to.equal(2)
    screen.clock.now += 5_000
    screen.type('i')
    screen.press('ctrl+c')
    expect(cancelled()).to.equal(3)
  })

  it('goes to earlier prompts by k, and puts a paste in without taking it for commands', async () => {
    await open({ prompts: ['before'] })
    screen.press('escape')
    screen.type('k')
    screen.paste('dd')
    screen.press('enter')
    expect(screen.intents.at(-1)).to.deep.equal(['prompt.submit', { text: 'beforedd' }])
  })

  it('moves in the conversation by half pages, pages and rows, and i goes back to the prompt', async () => {
    const text = Array.from({ length: 90 }, (_, i) => `${i + 1}`).join('\n\n')
    const said = {
      message: { role: 'assistant' as const, parts: [{ type: 'text' as const, text }], model: 'a/b' },
      turn: 1,
      at: 0,
    }
    await open({ facts: [...opened, ['message.added', said as never]] })
    const first = async () => Number((await screen.rows()).find((row) => /^ {2,3}\d+\s*$/.test(row)))
    screen.press('ctrl+x')
    screen.type('cgg')
    const places: number[] = [await first()]
    for (const key of ['ctrl+d', 'ctrl+d', 'ctrl+u', 'ctrl+f', 'ctrl+b', 'ctrl+e', 'ctrl+e', 'ctrl+y', 'ctrl+y']) {
      screen.press(key)
      places.push(await first())
    }
    // A page is 16 rows, and a number stands in every second.
    expect(places).to.deep.equal([1, 4, 8, 4, 12, 4, 5, 5, 5, 4])
    screen.type('ix')
    expect((await screen.rows()).join('\n')).to.include('› x')
  })

  it('goes from hunk to hunk and from file to file of the changes, and through their panes', async () => {
    await open({ cols: 120, rows: 40, facts: finished })
    screen.press('ctrl+g')
    await settled(screen)
    const marked = async () => (await screen.rows()).findIndex((row) => row.lastIndexOf('▌') > 40)
    const at: number[] = [await marked()]
    for (const keys of [']c', '[c', ']]', '[[']) {
      screen.type(keys)
      at.push(await marked())
    }
    expect(at[1]).to.be.greaterThan(at[0]!)
    expect(at[2]).to.equal(at[0])
    expect(at[3]).to.be.greaterThan(at[0]!)
    expect(at[4]).to.equal(at[0])
    screen.press('ctrl+w')
    screen.type('c')
    expect((await screen.rows()).join('\n')).not.to.include('DIFF')
    screen.type('y')
    expect((await screen.rows()).join('\n')).to.include('› y')
  })

  it('shapes the cursor by its mode, where the terminal has said that it can, and gives it back', async () => {
    await open()
    const shapes = () => screen.written.join('').match(/\x1b\[\d q/g) ?? []
    screen.press('escape', 'i')
    await screen.rows()
    expect(screen.written.join('').split('\x1bP$q q\x1b\\').length).to.equal(2)
    expect(shapes()).to.deep.equal([])
    screen.send('\x1bP1$r3 q\x1b\\')
    await screen.rows()
    screen.press('escape')
    await screen.rows()
    screen.press('ctrl+p')
    await screen.rows()
    screen.press('ctrl+c')
    await screen.rows()
    screen.screen.dispose()
    // Its own blinks, an underline: so do ours; a list over the panes has its own.
    expect(shapes()).to.deep.equal(['\x1b[5 q', '\x1b[1 q', '\x1b[3 q', '\x1b[1 q', '\x1b[3 q'])
  })

  it('shows its own keys among all keys', async () => {
    await open({ rows: 60 })
    screen.press('escape')
    screen.type('?')
    screen.type('space between words')
    expect((await screen.rows()).join('\n')).to.include('A word, or the space between words')
  })

  for (const [cols, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const)
    it(`is drawn in normal mode at ${cols}x${rows}`, async () => {
      await open({ cols, rows })
      screen.type('Parsing "2024-02-30" should fail.')
      screen.press('escape')
      screen.type('2d')
      expectFrame(`vi-normal-${cols}x${rows}`, await screen.cells())
    })
})

describe('the sets of keys', () => {
  it('are chosen by name, and hold at once, vi’s modes too', async () => {
    const screen = openAppScreen({ cols: 80, rows: 24, facts: opened })
    await screen.rows()
    screen.type('/keys vi')
    screen.press('enter')
    await settled(screen)
    expect((await screen.rows()).join('\n')).to.include('─ insert ─')
    screen.type('ab')
    screen.press('escape')
    screen.type('x')
    screen.press('ctrl+x')
    screen.type('k')
    screen.type('usual')
    screen.press('enter')
    expect((await screen.rows()).join('\n')).not.to.include('─ normal ─')
    screen.type('x')
    screen.press('enter')
    expect(screen.intents.at(-1)).to.deep.equal(['prompt.submit', { text: 'xa' }])
    await screen.close()
  })

  it('have a mark in that of emacs, whose region is cut, copied and dropped', async () => {
    const screen = openAppScreen({ cols: 80, rows: 24, facts: working, keys: 'emacs' })
    screen.type('one two three')
    screen.send('\x1bb\0')
    screen.press('alt+b')
    screen.press('ctrl+w')
    screen.press('ctrl+e')
    screen.send('\0')
    screen.press('ctrl+a', 'ctrl+g')
    expect(screen.intents.filter(([name]) => name === 'turn.cancel')).to.deep.equal([])
    screen.press('ctrl+g')
    expect(screen.intents.filter(([name]) => name === 'turn.cancel')).to.have.length(1)
    screen.press('ctrl+y', 'enter')
    expect(screen.intents.at(-1)).to.deep.equal(['prompt.submit', { text: 'two one three' }])
    await screen.close()
  })
})
