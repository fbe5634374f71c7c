import { expect } from 'chai'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { contexts } from '../../lib/config/actions.ts'
import { openAppScreen, shippedKeymap, type AppScreen } from '../support/app-screen.ts'
import { readCells, type Cell } from '../support/cells.ts'
import { asking, changes, finished, question, working, type Fact } from '../support/facts.ts'
import { isCursorHidden, newTerminal, takenIn, type HeadlessTerminal } from '../support/headless.ts'
import { keyBytes, mouseBytes, pasteBytes } from '../support/key-bytes.ts'
import { thrown, type Random } from '../support/random.ts'

const steps = process.env.DRYDOCK_SOAK === undefined ? 500 : 10_000

/** Steps from one comparison with a repaint to the next. */
const stride = 6

const keymap = shippedKeymap()
const keys = contexts.flatMap((context) => keymap.bindings(context).map(([bound]) => bound.split(' ')))

/** Text on which terminals, scripts and layouts stumble. */
const texts = [
  'a',
  'Hello',
  ' ',
  '\\',
  '/',
  '@',
  '!',
  '日本語',
  '👩‍👩‍👧',
  '🇩🇪',
  'e\u0301',
  '1️⃣',
  '❤️',
  'क्षि',
  'ﷺ',
  '\u202e',
  '\u200b',
  '👍🏽',
  '# Title\n\n',
  '- item\n',
  '```js\nconst a = 1\n```\n',
  '| a | b |\n|---|---|\n| 漢 | 👨‍💻 |\n',
  'x'.repeat(300),
  '\x1b[31mred\x07',
]

/** Bytes that a terminal should not send, or not then. */
const hostile = [
  '\x1b',
  '\x1b[',
  '\x1b[200~',
  '\x1b[201~',
  '\x1b]11;rgb:ffff/ffff/ffff\x1b\\',
  '\x1b[?2026;2$y',
  '\x1b[?62;22c',
  '\x1bP>|xterm(1)\x1b\\',
  '\x1b[M !!',
  '\x1b[<',
  '\x1b[<0;99999;99999M',
  '\x1b[<35;0;0m',
  '\x1b[1;1R',
  '\x1b[I',
  '\x1b[O',
  '\x9b31m',
  '\x00',
  '\x7f',
  '\ud83d',
]

type Act = (screen: AppScreen, random: Random) => void

const acts: [weight: number, what: string, act: Act][] = [
  [30, 'a key', (screen, random) => screen.send(random.pick(keys).map(keyBytes).join(''))],
  [10, 'text', (screen, random) => screen.send(random.pick(texts).replace(/[\x00-\x1f]/g, ' '))],
  [
    15,
    'the mouse',
    (screen, random) => {
      const button = random.pick([0, 0, 1, 2, 32, 35, 64, 65, 4, 16])
      const { cols, rows } = screen.terminal
      screen.send(mouseBytes(button, random.below(cols), random.below(rows), button < 3 && random.below(2) === 0))
    },
  ],
  [
    5,
    'a drag',
    (screen, random) => {
      const { cols, rows } = screen.terminal
      screen.drag(random.below(cols), random.below(rows), random.below(cols + 5), random.below(rows + 5))
    },
  ],
  [8, 'a size', (screen, random) => screen.resize(...random.pick(sizes))],
  [5, 'a paste', (screen, random) => screen.send(pasteBytes(random.pick(texts).repeat(1 + random.below(40))))],
  [8, 'hostile bytes', (screen, random) => screen.send(random.pick(hostile))],
  [
    5,
    'any bytes',
    (screen, random) => screen.send(Buffer.from(Array.from({ length: 1 + random.below(20) }, () => random.below(256)))),
  ],
  [20, 'a fact', (screen, random) => screen.tell(...fact(screen, random))],
]

const sizes: [number, number][] = [
  [80, 24],
  [120, 40],
  [200, 60],
  [40, 10],
  [99, 30],
  [100, 30],
  [39, 9],
  [20, 5],
  [10, 3],
  [2, 1],
  [300, 4],
  [41, 100],
]

/** Something that the agent tells: of a turn at work, or of one that begins or ends. */
function fact(screen: AppScreen, random: Random): Fact[] {
  const { turn } = screen.app.state
  const number = turn?.turn ?? 0
  const at = screen.clock.now
  if (number === 0) {
    return [['turn.started', { turn: 1 + random.below(1_000_000), kind: 'prompt', prompt: random.pick(texts), at }]]
  }
  const id = `c${random.below(6)}`
  const text = random.pick(texts)
  return [
    random.pick<Fact>([
      ['text.delta', { turn: number, kind: 'text', text }],
      ['text.delta', { turn: number, kind: 'text', text }],
      ['text.delta', { turn: number, kind: 'thought', text }],
      ['tool.started', { turn: number, id, name: 'shell', summary: text, arguments: '{}', at }],
      ['tool.output', { turn: number, id, text }],
      ['tool.ended', { turn: number, id, ok: random.below(2) === 0, summary: text, text, ms: random.below(9_999) }],
      ['workspace.changed', { changes: changes.slice(0, random.below(changes.length + 1)) }],
      ['approval.asked', { ...question, id: `q${random.below(3)}`, title: text }],
      ['approval.settled', { id: `q${random.below(3)}`, answer: 'once' }],
      ['turn.ended', { turn: number, end: 'done', ms: 10, at }],
    ]),
  ]
}

function throwAct(random: Random): [string, Act] {
  let at = random.below(acts.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, what, act] of acts) if ((at -= weight) < 0) return [what, act]
  throw new Error('the weights do not add up')
}

/** The cells that differ, as `x,y "shown" "repainted"`. */
function differing(shown: Cell[][], repainted: Cell[][]): string[] {
  return shown.flatMap((row, y) =>
    row.flatMap((cell, x) => {
      const other = repainted[y]![x]!
      const same = cell.text === other.text && seenOf(cell) === seenOf(other)
      return same ? [] : [`${x},${y} ${JSON.stringify(cell)} ${JSON.stringify(other)}`]
    }),
  )
}

/** Of a blank nobody sees whether it is bold, nor what colour its letter would have. */
function seenOf({ text, look }: Cell): string {
  return text === ' ' && !/inverse|underline/.test(look) ? look.replace(/bold|fg\S+/g, '').trim() : look
}

function cursorOf(terminal: HeadlessTerminal) {
  const { cursorX: x, cursorY: y } = terminal.buffer.active
  return isCursorHidden(terminal) ? null : { x, y }
}

function openAnywhere(random: Random): AppScreen {
  const [cols, rows] = random.pick(sizes.slice(0, 6))
  return openAppScreen({ cols, rows, facts: random.pick([working, finished, asking]) })
}

describe('The whole screen', () => {
  it(`is as a repaint would have it, whatever comes (${steps} keys, clicks, sizes, pastes, bytes and facts)`, async function () {
    this.timeout(steps * 100)
    const random = thrown()
    const screen = openAnywhere(random)
    // Gets what the screen writes up to a moment of ours: frames of its own come in between.
    const terminal = newTerminal(screen.terminal.cols, screen.terminal.rows)
    let taken = 0
    const takeTo = async (end: number) => {
      for (; taken < end; taken++) terminal.write(screen.written[taken]!)
      await takenIn(terminal)
      return { cells: readCells(terminal), cursor: cursorOf(terminal) }
    }
    const told: string[] = []
    try {
      for (let step = 0; step < steps; step++) {
        const [what, act] = throwAct(random)
        told.push(what)
        act(screen, random)
        screen.screen.draw()
        const drawn = screen.written.length
        if (step % stride !== stride - 1) continue
        screen.screen.repaint()
        screen.screen.draw()
        const repainted = screen.written.length
        terminal.resize(screen.terminal.cols, screen.terminal.rows)
        const before = await takeTo(drawn)
        const after = await takeTo(repainted)
        const differences = differing(before.cells, after.cells)
        expect(differences, differences.slice(0, 8).join('\n')).to.deep.equal([])
        expect(before.cursor, 'cursor').to.deep.equal(after.cursor)
        screen.clock.now += random.below(3_000)
        screen.screen.request()
        screen.screen.draw()
      }
    } catch (error) {
      throw new Error(`DRYDOCK_SEED=${random.seed}, after ${told.slice(-stride).join(', ')}`, { cause: error })
    } finally {
      terminal.dispose()
      await screen.close()
    }
  })

  it('takes 200 sizes in a moment with a frame for few of them, and shows the last as a fresh screen does', async () => {
    const random = thrown()
    const screen = openAppScreen({ cols: 80, rows: 24, facts: finished })
    await screen.rows()
    const [before, began] = [screen.written.length, performance.now()]
    for (let times = 0; times < 200; times++) {
      screen.resize(20 + random.below(180), 5 + random.below(55))
      await new Promise((resolve) => setImmediate(resolve))
    }
    screen.resize(100, 30)
    const shown = await screen.rows()
    // Sixty frames a second at most, each of no more than its cells and what colours them; and those that keys and facts want.
    const most = 3 + ((performance.now() - began) / 1000) * 60
    expect(screen.written.length - before).to.be.below(most)
    expect(Math.max(...screen.written.slice(before).map((frame) => Buffer.byteLength(frame)))).to.be.below(200 * 60 * 4)
    const fresh = openAppScreen({ cols: 100, rows: 30, facts: finished })
    expect(shown, `DRYDOCK_SEED=${random.seed}`).to.deep.equal(await fresh.rows())
    await screen.close()
    await fresh.close()
  })

  it('leaves the terminal as it was, whatever came, and keeps nothing of it', async function () {
    this.timeout(steps * 100)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const random = thrown()
    const held: number[] = []
    const round = async () => {
      const screen = openAnywhere(random)
      for (let step = 0; step < steps / 25; step++) {
        throwAct(random)[1](screen, random)
        screen.screen.draw()
      }
      await screen.app.dispose()
      screen.screen.dispose()
      await screen.rows()
      const { modes, buffer } = screen.terminal
      expect(buffer.active.type, `DRYDOCK_SEED=${random.seed}`).to.equal('normal')
      expect(modes).to.deep.include({
        mouseTrackingMode: 'none',
        bracketedPasteMode: false,
        sendFocusMode: false,
        wraparoundMode: true,
        synchronizedOutputMode: false,
      })
      screen.dispose()
    }
    for (let times = 0; times < 10; times++) {
      await round()
      collect()
      held.push(process.memoryUsage().heapUsed)
    }
    // The first rounds fill what is kept for good: tables of widths, compiled code.
    expect(Math.min(...held.slice(7)) - Math.min(...held.slice(2, 5)), held.join()).to.be.below(3_000_000)
  })
})
