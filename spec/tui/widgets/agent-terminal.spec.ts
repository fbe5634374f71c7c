import { expect } from 'chai'
import type { Events } from '../../../lib/core/events.ts'
import { openAppScreen, type AppScreen } from '../../support/app-screen.ts'
import { opened, type Fact } from '../../support/facts.ts'
import { expectFrame } from '../../support/frames.ts'

const output = (text: string): Fact => ['terminal.output', { text }]
const keyboard = (holder: 'agent' | 'person', rest: Partial<Events['keyboard.changed']> = {}): Fact => [
  'keyboard.changed',
  { holder, busy: false, ...rest },
]

const session = [
  '\x1b[36m❯\x1b[m \x1b[1mnpm test\x1b[m\r\n',
  'plain \x1b[31mred\x1b[m \x1b[1;38;5;214mbold 214\x1b[m \x1b[38;2;1;2;3;48;2;250;240;230mtruecolor\x1b[m \x1b[2;3mdim italic\x1b[m\r\n',
  '漢字 😀 \x1b[4munder\x1b[m \x1b[7minverse\x1b[m \x1b[44m  \x1b[m\r\n',
  `${'0123456789'.repeat(12)}\r\n`,
  '\x1b[31m✗ exit 1\x1b[m\r\n',
].join('')

describe("tui/widgets: the agent's terminal", function () {
  this.timeout(10_000)
  let screen: AppScreen
  let typed = ''
  let asked: unknown[] = []

  function show(facts: Fact[] = [output(session)], cols = 80, rows = 24): void {
    screen = openAppScreen({ cols, rows, facts: [...opened, ...facts] })
    typed = ''
    asked = []
    screen.bus.on('terminal.input', ({ bytes }) => void (typed += bytes))
    for (const name of ['terminal.resize', 'keyboard.choose'] as const)
      screen.bus.on(name, (payload) => void asked.push(payload))
    screen.press('ctrl+x', 't')
  }
  afterEach(() => screen.close())

  /** The rows, once they hold the text: the terminal takes it in in its own time. */
  async function rowsWith(text: string): Promise<string[]> {
    const until = Date.now() + 3000
    for (;;) {
      const rows = await screen.rows()
      if (rows.some((row) => row.includes(text))) return rows
      if (Date.now() > until) throw new Error(`${text} is not on the screen:\n${rows.join('\n')}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  for (const [cols, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const)
    // prettier-ignore
    it(`has its frame at ${cols}x${rows}`, async () => {
      show(undefined, cols, rows)
      await rowsWith('✗ exit 1')
      expectFrame(`terminal-${cols}x${rows}`, await screen.cells())
    })

  it('says what it is for before anything ran, and is harmless on the smallest screen', async () => {
    show([], 40, 10)
    expect((await screen.rows()).join('\n')).to.contain('gives you its')
    screen.tell(['sandbox.status', { state: 'starting', text: 'starting the container' }])
    expect((await screen.rows()).join('\n')).to.contain('once the')
    screen.tell(output(session))
    await rowsWith('✗ exit 1')
  })

  it("gives the agent's commands 80 columns at least, and a person the pane as it is", async () => {
    show(undefined, 120, 40)
    await rowsWith('exit 1')
    screen.tell(keyboard('person'))
    await screen.rows()
    expect(asked).to.deep.equal([
      { cols: 80, rows: 35 },
      { cols: 46, rows: 35 },
    ])
  })

  it('is taken and given back with one key, from anywhere; meanwhile every other key is its own', async () => {
    show()
    screen.press('escape')
    screen.press('alt+k')
    screen.tell(keyboard('person'))
    await rowsWith('keyboard: you')
    screen.press('y', 'escape', 'ctrl+c', 'ctrl+x', 'tab', 'up', 'alt+b', 'ctrl+right', 'enter', 'backspace', 'pageup')
    screen.paste('two\nlines')
    expect(typed).to.equal('y\x1b\x03\x18\t\x1b[A\x1bb\x1b[1;5C\r\x7f\x1b[5~two\rlines')
    screen.tell(output('\x1b[?1h\x1b[?2004h'))
    await rowsWith('exit 1')
    typed = ''
    await screen.rows()
    screen.press('up')
    screen.paste('a\nb')
    expect(typed).to.equal('\x1bOA\x1b[200~a\rb\x1b[201~')
    screen.press('alt+k')
    expect(asked.filter((one) => 'holder' in (one as object))).to.deep.equal([
      { holder: 'person' },
      { holder: 'agent' },
    ])
    screen.tell(keyboard('agent'))
    screen.type('hello')
    expect((await screen.rows()).some((row) => row.includes('› hello'))).to.equal(true)
  })

  it('keeps the keys of who types there from a question that comes up', async () => {
    show([output('x\r\n'), keyboard('person')])
    const choices = [{ key: 'y', answer: 'once' as const, label: 'once' }]
    screen.tell(['approval.asked', { id: 'q', kind: 'run', title: 'Run it?', body: ['x'], choices }])
    screen.clock.now += 5000
    await rowsWith('Run it?')
    screen.press('y')
    expect([typed, screen.intents]).to.deep.equal(['y', []])
  })

  it('says who waits for whom', async () => {
    show([output('x\r\n'), keyboard('person', { waiting: 'npm test' })])
    await rowsWith('keyboard: you  ? the agent waits')
    screen.tell(keyboard('agent', { busy: true, waiting: 'npm test' }))
    await rowsWith('keyboard: agent  ? waits for your command')
  })

  it('scrolls back by wheel and key, and stays there while more comes', async () => {
    show([output(Array.from({ length: 100 }, (_, i) => `row ${i}.\r\n`).join(''))])
    await rowsWith('row 99.')
    screen.wheel('up', 40, 10)
    screen.wheel('up', 40, 10)
    const rows = await rowsWith('row 94.')
    expect(rows.some((row) => row.includes('row 95.'))).to.equal(false)
    screen.tell(output('more\r\nand more\r\n'))
    await new Promise((resolve) => setImmediate(resolve))
    await rowsWith('row 94.')
    expect(await rowsWith('↓ more below')).not.to.contain('row 95.')
    screen.press('end')
    await rowsWith('and more')
    screen.press('home')
    await rowsWith('row 0.')
  })

  it('copies what the mouse marks, a folded line as one', async () => {
    show([output(`${'abcdefghij'.repeat(9)}\r\nnext\r\n`)], 60, 24)
    const rows = await rowsWith('next')
    const y = rows.findIndex((row) => row.includes('abcdef'))
    screen.drag(1, y, 4, y + 3)
    await screen.rows()
    await new Promise((resolve) => setImmediate(resolve))
    const sent = /\x1b\]52;c;([^\x07]*)\x07/.exec(screen.written.join(''))![1]!
    expect(Buffer.from(sent, 'base64').toString()).to.equal(`${'abcdefghij'.repeat(9)}\nnext`)
  })

  it('copies a word by two clicks, wide characters and all, and by three the line that the width has folded', async () => {
    show([output(`${'abcdefghij'.repeat(9)}\r\nsee src/漢漢字.ts: gone\r\n`)], 60, 24)
    const rows = await rowsWith('gone')
    const word = rows.findIndex((row) => row.includes('gone'))
    const line = rows.findIndex((row) => row.includes('abcdef'))
    for (const [x, y, times] of [
      [10, word, 2],
      [3, line, 3],
    ] as const)
      for (let i = 0; i < times; i += 1) screen.click(x, y)
    await screen.rows()
    await new Promise((resolve) => setImmediate(resolve))
    const sent = [...screen.written.join('').matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)]
    const texts = sent.map(([, text]) => Buffer.from(text!, 'base64').toString())
    expect([...new Set(texts)]).to.include.members(['src/漢漢字.ts', 'abcdefghij'.repeat(9)])
  })

  it('passes the mouse on to a program that asks for it, while the person has the keyboard', async () => {
    show([output('\x1b[?1002h\x1b[?1006hasks\r\n'), keyboard('person')])
    const rows = await rowsWith('asks')
    const y = rows.findIndex((row) => row.includes('asks'))
    screen.click(2, y)
    screen.drag(2, y, 5, y + 1)
    screen.wheel('up', 3, y)
    expect(typed).to.equal('\x1b[<0;3;1M\x1b[<0;3;1m\x1b[<0;3;1M\x1b[<32;6;2M\x1b[<0;6;2m\x1b[<64;4;1M')
    screen.tell(keyboard('agent'))
    await screen.rows()
    typed = ''
    screen.click(2, y)
    expect(typed).to.equal('')
  })

  it("answers a program's questions while the person has the keyboard, and never those of what is shown again", async () => {
    show([output('\x1b[6n\x1b[cold\r\n'), keyboard('person')])
    await rowsWith('old')
    expect(typed).to.equal('')
    screen.tell(output('\x1b[6nnew\r\n'))
    await rowsWith('new')
    expect(typed).to.equal('\x1b[2;1R')
    screen.tell(keyboard('agent'), output('\x1b[6nagain\r\n'))
    await rowsWith('again')
    expect(typed).to.equal('\x1b[2;1R')
  })

  it('lets nothing of what it shows reach the terminal but as cells', async () => {
    show()
    await rowsWith('exit 1')
    screen.written.length = 0
    screen.tell(
      output(
        '\x1b]52;c;aGk=\x07\x1b]0;title\x07\x1b[?1049h\x1bP+q544e\x1b\\\x1b[?2004h\x1b[>4;2m\x9b5n\x1b]8;;http://x\x07link\x1b]8;;\x07\x07\u202e',
      ),
    )
    await rowsWith('link')
    expect(screen.written.join('')).not.to.match(/\x1b[\]P]|\x1b\[\?(1049|2004)|\x1b\[>|\x07|\x9b|\u202e/)
  })

  it('begins anew where something was left out, and after many colours', async () => {
    show()
    await rowsWith('exit 1')
    screen.tell(['terminal.output', { text: 'half of a line\r\nafter the gap\r\n', skipped: true }])
    const rows = await rowsWith('after the gap')
    expect(rows.some((row) => row.includes('exit 1') || row.includes('half of'))).to.equal(false)
    for (let round = 0; round < 15; round += 1) {
      const cell = (i: number) => `\x1b[38;2;${round};${i >> 4};${i & 15}mx`
      screen.tell(output(`\x1b[H${Array.from({ length: 1500 }, (_, i) => cell(i)).join('')}\x1b[m end${round}`))
      await rowsWith(`end${round}`)
    }
    const cells = (await screen.cells()).flat()
    expect(new Set(cells.map(({ look }) => look)).size).to.be.greaterThan(700)
  })
})
