import { expect } from 'chai'
import { INVISIBLE_SIGN } from '../../lib/tui/harmless.ts'
import type { Question } from '../../lib/core/events.ts'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import {
  asking,
  failed,
  finished,
  opened,
  prompt,
  question,
  setup,
  start,
  working,
  type Fact,
} from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'
import { loadColours, settled } from '../support/settled.ts'

/** Escape as terminals with the kitty keyboard protocol send it: nothing has to be waited for. */
const escape = '\x1b[27u'

async function shows(screen: AppScreen, text: string): Promise<boolean> {
  return (await screen.rows()).some((row) => row.includes(text))
}

/** Deltas of one row each. */
const many = (from: number, to: number): Fact[] =>
  Array.from({ length: to - from + 1 }, (_, i): Fact => [
    'text.delta',
    { turn: 1, kind: 'text', text: `row ${from + i}\n` },
  ])

describe('tui/app', () => {
  let open: AppScreen | undefined

  function show(facts: Fact[] = opened, cols = 80, rows = 24): AppScreen {
    open = openAppScreen({ cols, rows, facts })
    return open
  }

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  before(loadColours)

  describe('frames', () => {
    const sizes: [number, number][] = [
      [80, 24],
      [120, 40],
      [140, 42],
      [200, 60],
    ]
    const scenes: Record<string, Fact[]> = { empty: opened, working, finished, asking, setup, failed }
    for (const [name, facts] of Object.entries(scenes)) {
      for (const [cols, rows] of sizes) {
        it(`${name} at ${cols}x${rows}`, async () => {
          const screen = show(facts, cols, rows)
          // A question may be answered once it could be read.
          if (name === 'asking') screen.clock.now += 401
          await settled(screen)
          expectFrame(`${name}-${cols}x${rows}`, await screen.cells())
        })
      }
    }
    it('tiny: a sentence', async () => {
      expect((await show(working, 30, 8).rows()).slice(0, 3)).to.deep.equal([
        'Drydock needs 40x10 cells,',
        'here are 30x8: make the',
        'terminal larger.',
      ])
    })
  })

  describe('prompts', () => {
    it('are sent by enter, and the composer is empty again', async () => {
      const screen = show()
      screen.type('fix it')
      expect((await screen.rows())[21]).to.equal(' › fix it')
      expect(await screen.cursor()).to.deep.equal({ x: 9, y: 21 })
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['prompt.submit', { text: 'fix it' }]])
      expect(await screen.cursor()).to.deep.equal({ x: 3, y: 21 })
    })

    it('have lines: alt+enter, ctrl+j and a backslash before enter begin one', () => {
      const screen = show()
      screen.type('a')
      screen.press('alt+enter')
      screen.type('b')
      screen.press('ctrl+j')
      screen.type('c\\')
      screen.press('enter')
      screen.type('d')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['prompt.submit', { text: 'a\nb\nc\nd' }]])
    })

    it('grow the composer to a third of the screen, and no further', async () => {
      const screen = show()
      screen.paste(Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join('\n'))
      const rows = await screen.rows()
      expect(rows.slice(14, 23)).to.deep.equal([
        '─'.repeat(80),
        ' › line 13',
        ...Array.from({ length: 7 }, (_, i) => `   line ${i + 14}`),
      ])
      expect(await screen.cursor()).to.deep.equal({ x: 10, y: 22 })
    })

    it('wrap between words, and up and down move by what is seen', async () => {
      const screen = show(opened, 40, 20)
      screen.type('some words that do not fit in one row of it')
      const rows = await screen.rows()
      expect(rows.slice(17, 19)).to.deep.equal([' › some words that do not fit in one', '   row of it'])
      screen.press('up')
      expect(await screen.cursor()).to.deep.equal({ x: 12, y: 17 })
      screen.press('home', 'down', 'down')
      expect(await screen.cursor()).to.deep.equal({ x: 3, y: 18 })
    })

    it('come back with up, and the draft with down', () => {
      const screen = show()
      screen.type('one')
      screen.press('enter')
      screen.type('dra')
      screen.press('up', 'down')
      screen.type('ft')
      screen.press('enter')
      expect(screen.intents.map(([, payload]) => payload)).to.deep.equal([{ text: 'one' }, { text: 'draft' }])
    })

    it('that begin with ! are commands for the sandbox, and say so', async () => {
      const screen = show()
      screen.type('!npm test')
      const rows = await screen.rows()
      expect(rows[20]).to.contain(' runs in the sandbox ')
      expect(rows[21]).to.equal(' › !npm test')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['command.submit', { command: 'npm test' }]])
    })

    it('fold a long paste, and send it whole', async () => {
      const screen = show()
      const pasted = Array.from({ length: 2_000 }, (_, i) => `${i}`).join('\n')
      screen.type('see ')
      screen.paste(pasted)
      expect((await screen.rows())[21]).to.equal(' › see [pasted 2000 lines]')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['prompt.submit', { text: `see ${pasted}` }]])
    })

    it('show pasted escape sequences as harmless text', async () => {
      const screen = show()
      screen.paste('a\x1b[31mb\x07 \u202ec')
      expect((await screen.rows())[21]).to.contain(' › a')
      expect(screen.written.join('')).not.to.contain('\u202e')
    })

    it('say plainly that a scripted model answers', async () => {
      const rows = await show([...opened, ['model.chosen', { model: 'script/demo.toml' }]]).rows()
      expect(rows[21]).to.contain('Whatever you send, the script goes on.')
      expect(rows[0]).to.contain('demo: scripted model')
    })
  })

  describe('a turn', () => {
    it('is cancelled by escape, wherever the focus is', () => {
      const screen = show(working)
      screen.send(escape)
      screen.press('ctrl+g', 'tab', 'tab')
      screen.send(escape)
      screen.press('ctrl+g')
      screen.send(escape)
      expect(screen.intents).to.deep.equal(Array.from({ length: 3 }, () => ['turn.cancel', {}]))
    })

    it('is cancelled by ctrl+c, and a second one quits', async () => {
      const screen = show(working)
      screen.press('ctrl+c')
      expect((await screen.rows())[23]).to.contain('ctrl+c again quits')
      screen.press('ctrl+c')
      expect(screen.intents).to.deep.equal([
        ['turn.cancel', {}],
        ['app.quit', {}],
      ])
    })

    it('counts its seconds', async () => {
      const screen = show(working)
      expect((await screen.rows())[23]).to.contain('working 12 s')
      screen.clock.now += 60_000
      screen.screen.request()
      expect((await screen.rows())[23]).to.contain('working 1 m 12 s')
    })

    it('shows each delta where it belongs', async () => {
      const screen = show(working)
      screen.tell(['tool.ended', { turn: 1, id: 'c5', ok: true, summary: 'exit 0', text: '', ms: 1 }])
      screen.tell(['text.delta', { turn: 1, kind: 'text', text: 'Done' }])
      screen.tell(['text.delta', { turn: 1, kind: 'text', text: ' now.' }])
      expect((await screen.rows())[19]).to.equal('   Done now.')
    })

    it('takes the terminal’s title along', async () => {
      const screen = show(working)
      await screen.rows()
      expect(screen.written.join('')).to.contain('\x1b]2;● date-kit - drydock\x07')
    })
  })

  describe('an idle screen', () => {
    it('draws nothing', async () => {
      const screen = show(finished, 140, 42)
      await settled(screen)
      await screen.rows()
      const before = screen.written.length
      await new Promise((resolve) => setImmediate(resolve))
      expect(screen.written.length).to.equal(before)
    })
  })

  describe('ctrl+c and ctrl+d without a turn', () => {
    it('clear what is written, and then quit', async () => {
      const screen = show()
      screen.type('abc')
      screen.press('ctrl+c')
      expect((await screen.rows())[21]).to.contain('What is to be done?')
      expect(screen.intents).to.deep.equal([])
      screen.clock.now += 3_000
      screen.press('ctrl+c')
      expect(screen.intents).to.deep.equal([])
      screen.press('ctrl+c', 'ctrl+d')
      expect(screen.intents).to.deep.equal([
        ['app.quit', {}],
        ['app.quit', {}],
      ])
    })
  })

  it('is drawn again, every cell, by ctrl+l', async () => {
    const screen = show(finished)
    const rows = await screen.rows()
    screen.terminal.write('\x1b[2J')
    screen.press('ctrl+l')
    expect(await screen.rows()).to.deep.equal(rows)
  })

  it('goes through the modes', async () => {
    const screen = show()
    const seen: string[] = []
    screen.bus.on('mode.choose', ({ mode }) => {
      seen.push(mode)
      screen.tell(['mode.chosen', { mode }])
    })
    screen.press('ctrl+o', 'ctrl+o', 'ctrl+o', 'ctrl+o')
    expect(seen).to.deep.equal(['turn', 'live', 'plan', 'review'])
    const row = (await screen.rows())[23]!
    screen.click(row.indexOf('mode: review'), 23)
    expect(seen.at(-1)).to.equal('turn')
  })

  describe('questions', () => {
    it('are answered by their keys', () => {
      const screen = show(asking)
      screen.clock.now += 401
      screen.press('y')
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer: 'once' }]])
    })

    it('are not answered by the letters of a word: it goes to the prompt', async () => {
      const screen = show(asking)
      screen.clock.now += 401
      screen.press(...'use yarn')
      expect(screen.intents).to.deep.equal([])
      expect((await screen.rows())[21]).to.contain('› use yarn')
      screen.clock.now += 401
      screen.press('y')
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer: 'once' }]])
    })

    it('are answered by a click', async () => {
      const screen = show(asking)
      const rows = await screen.rows()
      const y = rows.findIndex((row) => row.includes('y once'))
      screen.click(rows[y]!.indexOf('s this session'), y)
      expect(screen.intents).to.deep.equal([]) // it was on its way
      screen.clock.now += 401
      screen.click(rows[y]!.indexOf('s this session'), y)
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer: 'session' }]])
    })

    it('take a line with a no to a call, or none', async () => {
      const answers: [keys: string[], text: string, end: string, answer: object][] = [
        [['n'], 'use yarn', 'enter', { answer: 'no', remark: 'use yarn' }],
        [['n'], '', 'enter', { answer: 'no' }],
        [['n'], 'use', 'escape', { answer: 'no' }],
      ]
      for (const [keys, text, end, answer] of answers) {
        const screen = show(asking)
        screen.type('draft')
        screen.clock.now += 600
        screen.press(...keys)
        expect((await screen.rows())[21]).to.contain('What should it do instead?')
        screen.type(text)
        screen.press(end)
        expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', ...answer }]])
        screen.tell(['approval.settled', { id: 'q1', answer: 'no' }])
        expect((await screen.rows())[21]).to.equal(' › draft')
        await screen.close()
      }
    })

    it('stand under the call that they are about, however much was said before', async () => {
      const said: Fact = ['text.delta', { turn: 1, kind: 'text', text: 'word\n'.repeat(50) }]
      const screen = show([...asking.slice(0, -1), said, ['approval.asked', question]])
      const rows = await screen.rows()
      expect(rows.findIndex((row) => row.includes('? packages'))).to.equal(
        rows.findIndex((row) => row.includes('─ Allow network')) - 2,
      )
    })

    it('that end while a line is written for them let go of it', async () => {
      const screen = show(asking)
      screen.clock.now += 401
      screen.press('n')
      screen.type('half a li')
      screen.tell(['approval.settled', { id: 'q1', answer: 'no' }])
      screen.type('ok')
      expect((await screen.rows())[21]).to.equal(' › ok')
      expect(screen.intents).to.deep.equal([])
    })

    it('that leave one yes take the plain key for it', async () => {
      const choices: Question['choices'] = [
        { key: 'a', answer: 'always', label: 'yes, until it changes' },
        { key: 'n', answer: 'no', label: 'not now' },
      ]
      const screen = show([...opened, ['approval.asked', { id: 'q1', kind: 'trust', title: 'T?', body: [], choices }]])
      expect((await screen.rows()).some((row) => row.includes('y yes, until it changes'))).to.equal(true)
      screen.clock.now += 401
      screen.press('y')
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer: 'always' }]])
    })

    it('take no key that was on its way before they could be read: it is written where it was meant to be', async () => {
      const screen = show(opened)
      screen.type('sa')
      screen.tell(...asking.slice(opened.length))
      screen.clock.now += 200
      screen.type('y')
      screen.clock.now += 200
      screen.type('s')
      expect(screen.intents).to.deep.equal([])
      expect((await screen.rows())[21]).to.equal(' › says')
      screen.clock.now += 401
      screen.type('s')
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer: 'session' }]])
    })

    it('come one after the other, each with its own guard', async () => {
      const screen = show([
        ...asking,
        ['approval.asked', { ...question, id: 'q2', title: 'And this?', body: ['rm -rf x'] }],
      ])
      expect((await screen.rows()).find((row) => row.includes('Allow network'))).to.contain(' 1 of 2 ')
      screen.bus.on('approval.answer', ({ id, answer }) => screen.tell(['approval.settled', { id, answer }]))
      screen.clock.now += 401
      screen.press('y', 'y')
      expect((await screen.rows()).some((row) => row.includes('And this?'))).to.equal(true)
      screen.clock.now += 401
      screen.press('n', 'enter')
      expect(screen.intents).to.deep.equal([
        ['approval.answer', { id: 'q1', answer: 'once' }],
        ['approval.answer', { id: 'q2', answer: 'no' }],
      ])
      expect((await screen.rows()).some((row) => row.includes('And this?'))).to.equal(false)
    })

    it('show every line of what will run, by scrolling', async () => {
      const body = Array.from({ length: 60 }, (_, i) => `step ${i + 1}`)
      const screen = show([...opened, ['approval.asked', { ...question, body }]])
      const seen = new Set<string>()
      for (let page = 0; page < 20; page += 1) {
        for (const row of await screen.rows()) if (row.includes('step ')) seen.add(row.replaceAll('│', '').trim())
        screen.press('pagedown')
      }
      expect([...seen]).to.deep.equal(body)
      expect((await screen.rows()).some((row) => row.includes('y once'))).to.equal(true)
    })

    it('are given up with the turn by escape', () => {
      const screen = show(asking)
      screen.send(escape)
      expect(screen.intents).to.deep.equal([['turn.cancel', {}]])
    })

    it('that no turn asked are answered no by escape', () => {
      const screen = show([...opened, ['approval.asked', question]])
      screen.send(escape)
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer: 'no' }]])
    })

    it('show hostile words as they are', async () => {
      const body = ['echo \x1b[2K\x1b[1A{red-fg}ok{/} \u202egnp.exe']
      const screen = show([...opened, ['approval.asked', { ...question, title: '\x1b]0;x\x07Run?', body }]])
      const rows = await screen.rows()
      expect(rows.some((row) => row.includes('echo \\x1b[2K\\x1b[1A{red-fg}ok{/} \\u{202e}gnp.exe'))).to.equal(true)
      expect(rows.some((row) => row.includes('Run?'))).to.equal(true)
    })
  })

  describe('the conversation', () => {
    const begin: Fact = ['turn.started', { turn: 1, kind: 'prompt', prompt, at: start }]

    it('follows its end, and holds still once somebody scrolled up', async () => {
      const screen = show([...opened, begin, ...many(1, 100)])
      const last = async () => (await screen.rows()).slice(3, 20)
      expect((await last()).at(-1)).to.equal('   row 100')
      screen.wheel('up', 10, 10)
      const held = await last()
      expect(held.at(-1)).to.equal('   row 97')
      screen.tell(...many(101, 300))
      expect(await last()).to.deep.equal(held)
      expect((await screen.rows())[20]).to.contain('↓ 200 new lines  ctrl+end')
      screen.press('ctrl+end')
      expect((await last()).at(-1)).to.equal('   row 300')
    })

    it('shows its beginning, and everything between by pages', async () => {
      const screen = show([...opened, begin, ...many(1, 500)])
      await screen.rows()
      screen.press('ctrl+home')
      expect((await screen.rows())[4]).to.equal(` ▌ ${prompt}`)
      const seen = new Set<string>()
      for (let page = 0; page < 60; page += 1) {
        for (const row of await screen.rows()) if (row.includes('row ')) seen.add(row.trim())
        screen.press('pagedown')
      }
      expect([...seen]).to.deep.equal(Array.from({ length: 500 }, (_, i) => `row ${i + 1}`))
      expect((await screen.rows())[20]).to.equal('─'.repeat(80))
    })

    it('opens and folds a call by a click, and by its keys', async () => {
      const screen = show(finished, 120, 40)
      const shown = async () => (await screen.rows()).filter((row) => row.includes('tests 12, pass 12')).length
      expect(await shown()).to.equal(0)
      const rows = await screen.rows()
      const y = rows.findLastIndex((row) => row.includes('npm test'))
      screen.click(40, y)
      expect(await shown()).to.equal(1)
      expect((await screen.rows())[y]).to.contain('›')
      screen.clock.now += 1_000
      screen.click(40, y)
      expect(await shown()).to.equal(0)
      screen.press('enter')
      expect(await shown()).to.equal(1)
      screen.press('[')
      expect((await screen.rows()).find((row) => row.includes('›') && row.includes('edit'))).not.to.equal(undefined)
    })

    it('sends what is typed to the composer, wherever the focus is', async () => {
      const screen = show(finished)
      screen.press('tab')
      screen.type('Hi')
      expect((await screen.rows())[21]).to.equal(' › Hi')
    })

    it('lays itself out again for another width, and stays at its end', async () => {
      const screen = show(finished, 140, 42)
      screen.resize(60, 20)
      const rows = await screen.rows()
      expect(rows.slice(12, 16).map((row) => row.trim())).to.contain(
        'All 12 tests pass now. The change is in src/parse.js,',
      )
      screen.resize(200, 60)
      expect(
        (await screen.rows()).some((row) => row.includes('All 12 tests pass now. The change is in src/parse.js, with')),
      ).to.equal(true)
    })

    it('shows hostile text as harmless text', async () => {
      const screen = show([
        ...opened,
        begin,
        [
          'text.delta',
          { turn: 1, kind: 'text', text: 'a \x1b[31mb\x1b]0;t\x07 {bold}c{/bold} \u202ed \x9b2J \ud800 e' },
        ],
      ])
      expect((await screen.rows())[6]).to.equal(`   a b {bold}c{/bold} ${INVISIBLE_SIGN}d  � e`)
    })
  })

  describe('panes', () => {
    it('are opened and hidden by their keys, and by their titles', async () => {
      const screen = show(finished, 140, 42)
      expect(await shows(screen, 'DIFF 4')).to.equal(true)
      screen.press('ctrl+g', 'q')
      expect(await shows(screen, 'DIFF 4')).to.equal(false)
      const title = (await screen.rows())[2]!.indexOf('Diff 4')
      screen.click(title, 2)
      expect(await shows(screen, 'DIFF 4')).to.equal(true)
      screen.press('ctrl+x', 'd')
      expect(await shows(screen, 'DIFF 4')).to.equal(false)
    })

    it('are tabs on a narrow screen, gone through by a key and by clicks', async () => {
      const screen = show(finished)
      screen.click((await screen.rows())[1]!.indexOf('Diff'), 1)
      expect((await screen.rows())[1]).to.match(/^ Conversation   Files 4   Viewer   DIFF 4   /)
      screen.type('more')
      expect((await screen.rows())[1]).to.match(/^ Conversation   Files 4   Viewer   DIFF 4   /)
      screen.click(2, 1)
      expect((await screen.rows())[1]).to.match(/^ CONVERSATION   Files 4   Viewer   Diff 4   /)
      screen.press('tab')
      expect((await screen.rows())[1]).to.match(/^ Conversation   FILES 4   Viewer   Diff 4   /)
      screen.press('tab', 'tab')
      expect((await screen.rows())[1]).to.match(/^ Conversation   Files 4   Viewer   DIFF 4   /)
      // Through the views after the diff, and round again.
      while (!(await screen.rows())[1]!.startsWith(' CONVERSATION')) screen.press('tab')
      expect((await screen.rows())[1]).to.match(/^ CONVERSATION   Files 4   Viewer   Diff 4   /)
    })

    it('have the whole screen when zoomed, and give it back', async () => {
      const screen = show(finished, 140, 42)
      await screen.rows() // the diff is read for the first frame
      const before = await screen.rows()
      screen.press('ctrl+g', 'ctrl+x', 'z')
      expect((await screen.rows())[1]).to.match(/^ Conversation   Files 4   Viewer   DIFF 4   /)
      expect(await shows(screen, "I'll look at the parser")).to.equal(false)
      screen.press('ctrl+x', 'z')
      await screen.rows()
      screen.press('tab')
      expect((await screen.rows()).slice(0, 30)).to.deep.equal(before.slice(0, 30))
    })

    it('have dividers that the mouse drags and keys move, and that are kept', async () => {
      const kept: number[] = []
      open = openAppScreen({
        cols: 140,
        rows: 42,
        facts: finished,
        keepArrangement: ({ sideShare }) => kept.push(Math.round((sideShare ?? 0) * 140)),
      })
      const screen = open
      const divider = async () => (await screen.rows())[10]!.lastIndexOf('│')
      expect(await divider()).to.equal(83)
      screen.drag(83, 10, 70, 12)
      expect(await divider()).to.equal(70)
      screen.press('ctrl+g', 'ctrl+x', 'left')
      expect(await divider()).to.equal(74)
      screen.press('ctrl+x', 'right', 'ctrl+x', 'right')
      expect(await divider()).to.equal(66)
      expect(kept.slice(-3)).to.deep.equal([65, 69, 73])
    })
  })

  describe('lists', () => {
    for (const [cols, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const) {
      it(`commands at ${cols}x${rows}`, async () => {
        const screen = show(opened, cols, rows)
        screen.press('ctrl+p')
        screen.type('pane')
        expectFrame(`palette-${cols}x${rows}`, await screen.cells())
      })
    }

    it('do what is picked, by keys and by the mouse, and hear every key meanwhile', async () => {
      const screen = show(finished)
      screen.press('ctrl+p')
      screen.type('show the chan')
      screen.press('enter')
      expect(await shows(screen, 'DIFF 4')).to.equal(true)
      screen.press('ctrl+p')
      screen.type('quit')
      const y = (await screen.rows()).findIndex((row) => row.includes('Quit '))
      screen.click(40, y)
      screen.click(40, y)
      expect(screen.intents).to.deep.equal([['app.quit', {}]])
      expect((await screen.rows())[21]).to.contain('What is to be done?')
    })

    it('close by escape and by a click beside them, and change nothing', async () => {
      const screen = show(working)
      const before = await screen.rows()
      screen.press('ctrl+p')
      screen.send(escape)
      expect(await screen.rows()).to.deep.equal(before)
      screen.press('ctrl+x', 'o')
      screen.click(2, 22)
      expect(await screen.rows()).to.deep.equal(before)
      expect(screen.intents).to.deep.equal([])
    })

    it('choose a model', () => {
      const screen = show(opened)
      screen.press('ctrl+x', 'o')
      screen.type('qwen')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['model.choose', { model: 'ollama/qwen' }]])
    })

    it('choose the colours, which are there at once', async () => {
      const screen = show(opened)
      const look = async () => (await screen.cells())[0]![1]!.look
      const before = await look()
      screen.press('ctrl+x', 's', 'down', 'enter')
      expect((await screen.cells()).flat().map((cell) => cell.look)).not.to.contain('fg#868d9a')
      expect(before).not.to.equal(undefined)
    })

    it('tell what every key does, found by what it does', async () => {
      const screen = show(opened, 120, 40)
      screen.press('ctrl+x', '?')
      screen.type('whole screen')
      expect((await screen.rows()).filter((row) => row.includes('ctrl+x z'))).to.have.length(1)
      screen.press('enter')
      expect(await shows(screen, 'Keys')).to.equal(true)
    })
  })

  describe('a first start without a model', () => {
    it('lets a way be chosen by its key, by enter and by the mouse', async () => {
      const screen = show(setup)
      screen.press('3', 'down', 'enter')
      const rows = await screen.rows()
      const y = rows.findIndex((row) => row.includes('Watch the demo'))
      screen.click(12, y)
      expect(screen.intents).to.deep.equal([
        ['setup.choose', { key: '3' }],
        ['setup.choose', { key: '2' }],
        ['setup.choose', { key: '3' }],
      ])
    })

    it('stays on offer beside what went wrong', async () => {
      const screen = show([
        ...setup,
        ['sandbox.status', { state: 'failed', text: 'No engine answers: install docker.io.' }],
      ])
      const rows = await screen.rows()
      expect(rows.some((row) => row.includes('✗ No engine answers: install docker.io.'))).to.equal(true)
      expect(rows.some((row) => row.includes('3  Watch the demo'))).to.equal(true)
    })

    it('takes a key masked, and never shows or remembers it', async () => {
      const screen = show(setup)
      screen.press('1')
      screen.paste('sk-secret-4711\n')
      const rows = await screen.rows()
      expect(rows.slice(19).join('\n')).to.contain('•'.repeat(14)).and.not.to.contain('secret-')
      screen.press('enter', 'up', 'alt+up')
      expect(screen.intents).to.deep.equal([['setup.choose', { key: '1', secret: 'sk-secret-4711' }]])
      await screen.rows()
      expect(screen.written.join('')).not.to.contain('4711')
    })

    it('lets go of it by escape', async () => {
      const screen = show(setup)
      screen.press('1')
      screen.type('abc')
      screen.send(escape)
      expect((await screen.rows()).slice(19).join('')).not.to.contain('•')
      screen.press('2')
      expect(screen.intents).to.deep.equal([['setup.choose', { key: '2' }]])
    })

    it('keeps a prompt that nobody could answer yet, and goes back to the choices', async () => {
      const screen = show(setup)
      screen.type('x!fix it')
      screen.press('enter')
      const rows = await screen.rows()
      expect(screen.intents).to.deep.equal([])
      expect(rows[21]).to.equal(' › x!fix it')
      expect(rows[23]).to.contain('choose how to begin first')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([])
      expect((await screen.rows())[20]).to.contain('Paste a key: not shown')
    })

    it('can be gone back to after a command of the person', async () => {
      const screen = show([
        ...setup,
        ['turn.started', { turn: 1, kind: 'command', prompt: 'ls', at: start }],
        ['turn.ended', { turn: 1, end: 'done', ms: 5, at: start + 5 }],
      ])
      for (let i = 0; i < 3 && !(await screen.rows()).some((row) => row.includes('3  Watch the demo')); i += 1)
        screen.press('tab')
      screen.press('3')
      expect(screen.intents).to.deep.equal([['setup.choose', { key: '3' }]])
    })

    it('goes over to the composer once there is a model', async () => {
      const screen = show(setup)
      screen.tell(['model.chosen', { model: 'local/qwen' }])
      screen.type('1 more')
      screen.press('enter')
      expect(screen.intents).to.deep.equal([['prompt.submit', { text: '1 more' }]])
    })
  })
})
