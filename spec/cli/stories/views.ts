import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Story } from './story.ts'

const call = (name: string, args: object) => ({ calls: [{ name, arguments: args }] })

/** What is between the header and the status line, which says things for a moment. */
const panes = (rows: string[]) => rows.slice(1, -1).join('\n')

/** Looking at what there is beside the conversation, and working with it. */
export const viewStories: Story[] = [
  [
    'the files are a tree: folders open, a name is found, a path goes into the prompt',
    async (stage) => {
      stage.press('ctrl+x', 'f')
      stage.click('src')
      await stage.sees('▾ src')
      await stage.sees('long.js')
      stage.press('/')
      stage.type('other')
      await stage.sees('…other.js')
      stage.press('escape')
      await stage.misses('…other.js')
      stage.press('g', '@')
      await stage.sees('› @')
      stage.press('ctrl+x', 'i', 'ctrl+u')
      await stage.sees('What is to be done?')
    },
  ],
  [
    'a file opens in the viewer, which goes to a line and finds a word',
    async (stage) => {
      stage.click('README.md')
      stage.press('enter')
      await stage.sees('A project for them.')
      stage.press('ctrl+x', 'ctrl+f')
      stage.type('long')
      await stage.sees('src/long.js')
      stage.press('enter')
      await stage.sees('export const value3 = 3')
      stage.press(':')
      stage.type('57\r')
      await stage.sees('export const value57 = 57')
      stage.press('/')
      stage.type('value12\r')
      await stage.sees('export const value12 = 12')
      stage.press('q')
      await stage.misses('VIEWER')
    },
  ],
  [
    'of a diff one hunk is dropped and the other applied',
    async (stage) => {
      const edits = [
        { old: 'value2 = 2\n', new: 'value2 = 200\n' },
        { old: 'value50 = 50\n', new: 'value50 = 5000\n' },
      ]
      stage.says(call('edit', { path: 'src/long.js', edits }), { text: 'Two places edited.' })
      stage.ask('Edit it.')
      await stage.sees('Two places edited.')
      await stage.idle()
      stage.press('ctrl+g')
      await stage.sees('value2 = 200')
      await stage.sees('value50 = 5000')
      const file = () => readFileSync(join(stage.project, 'src/long.js'), 'utf8')
      expect(file()).to.include('value2 = 2\n')
      stage.press('space')
      await stage.sees('○ ⋯ 1–5')
      stage.press('a')
      await stage.sees('Applied 1 file to the project: src/long.js')
      expect(file()).to.include('value50 = 5000\n').and.include('value2 = 2\n')
      stage.press('ctrl+g', 'q')
      await stage.misses('DIFF')
    },
  ],
  [
    "the keyboard of the agent's terminal is taken, and given back",
    async (stage) => {
      stage.press('alt+k')
      await stage.sees('keyboard: you')
      stage.type('echo from-$((40+2))\r')
      await stage.sees('from-42')
      stage.press('alt+k')
      await stage.sees('keyboard: agent')
      stage.press('ctrl+x', 't', 'q')
      await stage.misses('TERMINAL')
    },
  ],
  [
    'the palette does what it names',
    async (stage) => {
      stage.press('ctrl+p')
      stage.type('what the sandbox and')
      await stage.sees('Show what the sandbox and the model use')
      stage.press('enter')
      await stage.sees('MONITOR')
      stage.press('q')
      await stage.misses('MONITOR')
    },
  ],
  [
    'the help says what every key does',
    async (stage) => {
      stage.press('ctrl+x', '?')
      await stage.sees('a key, or what it is to do')
      stage.type('ctrl+x z')
      await stage.sees('Give this pane the whole screen')
      stage.press('escape')
      await stage.misses('Give this pane the whole screen')
    },
  ],
  [
    'a divider is dragged, and a pane has the whole screen for a while',
    async (stage) => {
      stage.click('Diff')
      await stage.sees('DIFF')
      const before = stage.rows()[1]!.lastIndexOf('┬')
      stage.dragCell({ col: before, row: 5 }, -10)
      await stage.sees((rows) => rows[1]!.lastIndexOf('┬') === before - 10)
      stage.dragCell({ col: before - 10, row: 5 }, 10)
      await stage.sees((rows) => rows[1]!.lastIndexOf('┬') === before)
      stage.press('ctrl+x', 'z')
      await stage.sees((rows) => !rows[1]!.includes('┬'))
      stage.press('ctrl+x', 'z')
      await stage.sees((rows) => rows[1]!.lastIndexOf('┬') === before)
      stage.press('q')
      await stage.misses('DIFF')
    },
  ],
  [
    'the monitor shows what the sandbox uses',
    async (stage) => {
      stage.press('ctrl+x', 'm')
      await stage.sees('MONITOR')
      await stage.sees(/memory +\d[^]*processes +\d[^]*tokens +\d/)
      stage.press('q')
      await stage.misses('MONITOR')
    },
  ],
  [
    'the plan shows how far the model has come',
    async (stage) => {
      const steps = [
        { text: 'Look around', state: 'done' },
        { text: 'Mend the roof', state: 'doing' },
      ]
      stage.says(call('plan', { steps }), { text: 'That is the plan.' })
      stage.ask('What will you do?')
      await stage.sees('That is the plan.')
      await stage.idle()
      stage.press('ctrl+x', 'p')
      await stage.sees('PLAN')
      await stage.sees(/✓ Look around[^]*› Mend the roof/)
      stage.press('q')
      await stage.misses('PLAN')
    },
  ],
  [
    'another theme holds at once',
    async (stage) => {
      const ground = () =>
        stage
          .cells()[0]!
          .map(({ look }) => look)
          .join()
      const before = ground()
      stage.press('ctrl+x', 's')
      stage.type('light')
      stage.press('enter')
      await stage.sees(() => ground() !== before)
      stage.press('ctrl+x', 's')
      stage.type('dark')
      stage.press('enter')
      await stage.sees(() => ground() === before)
    },
  ],
  [
    'a small terminal has the panes as tabs, and all is back with its size',
    async (stage) => {
      const before = panes(stage.rows())
      stage.resize(40, 10)
      await stage.sees((rows) => rows.length === 10 && rows[1]!.startsWith(' CONVERSATION Files'))
      stage.click('Files')
      await stage.sees('FILES')
      stage.press('ctrl+x', 'i')
      stage.resize(stage.size.cols, stage.size.rows)
      await stage.sees((rows) => panes(rows) === before)
    },
  ],
  [
    'the mouse is left to the terminal, and taken back',
    async (stage) => {
      stage.press('alt+m')
      await stage.sees(() => stage.terminal.modes().mouse === 'none')
      stage.press('alt+m')
      await stage.sees(() => stage.terminal.modes().mouse !== 'none')
    },
  ],
]
