import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { opened, working } from '../support/facts.ts'
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
