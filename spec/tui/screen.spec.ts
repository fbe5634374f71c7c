import { expect } from 'chai'
import type { Canvas } from '../../lib/tui/canvas.ts'
import { frameText } from '../support/frames.ts'
import { openFakeScreen, shippedTheme, type FakeScreen } from '../support/fake-screen.ts'

describe('The screen', () => {
  let fake: FakeScreen | undefined
  const open = (cols: number, rows: number) => (fake = openFakeScreen({ cols, rows }))
  afterEach(() => fake?.dispose())

  it('draws panes where they lie, later ones over earlier ones', async () => {
    const { screen, rows } = open(20, 6)
    screen.pane({ left: 0, top: 0 }, (canvas) => canvas.fill(0, 0, canvas.width, canvas.height, 'line', '.'))
    screen.pane({ left: 2, top: 1, width: '50%', height: 3 }, (canvas) => {
      canvas.text(1, 0, `${canvas.width}x${canvas.height}`, 'strong')
    })
    screen.pane(
      () => ({ left: 4, top: 2, width: 5, height: 1 }),
      (canvas) => void canvas.text(0, 0, 'over and out', 'accent'),
    )
    expect(await rows()).to.deep.equal([
      '....................',
      '.. 10x3     ........',
      '..  over    ........',
      '..          ........',
      '....................',
      '....................',
    ])
  })

  it('cuts what falls outside, and gives the column after a text', async () => {
    const { screen, rows } = open(20, 5)
    const ends: number[] = []
    screen.pane({ left: 0, top: 0 }, (canvas) => canvas.fill(0, 0, 20, 5, 'line', '.'))
    screen.pane({ left: 2, top: 1, width: 8, height: 3 }, (canvas) => {
      ends.push(
        canvas.text(-2, 0, 'abcdef', 'normal'),
        canvas.text(5, 1, '漢字漢字', 'normal'),
        canvas.text(0, 2, 'shortened', 'normal', 6),
        canvas.text(0, 3, 'below', 'normal'),
        canvas.text(0, -1, 'above', 'normal'),
        canvas.text(9, 0, 'right', 'normal'),
      )
      canvas.fill(7, 2, 5, 5, 'normal', '#')
      canvas.fill(6, 2, 1, 1, 'normal', '漢')
    })
    expect(await rows()).to.deep.equal([
      '....................',
      '..cdef    ..........',
      '..     漢 ..........',
      '..short… #..........',
      '....................',
    ])
    expect(ends).to.deep.equal([4, 7, 6, 5, 5, 9])
  })

  it('draws no text for a cell twice: the second half of a wide character that was overdrawn is blank', async () => {
    const { screen, rows } = open(20, 5)
    screen.pane({ left: 0, top: 0 }, (canvas) => {
      canvas.text(0, 0, '漢字漢字', 'normal')
      canvas.text(1, 0, 'x', 'normal')
      canvas.text(4, 0, 'y', 'normal')
    })
    expect((await rows())[0]).to.equal(' x字y 字')
  })

  it('paints only what was asked for, and what lies over it', () => {
    const { screen } = open(20, 6)
    const painted: string[] = []
    const paint = (name: string) => () => void painted.push(name)
    const below = screen.pane({ left: 0, top: 0, width: 10, height: 3 }, paint('below'))
    const beside = screen.pane({ left: 10, top: 0, width: 10, height: 3 }, paint('beside'))
    screen.pane({ left: 5, top: 1, width: 3, height: 1 }, paint('over'))
    screen.draw()
    const asked = (...panes: { request(): void }[]) => {
      painted.length = 0
      for (const pane of panes) pane.request()
      screen.draw()
      return painted.slice()
    }
    expect([asked(), asked(beside), asked(below), asked(screen)]).to.deep.equal([
      [],
      ['beside'],
      ['below', 'over'],
      ['below', 'beside', 'over'],
    ])
  })

  it('shows what was under a pane that moves, hides or is disposed', async () => {
    const { screen, rows } = open(20, 5)
    screen.pane({ left: 0, top: 0 }, (canvas) => canvas.fill(0, 0, 20, 1, 'line', '-'))
    let left: number | null = 3
    const over = screen.pane(
      () => (left === null ? null : { left, top: 0, width: 4, height: 2 }),
      (canvas) => canvas.fill(0, 0, 4, 2, 'normal', '#'),
    )
    const seen = async () => {
      screen.request()
      return (await rows()).slice(0, 2)
    }
    expect(await seen()).to.deep.equal(['---####-------------', '   ####'])
    left = 6
    expect(await seen()).to.deep.equal(['------####----------', '      ####'])
    expect(over.rectangle).to.deep.equal({ left: 6, top: 0, width: 4, height: 2 })
    left = null
    expect(await seen()).to.deep.equal(['--------------------', ''])
    left = 1
    await seen()
    void over.dispose()
    expect(await seen()).to.deep.equal(['--------------------', ''])
  })

  it('puts the cursor where the uppermost pane wants it, and hides it where none does', async () => {
    const { screen, cursor } = open(20, 5)
    let [first, second]: (number | null)[] = [2, null]
    screen.pane({ left: 1, top: 1, width: 8, height: 1 }, (canvas) => first !== null && canvas.cursor(first, 0))
    screen.pane({ left: 10, top: 2, width: 8, height: 1 }, (canvas) => second !== null && canvas.cursor(second, 0))
    const seen = () => {
      screen.request()
      return cursor()
    }
    expect(await seen()).to.deep.equal({ x: 3, y: 1 })
    second = 0
    expect(await seen()).to.deep.equal({ x: 10, y: 2 })
    second = 8
    expect(await seen()).to.deep.equal({ x: 3, y: 1 })
    first = null
    expect(await seen()).to.equal(null)
  })

  it('follows the size of the terminal without clearing it', async () => {
    const { screen, rows, resize, written } = open(30, 8)
    const sizes: string[] = []
    screen.onResize(() => sizes.push(`${screen.cols}x${screen.rows}`))
    screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, `${canvas.width}x${canvas.height}`, 'normal'))
    expect((await rows())[0]).to.equal('30x8')
    resize(40, 10)
    resize(25, 6)
    expect(await rows()).to.deep.equal(['25x6', '', '', '', '', ''])
    expect(sizes).to.deep.equal(['25x6'])
    resize(19, 5)
    expect((await rows()).join(' ').trim()).to.equal(
      'The terminal has 19x5 cells, and 40x10 are needed: make it larger.',
    )
    expect(written.join('')).not.to.match(/\x1b\[[0-3]?J/)
  })

  it('shows hostile text as signs, and never as orders', async () => {
    const { screen, rows, written } = open(40, 5)
    const hostile = '\x1b]0;pwned\x07\x1b[2J\x1b[31mred\x1b[m {bold}\u202e\x9b5m\x00\ud800'
    screen.pane({ left: 0, top: 0 }, (canvas) => {
      canvas.text(0, 0, hostile, 'normal')
      canvas.text(0, 1, `${'x'.repeat(100_000)}\x1b[2J`, 'normal')
      canvas.text(0, 2, hostile, 'normal', 10)
    })
    screen.setTitle(`a\x07\x1b]52;c;x\x07b`)
    expect(await rows()).to.deep.equal(['red {bold}◌^@�', 'x'.repeat(40), 'red {bold…', '', ''])
    expect(written.join('')).not.to.match(/pwned|\x1b\]52|\[2J|\[31m/)
  })

  it('takes another theme without a word of the text written twice over', async () => {
    const { screen, cells } = open(20, 5)
    screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, 'ok', 'ok'))
    const before = await cells()
    screen.setTheme({ ...shippedTheme(), ok: { fg: 5, bg: null, bold: true, underline: true, inverse: false } })
    const after = await cells()
    expect(before[0]![0]!.text + after[0]![1]!.text).to.equal('ok')
    expect(after[0]![0]!.look).to.equal('bold underline fg5')
  })

  it('makes one frame of many requests, and none of none', async () => {
    const { screen, written } = open(20, 5)
    let painted = 0
    const pane = screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, String(++painted), 'normal'))
    screen.draw()
    const before = written.length
    for (let time = 0; time < 50; time++) pane.request()
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect([painted, written.length - before]).to.deep.equal([2, 1])
    screen.draw()
    expect(painted).to.equal(2)
  })

  it('draws what a key changes at once, however short ago the last frame was', async () => {
    const { screen, type, rows } = open(20, 5)
    let text = ''
    const pane = screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, text, 'normal'))
    let frames = 0
    screen.onKey((event) => {
      text += event.text
      pane.request()
    })
    screen.draw()
    type('a')
    await new Promise((resolve) => setImmediate(resolve))
    frames++
    expect([text, frames, (await rows())[0]]).to.deep.equal(['a', 1, 'a'])
  })

  it('tells keys, mouse, pastes and focus to those who listen, as long as they do', async () => {
    const { screen, press, click, paste, wheel, send } = open(20, 5)
    const heard: unknown[] = []
    const listening = [
      screen.onKey(({ key }) => heard.push(key)),
      screen.onMouse(({ action, col, row }) => heard.push([action, col, row])),
      screen.onPaste(({ text }) => heard.push(text)),
      screen.onFocus(({ focused }) => heard.push(focused)),
    ]
    const act = () => {
      press('ctrl+p', 'alt+enter', 'x')
      click(3, 2)
      wheel('up', 1, 1)
      paste('pasted')
      send('\x1b[O\x1b[?2026;2$y')
    }
    act()
    const expected = ['ctrl+p', 'alt+enter', 'x', ['down', 3, 2], ['up', 3, 2], ['wheel', 1, 1], 'pasted', false]
    expect(heard).to.deep.equal(expected)
    for (const listener of listening) void listener.dispose()
    act()
    expect(heard).to.deep.equal(expected)
  })

  it('takes a lone Escape for the key after a while', async () => {
    const { screen, send } = open(20, 5)
    const key = new Promise((resolve) => screen.onKey((event) => resolve(event.key)))
    send('\x1b')
    expect(await key).to.equal('escape')
  })

  it('hears of a light or a dark background, however the terminal writes it, and of nothing else', () => {
    fake = open(20, 5)
    expect(fake.written.join('')).to.include('\x1b]11;?\x1b\\')
    const heard: boolean[] = []
    const listening = fake.screen.onBackground((isLight) => heard.push(isLight))
    fake.send('\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:00/2b/36\x07\x1b]11;rgba:f/f/e/f\x07')
    fake.send('\x1b]11;white\x07\x1b]10;rgb:ff/ff/ff\x07\x1b]11;rgb:/\x07')
    expect(heard).to.deep.equal([true, false, true])
    void listening.dispose()
  })

  it('lends the terminal once that has answered, or has had its time for it', async () => {
    const { screen, send } = open(20, 5)
    const used: string[] = []
    const lending = screen.lend(async () => void used.push('first'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(used).to.deep.equal([])
    send('\x1b[?2026;2$y')
    await lending
    // It was asked again, and says nothing this time.
    const asked = performance.now()
    await screen.lend(async () => void used.push('second'))
    expect(performance.now() - asked).to.be.within(100, 1000)
    expect(used).to.deep.equal(['first', 'second'])
    const late = screen.lend(async () => void used.push('third'))
    fake!.dispose()
    await late.catch((error: unknown) => used.push((error as Error).message))
    expect(used.at(-1)).to.equal('The screen was closed meanwhile.')
  })

  it('marks frames as whole where the terminal answered that it can', () => {
    const { screen, send, written } = open(20, 5)
    const pane = screen.pane({ left: 0, top: 0 }, paintNumbers)
    screen.draw()
    send('\x1b[?2026;2$y')
    pane.request()
    screen.draw()
    expect(written.at(-1)).to.match(/^\x1b\[\?2026h.*\x1b\[\?2026l$/)
  })

  it('draws fewer frames to a slow terminal, and the latest in the end', async () => {
    const { screen, stdout, written } = open(20, 5)
    let text = 'first'
    screen.pane({ left: 0, top: 0 }, (canvas) => void canvas.text(0, 0, text, 'normal'))
    screen.draw()
    stdout.writableNeedDrain = true
    const before = written.length
    for (text of ['second', 'third', 'last']) {
      screen.request()
      screen.draw()
    }
    expect(written.length).to.equal(before)
    stdout.writableNeedDrain = false
    stdout.emit('drain')
    expect(written.slice(before).join('')).to.contain('last')
    expect(written.length).to.equal(before + 1)
  })

  it('lives on when a write fails, and ends as hung up when the terminal is gone', () => {
    const { screen, stdout, written } = open(20, 5)
    screen.pane({ left: 0, top: 0 }, paintNumbers)
    screen.draw()
    stdout.emit('error', Object.assign(new Error('again'), { code: 'EAGAIN' }))
    screen.draw()
    const whole = written.at(-1)!
    expect(whole).to.contain('0123')
    stdout.emit('error', Object.assign(new Error('gone'), { code: 'EIO' }))
    const after = written.length
    screen.request()
    screen.draw()
    expect(written.length).to.equal(after)
  })

  it('is written down as a golden frame', async () => {
    const { screen, cells } = open(20, 5)
    screen.pane({ left: 0, top: 0 }, (canvas) => {
      canvas.text(1, 0, '漢 ok', 'ok')
      canvas.text(1, 2, 'plain', 'normal')
    })
    const look = (await cells())[0]![1]!.look
    expect(frameText(await cells())).to.equal(
      [
        ' 漢 ok',
        '',
        ' plain',
        '',
        '',
        '--- looks',
        '.aa.aa',
        '',
        '',
        '',
        '',
        '--- legend',
        '. plain',
        `a ${look}`,
        '',
      ].join('\n'),
    )
  })
})

let number = 0

/** Paints something else on two rows each time. */
function paintNumbers(canvas: Canvas): void {
  number++
  canvas.text(0, 0, `0123 ${number}`, 'normal')
  canvas.text(9, 3, String(number), 'normal')
}
