import { type AppScreen, openAppScreen } from '../support/app-screen.ts'
import { type Fact, finished, opened, start, working } from '../support/facts.ts'
import { expectFrame } from '../support/frames.ts'
import { loadColours, settled } from '../support/settled.ts'

const prompts = [
  'Fix the parser.',
  'Why does format() round down?',
  '日本語のメッセージを追加して',
  'Add\na test\nfor it',
]

const turn = 7
const args = JSON.stringify({
  path: 'src/parse.js',
  old: 'return new Date(y, m - 1, d)',
  new: 'return dateOf(y, m, d)',
})
const edited: Fact[] = [
  ['turn.started', { turn, kind: 'prompt', prompt: 'Make it shorter.', at: start }],
  ['tool.started', { turn, id: 'e', name: 'edit', summary: 'src/parse.js', arguments: args, at: start }],
  ['tool.ended', { turn, id: 'e', ok: true, summary: '+1 −1', text: 'Edited src/parse.js.', ms: 2 }],
  ['turn.ended', { turn, end: 'done', ms: 9, at: start + 9 }],
]

/** What has no spec of its own that would keep its frame: lists over the panes, one pane alone, what is opened or written. */
const scenes: Record<string, { facts: Fact[]; act: (screen: AppScreen) => void }> = {
  help: { facts: opened, act: ({ press }) => press('ctrl+x', '?') },
  models: { facts: finished, act: ({ press }) => press('ctrl+x', 'o') },
  themes: { facts: finished, act: ({ press }) => press('ctrl+x', 's') },
  keys: { facts: finished, act: ({ press }) => press('ctrl+x', 'k') },
  history: { facts: finished, act: ({ press }) => press('ctrl+r') },
  zoomed: { facts: finished, act: ({ press }) => press('ctrl+g', 'ctrl+x', 'z') },
  opened: { facts: [...finished, ...edited], act: ({ press }) => press('ctrl+x', 'c', '[', 'enter', 'ctrl+end') },
  written: {
    facts: [...working, ['prompt.queued', { text: 'And then the docs.' }]] as Fact[],
    act({ type, press, paste }) {
      type('Look at 日本 and this: ')
      paste('a line\n'.repeat(40))
      press('alt+enter')
      type('all of it')
      press('shift+left', 'shift+left')
    },
  },
}

describe('tui/scenes', () => {
  before(loadColours)

  for (const [name, { facts, act }] of Object.entries(scenes))
    for (const [cols, rows] of [
      [80, 24],
      [120, 40],
      [200, 60],
    ] as const)
      it(`${name} at ${cols}x${rows}`, async () => {
        const screen = openAppScreen({ cols, rows, facts, prompts })
        try {
          await settled(screen)
          act(screen)
          await settled(screen)
          expectFrame(`${name}-${cols}x${rows}`, await screen.cells())
        } finally {
          await screen.close()
        }
      })
})
