import { expect } from 'chai'
import type { FileDiff } from '../../lib/core/changes.ts'
import type { Arrangement } from '../../lib/tui/arrangement.ts'
import { INVISIBLE_SIGN } from '../../lib/tui/harmless.ts'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { loadColours, settled } from '../support/settled.ts'
import { opened } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'
import { conflicted, diffs, leaves, reviewed } from '../support/review-facts.ts'

/** Escape as terminals with the kitty keyboard protocol send it: nothing has to be waited for. */
const escape = '\x1b[27u'

const numbers = (count: number, changed: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, i) => `${changed[i + 1] ?? `line ${i + 1}`}\n`).join('')

/** A file of three hunks. */
const three = reviewed('a.txt', numbers(60), numbers(60, { 5: 'five', 30: 'thirty\nand', 55: 'fifty-five' }))
const other = reviewed('b.txt', 'b\n', 'B\n')

const applied = (screen: AppScreen) =>
  screen.intents.flatMap(([name, payload]) => (name === 'changes.apply' ? [payload] : []))

const find = async (screen: AppScreen, text: string) => {
  const rows = await screen.rows()
  const y = rows.findIndex((row) => row.includes(text))
  expect(y, `${text} in\n${rows.join('\n')}`).to.be.at.least(0)
  return { x: rows[y]!.indexOf(text), y }
}

const click = async (screen: AppScreen, text: string, at = 0) => {
  const { x, y } = await find(screen, text)
  screen.click(x + at, y)
}

describe('tui/changes', () => {
  let open: AppScreen | undefined
  const kept: Arrangement[] = []

  /** The changes on a screen, with the focus in them, everything read. */
  async function show(
    left: readonly FileDiff[],
    cols = 80,
    rows = 24,
    diff?: (path: string) => Promise<FileDiff>,
    copy?: (text: string) => Promise<boolean>,
  ) {
    kept.length = 0
    open = openAppScreen({
      cols,
      rows,
      facts: leaves(left),
      diff: diff ?? ((path) => Promise.resolve(left.find(({ change }) => change.path === path)!)),
      copy,
      keepArrangement: (arrangement) => kept.push(arrangement),
    })
    open.press('ctrl+g')
    await settled(open)
    return open
  }

  /** What is copied where the mouse is drawn from one text to another, each so many columns in. */
  async function copied(left: readonly FileDiff[], cols: number, from: [string, number], to: [string, number]) {
    const texts: string[] = []
    const screen = await show(left, cols, 40, undefined, (text) => {
      texts.push(text)
      return Promise.resolve(true)
    })
    const [a, b] = [await find(screen, from[0]), await find(screen, to[0])]
    screen.drag(a.x + from[1], a.y, b.x + to[1], b.y)
    await settled(screen)
    expect(screen.intents).to.deep.equal([])
    return texts
  }

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  before(loadColours)

  describe('frames', () => {
    const sizes = [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const
    for (const [cols, rows] of sizes) {
      it(`the diff at ${cols}x${rows}`, async () => {
        const screen = await show(diffs, cols, rows)
        expectFrame(`changes-${cols}x${rows}`, await screen.cells())
      })

      it(`side by side, some of it dropped, at ${cols}x${rows}`, async () => {
        const screen = await show(diffs, cols, rows)
        screen.press('ctrl+x', 'z')
        if ((await settled(screen)).every((row) => !row.includes('unified'))) screen.press('v')
        screen.press('space')
        await settled(screen)
        expectFrame(`changes-split-${cols}x${rows}`, await screen.cells())
      })

      it(`a conflict at ${cols}x${rows}`, async () => {
        const screen = await show([conflicted, other], cols, rows)
        expectFrame(`changes-conflict-${cols}x${rows}`, await screen.cells())
      })
    }

    it('small: 40x10', async () => {
      const screen = await show(diffs, 40, 10)
      expectFrame('changes-40x10', await screen.cells())
    })
  })

  describe('taking', () => {
    it('applies all that was not dropped, and gives the focus back to the prompt', async () => {
      const screen = await show([three, other])
      screen.press('a')
      expect(applied(screen)).to.deep.equal([{ selection: { paths: ['a.txt', 'b.txt'] } }])
      screen.type('next')
      expect((await screen.rows())[21]).to.equal(' › next')
    })

    it('drops hunks and takes them again, one after the other, and says what is left', async () => {
      const screen = await show([three, other])
      expect((await screen.rows()).at(-6)).to.match(/^─ ✓ 2 files to apply \+5 −4 ─/)
      screen.press('n', 'space')
      expect((await settled(screen)).at(-6)).to.match(/^─ ✓ 2 files to apply \+3 −3 ─/)
      screen.press('space', 'p', 'space', 'a')
      const parts = [{ path: 'a.txt', hunks: [{ hunk: 0 }, { hunk: 2 }] }]
      expect(applied(screen)).to.deep.equal([{ selection: { paths: ['b.txt'], parts } }])
    })

    it('drops and takes whole files, by keys and by a click on their marks', async () => {
      const screen = await show([three, other])
      screen.press('f')
      expect((await screen.rows()).some((row) => row.includes('✓ 1 of 2 files to apply +1 −1'))).to.equal(true)
      screen.press(']', 'f', 'a')
      expect((await screen.rows()).some((row) => row.includes('nothing is taken'))).to.equal(true)
      await click(screen, 'b.txt', -6)
      screen.press('a')
      expect(applied(screen)).to.deep.equal([{ selection: { paths: ['b.txt'] } }])
    })

    it('goes through single lines of a hunk', async () => {
      const screen = await show([three])
      screen.press('n', 's', 'down', 'down', 'space')
      const rows = await settled(screen)
      expect(rows.find((row) => row.includes('+ and'))).to.match(/^▌○ +31 \+ and/)
      expect(rows.some((row) => row.includes('◐ ⋯ 27–34'))).to.equal(true)
      screen.send(escape)
      screen.press('a')
      const { lines } = three.hunks[1]!
      const wanted = lines.flatMap(({ sign, text }, i) => (sign !== ' ' && text !== 'and' ? [i] : []))
      expect(applied(screen)).to.deep.equal([
        {
          selection: {
            paths: [],
            parts: [{ path: 'a.txt', hunks: [{ hunk: 0 }, { hunk: 1, lines: wanted }, { hunk: 2 }] }],
          },
        },
      ])
    })

    it('does the same by the mouse: the heading of a hunk, the gutter of a line', async () => {
      const screen = await show([three], 80, 40)
      await click(screen, '⋯ 2–8')
      await click(screen, '+ and')
      await click(screen, 'a apply')
      const { lines } = three.hunks[1]!
      const wanted = lines.flatMap(({ sign, text }, i) => (sign !== ' ' && text !== 'and' ? [i] : []))
      expect(applied(screen)).to.deep.equal([
        { selection: { paths: [], parts: [{ path: 'a.txt', hunks: [{ hunk: 1, lines: wanted }, { hunk: 2 }] }] } },
      ])
    })

    it('applies one file alone, and discards one', async () => {
      const screen = await show([three, other])
      screen.press(']', 'x', 'A')
      expect(screen.intents).to.deep.equal([
        ['changes.discard', { selection: { paths: ['b.txt'] } }],
        ['changes.apply', { selection: { paths: ['b.txt'] } }],
      ])
    })

    it('never takes what cannot be applied, nor a conflict by itself', async () => {
      const screen = await show(diffs)
      screen.press('a')
      const paths = diffs.map(({ change }) => change.path)
      expect(applied(screen)).to.deep.equal([
        { selection: { paths: paths.filter((path) => !['src/format.js', '.git/config'].includes(path)) } },
      ])
    })

    it('keeps what was dropped while the file is read again, and applies nothing that was not seen', async () => {
      let read: Promise<FileDiff> = Promise.resolve(three)
      const screen = await show([three], 80, 24, () => read)
      screen.press('n', 'space')
      const now = reviewed(
        'a.txt',
        numbers(60),
        numbers(60, { 1: 'one', 5: 'five', 30: 'thirty\nand', 55: 'fifty-five' }),
      )
      let deliver!: (diff: FileDiff) => void
      read = new Promise((resolve) => (deliver = resolve))
      screen.tell(['workspace.changed', { changes: [now.change] }])
      await screen.rows()
      screen.press('a')
      expect(applied(screen)).to.deep.equal([])
      expect((await screen.rows()).some((row) => row.includes('1 file changed since: look again'))).to.equal(true)
      deliver(now)
      await settled(screen)
      screen.press('a')
      expect(applied(screen)).to.deep.equal([
        { selection: { paths: [], parts: [{ path: 'a.txt', hunks: [{ hunk: 0 }, { hunk: 2 }] }] } },
      ])
    })
  })

  describe('a conflict', () => {
    it('is gone to by its keys from a file that has none, and decided by the next', async () => {
      const screen = await show([other, conflicted])
      screen.press('<')
      await settled(screen)
      expect(screen.intents).to.deep.equal([])
      expect((await screen.rows()).some((row) => row.startsWith('▌  ⋯ 1–5'))).to.equal(true)
      screen.press('<')
      expect(screen.intents).to.deep.equal([['changes.discard', { selection: { paths: ['src/format.js'] } }]])
    })

    it('shows both sides, and is decided by a key or a click', async () => {
      const screen = await show([conflicted, other])
      const rows = await screen.rows()
      expect(rows.some((row) => row.includes('? conflict with your file: Both sides changed it'))).to.equal(true)
      expect(rows.find((row) => row.includes("separator = '.'"))).to.match(/^▌ +2 +− /)
      expect(rows.find((row) => row.includes("separator = '/'"))).to.match(/^▌ +2 \+ /)
      screen.press('>', '<')
      await click(screen, '> take the agent')
      expect(screen.intents).to.deep.equal([
        ['changes.apply', { selection: { paths: ['src/format.js'] }, over: ['src/format.js'] }],
        ['changes.discard', { selection: { paths: ['src/format.js'] } }],
        ['changes.apply', { selection: { paths: ['src/format.js'] }, over: ['src/format.js'] }],
      ])
    })

    it('lets what does not collide be taken', async () => {
      const screen = await show([conflicted])
      screen.press('a')
      expect((await screen.rows()).some((row) => row.includes('decide the conflict first'))).to.equal(true)
      screen.press('b', 'space', 'a')
      expect(applied(screen)).to.deep.equal([{ selection: { paths: ['src/format.js'] } }])
    })

    it('is told of after an apply, with what was refused', async () => {
      const screen = await show([three, other])
      const report = {
        applied: [],
        conflicts: [{ path: 'b.txt', reason: 'It changed after its diff was shown: look at it again.' }],
        refused: [],
      }
      screen.tell(['changes.applied', { report, by: 'review' }])
      screen.press(']')
      const rows = await settled(screen)
      expect(rows.some((row) => row.includes('✗ not applied: It changed after its diff was shown'))).to.equal(true)
      screen.send(escape)
      expect((await screen.rows()).some((row) => row.includes('? Conflict in b.txt: It changed after'))).to.equal(true)
    })
  })

  describe('going about', () => {
    it('goes from hunk to hunk and from file to file, over the edges', async () => {
      const screen = await show([three, other], 80, 40)
      const at = async () => (await settled(screen)).find((row) => row.startsWith('▌'))!.trim()
      const seen: string[] = []
      for (const key of ['n', 'n', 'n', 'n', 'p', '[', ']']) {
        screen.press(key)
        seen.push(/⋯ (\S+)/.exec(await at())![1]!)
      }
      expect(seen).to.deep.equal(['27–34', '53–59', '1', '1', '53–59', '2–8', '1'])
    })

    it('acts on what is seen after the wheel has moved it', async () => {
      const screen = await show([three])
      for (let i = 0; i < 3; i += 1) screen.wheel('down', 40, 10)
      await screen.rows()
      screen.press('space')
      screen.press('a')
      const parts = [{ path: 'a.txt', hunks: [{ hunk: 0 }, { hunk: 2 }] }]
      expect(applied(screen)).to.deep.equal([{ selection: { paths: [], parts } }])
    })

    it('folds files, and all of them to a list', async () => {
      const screen = await show([three, other])
      screen.press('z')
      const rows = await screen.rows()
      expect(rows.slice(3, 5).map((row) => row.replace(/ {2,}/g, '  '))).to.deep.equal([
        ' ✓ ▸ ● a.txt  +4 −3  1/2',
        ' ✓ ▸ ● b.txt  +1 −1  2/2',
      ])
      await click(screen, 'b.txt')
      expect((await settled(screen)).some((row) => row.includes('+ B'))).to.equal(true)
    })

    it('shows more of what is around a hunk', async () => {
      const whole = { ...three, hunks: [reviewed('a.txt', numbers(60), numbers(60)).hunks].flat() }
      const around = { ...whole, hunks: [{ ...three.hunks[0]!, lines: linesOf(60) }] }
      const asked: (number | undefined)[] = []
      const screen = await show([three], 80, 60, ((_: string, context?: number) => {
        asked.push(context)
        return Promise.resolve(context === undefined ? three : around)
      }) as never)
      screen.press('n', 'e')
      const rows = await settled(screen)
      expect(rows.some((row) => row.includes('line 17')) && rows.some((row) => row.includes('line 43'))).to.equal(true)
      expect(rows.some((row) => row.includes('line 16'))).to.equal(false)
      expect(asked.filter((context) => context !== undefined)).to.have.length(1)
    })

    it('stands side by side where there is room, or where the person wants it, and remembers that', async () => {
      const screen = await show([other], 200, 30)
      expect((await screen.rows()).some((row) => /− b .*│ .*\+ B/.test(row))).to.equal(false)
      screen.press('v')
      expect((await screen.rows()).some((row) => /− b .*│ .*\+ B/.test(row))).to.equal(true)
      expect(kept.at(-1)!.diff).to.equal('split')
      screen.press('v', 'ctrl+x', 'z')
      expect((await screen.rows()).some((row) => /− b .*│ .*\+ B/.test(row))).to.equal(false)
      expect(kept.at(-1)!.diff).to.equal('unified')
    })

    it('stands side by side by itself on a wide screen', async () => {
      const screen = await show([other], 120, 30)
      screen.press('ctrl+x', 'z')
      expect((await screen.rows()).some((row) => /− b .*│ .*\+ B/.test(row))).to.equal(true)
    })

    it('puts the place of a hunk into the prompt', async () => {
      const screen = await show(diffs)
      screen.press('n', 'c')
      screen.type('why?')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([
        ['prompt.submit', { text: '@src/parse.js:13 (export function parse(text) {) why?' }],
      ])
    })

    it('is left by its keys', async () => {
      const screen = await show([other], 140, 42)
      screen.send(escape)
      expect((await screen.rows()).some((row) => row.includes('DIFF'))).to.equal(false)
    })
  })

  describe('searching', () => {
    it('goes to what is looked for while it is typed, from match to match over files, and ends by escape', async () => {
      const screen = await show([three, other])
      screen.press('/')
      screen.type('thirty')
      expect((await settled(screen)).some((row) => /^▌ +30 \+ thirty/.test(row))).to.equal(true)
      expect((await settled(screen)).find((row) => row.startsWith(' /'))).to.match(/^ \/thirty +1 of 1   enter keep/)
      screen.press('enter', '/')
      screen.type('b')
      screen.press('enter', 'n')
      await settled(screen)
      screen.press('space', 'a')
      expect(applied(screen)).to.deep.equal([{ selection: { paths: ['a.txt'] } }])
    })

    it('counts, steps with n and N among all that it found, and gives n back to the hunks when it is ended', async () => {
      const screen = await show([three, other])
      const foot = async () => (await settled(screen)).findLast((row) => row.startsWith(' /'))!.replace(/ +/g, ' ')
      screen.press('/')
      screen.type('line 2')
      expect(await foot()).to.equal(' /line 2 1 of 4 enter keep ↓ next ↑ before esc end')
      screen.press('enter', 'n')
      expect(await foot()).to.equal(' /line 2 2 of 4 n next N before esc end')
      screen.press('N', 'N')
      expect(await foot()).to.equal(' /line 2 4 of 4 n next N before esc end')
      screen.send(escape)
      const rows = (await settled(screen)).join('\n')
      expect(rows).to.contain('n next').and.not.to.contain('of 4')
      screen.press('/', 'enter')
      expect(await foot())
        .to.contain('/line 2')
        .and.contain('n next')
      screen.press('q')
      expect((await screen.rows()).some((row) => row.includes('DIFF'))).to.equal(false)
    })

    it('finds in folded files too, and opens those that it goes to', async () => {
      const screen = await show([three, other, reviewed('c.txt', 'c\n', 'fifty ways\n')])
      const foot = async () => (await settled(screen)).findLast((row) => row.startsWith(' /'))!.replace(/ +/g, ' ')
      const shown = async () => (await settled(screen)).flatMap((row) => /[▾▸] . (\w)\.txt/.exec(row)?.[0] ?? [])
      screen.press('z', '/')
      screen.type('fifty-')
      expect(await foot()).to.contain(' /fifty- 1 of 1 ')
      expect((await screen.rows()).some((row) => row.includes('+ fifty-five'))).to.equal(true)
      screen.press('backspace')
      expect(await foot()).to.contain(' /fifty 1 of 2 ')
      screen.press('enter', 'n')
      expect(await foot()).to.contain(' /fifty 2 of 2 ')
      expect((await screen.rows()).some((row) => row.includes('+ fifty ways'))).to.equal(true)
      screen.press('g')
      screen.send(escape)
      screen.press('enter')
      expect(await shown()).to.deep.equal(['▸ ● a.txt', '▸ ● b.txt', '▾ ● c.txt'])
    })

    it('folds again what was opened only by the letters before', async () => {
      const screen = await show([other, reviewed('c.txt', 'c\n', 'byways\n')])
      const shown = async () => (await settled(screen)).flatMap((row) => /[▾▸] . (\w)\.txt/.exec(row)?.[0] ?? [])
      screen.press('z', '/')
      screen.type('b')
      expect(await shown()).to.deep.equal(['▾ ● b.txt', '▸ ● c.txt'])
      screen.type('y')
      expect(await shown()).to.deep.equal(['▸ ● b.txt', '▾ ● c.txt'])
    })

    it('reads of very many folded files some at a time, and finds in the last of them', async () => {
      const many = Array.from({ length: 300 }, (_, i) => reviewed(`${i}.txt`, '', `text ${i}\n`))
      let [now, most] = [0, 0]
      const screen = await show(many, 80, 24, async (path) => {
        most = Math.max(most, (now += 1))
        await new Promise((resolve) => setImmediate(resolve))
        now -= 1
        return many.find(({ change }) => change.path === path)!
      })
      screen.press('/')
      screen.type('text 299')
      for (;;) if ((await settled(screen)).some((row) => row.includes('1 of 1 '))) break
      expect((await screen.rows()).some((row) => row.includes('+ text 299'))).to.equal(true)
      expect(most).to.be.within(2, 32)
    })

    for (const [cols, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const)
      it(`looks so at ${cols}x${rows}`, async () => {
        const screen = await show([three, other], cols, rows)
        screen.press('/')
        screen.type('line')
        screen.press('enter', 'n', 'n')
        await settled(screen)
        expectFrame(`changes-search-${cols}x${rows}`, await screen.cells())
      })

    it('says where nothing matches, and minds capitals where one is typed', async () => {
      const screen = await show([three, other])
      screen.press('/')
      screen.type('LINE')
      expect((await screen.rows()).some((row) => /^ \/LINE +nothing found/.test(row))).to.equal(true)
      screen.send(escape)
      screen.press('q')
      expect((await screen.rows()).some((row) => row.includes('DIFF'))).to.equal(false)
    })
  })

  describe('copying', () => {
    it('takes the text that the mouse is drawn over, without numbers and signs', async () => {
      expect(await copied([three], 80, ['five', 0], ['line 7', 3])).to.deep.equal(['five\nline 6\nline'])
      expect(await copied([three], 80, ['line 7', 5], ['five', 1])).to.deep.equal(['ive\nline 6\nline 7'])
    })

    it('takes a word by two clicks and a line by three, and leaves clicks beside the text what they are', async () => {
      const texts: string[] = []
      const screen = await show([reviewed('a.c', 'x\n', 'x\n\tcall(one, two)\n')], 80, 40, undefined, (text) => {
        texts.push(text)
        return Promise.resolve(true)
      })
      const { x, y } = await find(screen, 'call')
      for (let i = 0; i < 3; i += 1) screen.click(x, y)
      await settled(screen)
      expect(texts).to.deep.equal(['call', '\tcall(one, two)'])
      screen.click(4, y)
      screen.click(4, y)
      await settled(screen)
      expect(texts).to.have.length(2)
      screen.press('a')
      expect(applied(screen)).to.deep.equal([{ selection: { paths: ['a.c'] } }])
    })

    it('takes lines as the file has them, in one piece where the screen has broken them', async () => {
      const long = `\tif (${'word '.repeat(30)})`
      const file = reviewed('a.c', 'x\ny\nz\n', `x\n${long}\nz\n`)
      expect(await copied([file], 80, ['− y', 2], ['  z', 2])).to.deep.equal([`y\n${long}\nz`])
    })
  })

  describe('what is hard', () => {
    it('a diff of 100,000 lines is there at once, from one end to the other', async () => {
      const large = reviewed('big.txt', '', numbers(100_000))
      const screen = await show([large, other])
      const start = performance.now()
      screen.press('G')
      await screen.rows()
      screen.press('[', 'pagedown', 'n', 'n', 'p')
      const rows = await screen.rows()
      expect(performance.now() - start).to.be.below(1_000)
      expect(rows.some((row) => row.includes('line 2'))).to.equal(true)
    })

    it('a line of a megabyte, escapes and all, is cut, and wraps', async () => {
      const long = reviewed('long.txt', '', `\x1b[2J\u202e${'x'.repeat(1_000_000)}\n`)
      const screen = await show([long])
      const rows = await screen.rows()
      expect(rows.some((row) => row.includes(`${INVISIBLE_SIGN}xxx`))).to.equal(true)
      screen.press('G')
      expect((await screen.rows()).join('')).to.contain('more')
      expect(screen.written.join('')).not.to.contain('\u202e')
    })

    it('says what lines alone do not show: line ends, the end of the file', async () => {
      const ends = reviewed('ends.txt', 'a\r\nb', 'a\nb\n')
      const rows = await (await show([ends])).rows()
      expect(rows.join(' ')).to.contain('Line ends change from CRLF to LF. No newline at the end of the old file.')
    })

    it('says why a diff could not be read', async () => {
      const screen = await show([other], 80, 24, () => Promise.reject(new Error('The sandbox is gone.')))
      expect((await screen.rows()).some((row) => row.includes('The sandbox is gone.'))).to.equal(true)
    })

    it('hostile names of files do nothing', async () => {
      const evil = reviewed('a\x1b]0;x\x07\u202egpj.exe', '', 'x\n')
      const screen = await show([evil])
      expect((await screen.rows())[3]).to.contain(`a${INVISIBLE_SIGN}gpj.exe`)
    })
  })

  it('is one empty sentence where there are no changes', async () => {
    open = openAppScreen({ cols: 80, rows: 24, facts: opened })
    open.press('ctrl+g')
    expect((await open.rows())[3]).to.contain('Nothing differs from your project.')
    open.press('space', 'a', 'n', 'x', 'G', 'z', 's', 'c', 'e', '>')
    expect(open.intents).to.deep.equal([])
  })

  it('says in one line what the project ignores', async () => {
    const screen = await show([other], 140, 42)
    screen.tell(['workspace.changed', { changes: [other.change], ignored: ['node_modules/', 'dist/'] }])
    expect((await screen.rows()).some((row) => row.includes('2 paths ignored'))).to.equal(true)
  })

  it('reads a diff again once its change is another, and not before', async () => {
    const asked: string[] = []
    const screen = await show([other], 80, 24, (path) => {
      asked.push(path)
      return Promise.resolve(other)
    })
    screen.tell(['workspace.changed', { changes: [{ ...other.change }] }])
    await settled(screen)
    screen.tell(['workspace.changed', { changes: [{ ...other.change, size: 7 }] }])
    await settled(screen)
    expect(asked).to.deep.equal(['b.txt', 'b.txt'])
  })

  it('is quiet while nothing happens', async () => {
    const screen = await show(diffs, 140, 42)
    const before = screen.written.length
    await settled(screen)
    expect(screen.written.length).to.equal(before)
  })
})

/** All lines of a file of which line 30 became two. */
function linesOf(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    sign: ' ' as const,
    text: `line ${i + 1}`,
    before: i + 1,
    after: i + 1,
  })).flatMap((line) => {
    const hunk = three.hunks.find(({ lines }) =>
      lines.some(({ sign, before }) => sign === '-' && before === line.before),
    )
    if (hunk !== undefined) return hunk.lines.filter(({ sign }) => sign !== ' ')
    const shift = line.before > 30 ? 1 : 0
    return [{ ...line, after: line.after + shift }]
  })
}
