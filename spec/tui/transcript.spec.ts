import { expect } from 'chai'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { finished, opened, start, type Fact } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'

const turn = 1
const begin: Fact = ['turn.started', { turn, kind: 'prompt', prompt: 'Tell me.', at: start }]
const end: Fact = ['turn.ended', { turn, end: 'done', ms: 9, at: start + 9 }]
const said = (text: string): Fact => ['text.delta', { turn, kind: 'text', text }]
const answered = (text: string): Fact[] => [...opened, begin, said(text), end]

const answer = [
  'One sentence that is long enough to be broken by the width of the screen, and a word: `colour`.',
  '',
  '- a point',
  '  - another',
  '',
  '```make',
  'all: build',
  '\tcc -o all main.c',
  '```',
  '',
  'See [the page](https://example.org/a/page) about **colour** and colour.',
].join('\n')

/** What went to the terminal's clipboard, in order. */
const copied = async (screen: AppScreen) => {
  await screen.rows()
  return [...screen.written.join('').matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)].map(([, text]) =>
    Buffer.from(text!, 'base64').toString(),
  )
}
/** Where a text stands on the screen. */
const find = async (screen: AppScreen, text: string) => {
  const rows = await screen.rows()
  const y = rows.findIndex((row) => row.includes(text))
  expect(y, `"${text}" in\n${rows.join('\n')}`).to.be.greaterThan(-1)
  return { x: rows[y]!.indexOf(text), y }
}
const status = async (screen: AppScreen) => (await screen.rows()).at(-1)!

/** The line of a search, once all was looked through. */
async function searched(screen: AppScreen): Promise<string> {
  for (;;) {
    const row = (await screen.rows())[19]!
    if (!/of \d+…|searching…/.test(row)) return row
    await new Promise(setImmediate)
  }
}

function numbered(lines: number): string {
  return Array.from({ length: lines }, (_, i) => `row ${i + 1}`).join('\n')
}

describe('The conversation', () => {
  let open: AppScreen | undefined
  const show = (facts: Fact[], cols = 80, rows = 24, options: Partial<Parameters<typeof openAppScreen>[0]> = {}) =>
    (open = openAppScreen({ cols, rows, facts, ...options }))

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  describe('is copied', () => {
    it('by a drag, without the line breaks that the width made, and says how much', async () => {
      const screen = show(answered(answer))
      const [from, to] = [await find(screen, 'One sentence'), await find(screen, 'another')]
      screen.drag(from.x, from.y, to.x + 6, to.y)
      expect(await copied(screen)).to.deep.equal([
        'One sentence that is long enough to be broken by the width of the screen, and a word: colour.\n\n- a point\n  - another',
      ])
      expect(await status(screen)).to.contain('copied 4 lines')
    })

    it('with its tabs and without its margin where it is code', async () => {
      const screen = show(answered(answer))
      const [from, to] = [await find(screen, 'all: build'), await find(screen, 'cc -o')]
      screen.drag(0, from.y, to.x + 30, to.y)
      expect(await copied(screen)).to.deep.equal(['all: build\n\tcc -o all main.c'])
    })

    it('by two clicks as a word, by three as a line', async () => {
      const screen = show(answered(answer))
      const at = await find(screen, 'example.org')
      screen.click(at.x, at.y)
      screen.click(at.x, at.y)
      screen.click(at.x, at.y)
      expect(await copied(screen)).to.deep.equal([
        'https://example.org/a/page',
        'See the page (https://example.org/a/page) about colour and colour.',
      ])
    })

    it('as a message, and as code, by keys and by a click', async () => {
      const screen = show(answered(answer))
      await screen.rows()
      screen.press('ctrl+x', 'c', 'y', 'Y')
      const label = await find(screen, 'make  copy')
      screen.click(label.x + 7, label.y)
      const code = 'all: build\n\tcc -o all main.c'
      expect(await copied(screen)).to.deep.equal([answer, code, code])
      expect(await status(screen)).to.contain('copied the code, 2 lines')
    })

    it('to what the machine has, and not to the terminal then', async () => {
      const taken: string[] = []
      const copy = (text: string) => Promise.resolve(taken.push(text) > 0)
      const screen = show(answered('word'), 80, 24, { copy })
      await screen.rows()
      screen.press('ctrl+x', 'c', 'y')
      expect(await copied(screen)).to.deep.equal([])
      expect(taken).to.deep.equal(['word'])
    })

    it('as it was selected, whatever streams in meanwhile', async () => {
      const screen = show([...opened, begin, said('first words\n\n')])
      const at = await find(screen, 'first')
      screen.drag(at.x, at.y, at.x + 4, at.y)
      screen.clock.now += 1_000
      screen.tell(said(Array.from({ length: 12 }, (_, i) => `line ${i}`).join('\n')))
      const moved = await find(screen, 'first')
      const cells = (await screen.cells())[moved.y]!.slice(moved.x, moved.x + 6)
      expect(cells.map(({ look }) => look.includes('bg#2c3a55'))).to.deep.equal([true, true, true, true, true, false])
    })
  })

  describe('is searched', () => {
    const many = answered(Array.from({ length: 60 }, (_, i) => `line ${i}${i % 20 === 0 ? ' Needle' : ''}`).join('\n'))

    it('marks, counts, goes round in both directions, and ends by escape', async () => {
      const screen = show(many)
      await screen.rows()
      screen.press('ctrl+x', 'c', '/')
      screen.type('needle')
      expect(await searched(screen))
        .to.contain(' /needle')
        .and.to.contain('3 of 3')
      expect(await screen.cursor()).to.deep.equal({ x: 8, y: 19 })
      screen.press('enter', 'n')
      expect(await searched(screen)).to.contain('1 of 3')
      const first = await find(screen, 'Needle')
      expect((await screen.cells())[first.y]![first.x]!.look).to.equal('fg#16181d bg#d9b45b')
      screen.press('N', 'N')
      expect(await searched(screen)).to.contain('2 of 3')
      screen.send('\x1b[27u')
      expect((await screen.rows())[19]).not.to.contain('needle')
    })

    it('finds words over marks of emphasis and breaks of the width, and opens what holds them', async () => {
      const screen = show([...finished, ...answered(`${'long '.repeat(14)}**bold** words here`).slice(-3)])
      await screen.rows()
      screen.press('ctrl+x', 'c', '/')
      screen.type('bold words')
      expect(await searched(screen)).to.contain('1 of 1')
      screen.press('ctrl+u')
      screen.type('pass 12, fail 0')
      expect(await searched(screen)).to.contain('1 of 1')
      await find(screen, 'tests 12, pass 12, fail 0')
    })

    it('says so where nothing is found, and leaves a turn alone when it is ended', async () => {
      const screen = show([...opened, begin, said('words')])
      await screen.rows()
      screen.press('ctrl+x', 'c', '/')
      screen.type('(nothing[')
      expect(await searched(screen)).to.contain('nothing found')
      screen.send('\x1b[27u')
      expect(screen.intents).to.deep.equal([])
      screen.send('\x1b[27u')
      expect(screen.intents).to.deep.equal([['turn.cancel', {}]])
    })
    for (const [cols, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const)
      // prettier-ignore
      it(`looks so at ${cols}x${rows}`, async () => {
        const screen = show(many, cols, rows)
        await screen.rows()
        screen.press('ctrl+x', 'c', '/')
        screen.type('needle')
        while ((await screen.rows()).some((row) => /of \d+…|searching…/.test(row))) await new Promise(setImmediate)
        expectFrame(`search-${cols}x${rows}`, await screen.cells())
      })
  })

  it('shows what opens at the foot of the view, the head of it always', async () => {
    for (const [lines, last] of [
      [8, 'row 8'],
      [80, 'more below'],
    ] as const) {
      const call = { turn, id: 'c1', name: 'shell', summary: 'seq', arguments: '{"command":"seq"}', at: start }
      const screen = show([
        ...opened,
        begin,
        ['text.delta', { turn, kind: 'text', text: numbered(60) }],
        ['tool.started', call],
        ['tool.ended', { turn, id: 'c1', ok: true, summary: 'ok', text: numbered(lines), ms: 2 }],
        end,
      ])
      const at = await find(screen, '✓ shell')
      screen.click(at.x + 2, at.y)
      const rows = await screen.rows()
      expect(rows.some((row) => row.includes('✓ shell'))).to.equal(true)
      expect(rows.join('\n')).to.include(last)
      expect(rows.filter((row) => /row \d/.test(row)).length).to.be.greaterThan(7)
      await screen.close()
    }
  })

  it('opens a call to what it was given: a change as a diff, everything else by its name', async () => {
    const args = { path: 'src/a.js', old: 'let a = 1\nsame', new: 'let a = 2\nsame' }
    const call = { turn, id: 'c1', name: 'edit', summary: 'src/a.js', arguments: JSON.stringify(args), at: start }
    const grep = { ...call, id: 'c2', name: 'search', summary: 'x', arguments: '{"pattern":"x","glob":"*.js"}' }
    const screen = show([
      ...opened,
      begin,
      ['tool.started', call],
      ['tool.ended', { turn, id: 'c1', ok: true, summary: '+1 −1', text: 'Edited.', ms: 2 }],
      ['tool.started', grep],
      ['tool.ended', { turn, id: 'c2', ok: true, summary: '1 hit', text: 'src/a.js:1', ms: 2 }],
      end,
    ])
    for (const name of ['edit', 'search']) {
      const at = await find(screen, `✓ ${name}`)
      screen.click(at.x + 2, at.y)
    }
    expect((await screen.rows()).slice(6, 18).map((row) => row.trimEnd())).to.deep.equal([
      `   ✓ edit      src/a.js${' '.repeat(24)}+1 −1${' '.repeat(23)}2 ms`,
      '     − let a = 1',
      '     + let a = 2',
      '       same',
      '',
      '     Edited.',
      ` › ✓ search    x${' '.repeat(31)}1 hit${' '.repeat(23)}2 ms`,
      '     glob  *.js',
      '',
      '     src/a.js:1',
      '',
      '',
    ])
    // The word that differs stands out of its line, once what compares words is loaded.
    const { x, y } = await find(screen, 'let a = 2')
    const looks = async () => (await screen.cells())[y]!.slice(x, x + 9).map(({ look }) => look)
    while (new Set(await looks()).size === 1) await new Promise((resolve) => setImmediate(resolve))
    const [first, last] = [(await looks())[0], (await looks())[8]]
    expect(await looks()).to.deep.equal([...Array<string>(8).fill(first!), last])
  })

  it('opens a plan to its steps, and what only passes for one to what it says', async () => {
    const call = { turn, id: 'c1', name: 'plan', summary: 'Mend it', arguments: plan('doing'), at: start }
    const screen = show([
      ...opened,
      begin,
      ['tool.started', call],
      ['tool.ended', { turn, id: 'c1', ok: true, summary: '1/2 done', text: 'Noted.', ms: 2 }],
      ['tool.started', { ...call, id: 'c2', name: 'plan2', arguments: plan('constructor') }],
      ['tool.ended', { turn, id: 'c2', ok: false, summary: 'no', text: '', ms: 2 }],
      end,
    ])
    for (const name of ['✓ plan', '✗ plan2']) {
      const at = await find(screen, name)
      screen.click(at.x + 2, at.y)
    }
    const rows = (await screen.rows()).map((row) => row.trimEnd())
    expect(rows).to.include('     ✓ Read it')
    expect(rows).to.include('     › Mend it')
    expect(rows.filter((row) => row.includes('"state": "constructor"'))).to.have.length(1)
  })

  it('shows the file that a call is about in the viewer, by a click on its name and by a key', async () => {
    const args = JSON.stringify({ path: 'src/parse.js' })
    const call = { turn, id: 'c1', name: 'read', summary: 'src/parse.js', arguments: args, at: start }
    const facts: Fact[] = [
      ...opened,
      begin,
      ['tool.started', call],
      ['tool.ended', { turn, id: 'c1', ok: true, summary: '1 line', text: '', ms: 2 }],
      end,
    ]
    for (const ask of [byClick, byKey]) {
      const screen = show(facts, 120, 40)
      expect(await shown(screen)).to.equal(false)
      await ask(screen)
      for (let tries = 0; tries < 100 && !(await shown(screen)); tries += 1)
        await new Promise((resolve) => setImmediate(resolve))
      expect(await shown(screen)).to.equal(true)
      await screen.close()
    }
  })

  it('is gone through by turns', async () => {
    const turns = Array.from({ length: 3 }, (_, i): Fact[] => [
      ['turn.started', { turn: i, kind: 'prompt', prompt: `Prompt ${i}`, at: start }],
      ['text.delta', { turn: i, kind: 'text', text: 'words\n\n'.repeat(20) }],
      ['turn.ended', { turn: i, end: 'done', ms: 1, at: start }],
    ])
    const screen = show([...opened, ...turns.flat()])
    await screen.rows()
    const top = async () => (await screen.rows())[4]
    screen.press('ctrl+x', 'c', '{')
    expect(await top()).to.equal(' ▌ Prompt 2')
    screen.press('{')
    expect(await top()).to.equal(' ▌ Prompt 1')
    screen.press('}')
    expect(await top()).to.equal(' ▌ Prompt 2')
  })

  it('says how much is new where it is not followed, and goes there by a click', async () => {
    const screen = show([...opened, begin, said('words\n\n'.repeat(30))])
    await screen.rows()
    screen.wheel('up', 10, 10)
    expect((await screen.rows())[20]).to.contain('↓ more below  ctrl+end')
    screen.tell(said('one\n\ntwo'))
    const mark = await find(screen, '↓ 4 new lines')
    screen.click(mark.x, mark.y)
    expect((await screen.rows()).slice(17, 20)).to.deep.equal(['   one', '', '   two'])
  })

  it('is opened whole in the pager and the editor, with nothing in it that a terminal obeys', async () => {
    const seen: string[][] = []
    const openText = (text: string, program: string, name: string) => {
      seen.push([program, name, text])
      return Promise.resolve(text)
    }
    const screen = show(answered('a \x1b[31mred\x1b[0m word\n\n\ttab'), 80, 24, { open: openText })
    await screen.rows()
    screen.press('ctrl+x', 'c', '|', 'v')
    const text = '> Tell me.\n\na red word\n\n\ttab\n'
    expect(seen).to.deep.equal([
      ['pager', 'conversation.md', text],
      ['editor', 'conversation.md', text],
    ])
  })

  it('hands addresses of the web to the terminal as links, and no others', async () => {
    const screen = show(answered('[a](https://example.org/x) [b](javascript:alert) https://example.net/y.'))
    await screen.rows()
    const links = [...screen.written.join('').matchAll(/\x1b\]8;[^;]*;([^\x1b]+)\x1b\\/g)].map(([, href]) => href)
    expect([...new Set(links)]).to.deep.equal(['https://example.org/x', 'https://example.net/y'])
  })

  it('scrolls a stream twelve times a second, and shows all of it once the turn is over', async () => {
    const screen = show([...opened, begin])
    await screen.rows()
    const tops = new Set<string>()
    for (let i = 0; i < 200; i += 1) {
      screen.clock.now += 5
      screen.tell(said(`line ${i}\n\n`))
      tops.add((await screen.rows())[3]!)
    }
    expect(tops.size).to.be.within(8, 16)
    screen.tell(end)
    expect((await screen.rows())[19]).to.equal('   line 199')
  })
})

/** Whether the viewer shows the file. */
async function shown(screen: AppScreen): Promise<boolean> {
  return (await screen.rows()).some((row) => row.includes('import { parts }'))
}

async function byClick(screen: AppScreen): Promise<void> {
  const at = await find(screen, 'src/parse.js')
  screen.click(at.x + 3, at.y)
}

async function byKey(screen: AppScreen): Promise<void> {
  screen.press('ctrl+x', 'c', 'f')
  await screen.rows()
}

/** A plan's arguments: one step that is done, and one in that state. */
function plan(state: string): string {
  return JSON.stringify({
    steps: [
      { text: 'Read\nit', state: 'done' },
      { text: 'Mend it', state },
    ],
  })
}
