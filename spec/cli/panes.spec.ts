import { expect } from 'chai'
import type { SoloName } from '../../lib/tui/arrangement.ts'
import { until } from '../support/processes.ts'
import { sandboxOrSkip } from '../support/sandbox.ts'
import { type Stage, openStage } from '../support/stage.ts'
import { tmuxOrSkip } from '../support/tmux.ts'
import { takesAnswers } from '../support/virtual-terminal.ts'
import { config, files, shell } from './stories/story.ts'

const plan = (state: string) => ({ calls: [{ name: 'plan', arguments: { steps: [{ text: 'Begin', state }] } }] })

describe('A view in a tmux pane of its own', function () {
  this.timeout(30_000)
  let stage: Stage

  before(async function () {
    tmuxOrSkip(this)
    const backend = await sandboxOrSkip(this)
    stage = await openStage({ where: 'tmux', config: config(backend), files, size: { cols: 200, rows: 40 } })
    await stage.sees('sandbox ✓')
  })
  after(() => stage?.close())

  const panes = () => stage.tmux.run('list-panes', '-F', '#{pane_id}').trim().split('\n').filter(Boolean)
  const shown = (pane: string) => stage.tmux.run('capture-pane', '-p', '-t', pane)
  const send = (pane: string, ...keys: string[]) => void stage.tmux.run('send-keys', '-t', pane, ...keys)

  /** Waits until a pane shows it. */
  async function shows(pane: string, wanted: RegExp): Promise<void> {
    const end = performance.now() + 5_000
    await until(() => wanted.test(shown(pane)) || performance.now() > end)
    expect(shown(pane)).to.match(wanted)
  }

  /** Opens the view on the screen and has it in a pane; the screen goes on without it. Gives the pane. */
  async function popOut(view: SoloName, ...keys: string[]): Promise<string> {
    const before = panes()
    stage.press(...keys)
    await stage.sees(view.toUpperCase())
    stage.press('ctrl+x', 'w')
    const pane = await until(() => panes().find((one) => !before.includes(one)))
    await shows(pane, new RegExp(`^ ${view.toUpperCase()}`))
    stage.press('ctrl+x', 'h')
    return pane
  }

  async function closed(pane: string): Promise<void> {
    send(pane, 'q')
    await until(() => !panes().includes(pane))
  }

  it('the diff, with what the agent changes meanwhile; what is applied there is applied', async () => {
    const pane = await popOut('diff', 'ctrl+x', 'd')
    const edit = { path: 'README.md', old: 'A project', new: 'The project' }
    stage.says({ calls: [{ name: 'edit', arguments: edit }] }, { text: 'Edited.' })
    stage.ask('Edit it.')
    await shows(pane, /README\.md +\+1 −1[^]*\+ The project for them\./)
    send(pane, 'a')
    await stage.sees('Applied 1 file to the project: README.md')
    await shows(pane, /^ DIFF  /)
    await closed(pane)
  })

  it('the terminal, with what runs in it, and its keyboard', async () => {
    const pane = await popOut('terminal', 'ctrl+x', 't')
    stage.says(shell('echo said-$((40+2))'), { text: 'Ran.' })
    stage.ask('Run it.')
    await stage.sees(takesAnswers)
    stage.press('y')
    await shows(pane, /said-42/)
    await stage.sees('Ran.')
    send(pane, 'M-k')
    await shows(pane, /^ TERMINAL yours/)
    send(pane, 'echo typed-$((40+3))', 'Enter')
    await shows(pane, /typed-43/)
    send(pane, 'M-k')
    await shows(pane, /^ TERMINAL  /)
    await closed(pane)
  })

  it('the plan, step by step', async () => {
    const pane = await popOut('plan', 'ctrl+x', 'p')
    stage.says(plan('doing'), plan('done'), { text: 'Planned.' })
    stage.ask('Plan it.')
    await shows(pane, /✓ Begin/)
    await closed(pane)
  })

  it('the viewer, with the file that was open', async () => {
    stage.press('ctrl+x', 'ctrl+f')
    stage.type('long')
    await stage.sees('src/long.js')
    const pane = await popOut('viewer', 'enter')
    await shows(pane, /export const value3 = 3/)
    await closed(pane)
  })

  it('the monitor and the conversation, which go with their session', async () => {
    const monitor = await popOut('monitor', 'ctrl+x', 'm')
    await shows(monitor, /memory +\d/)
    const conversation = await popOut('conversation', 'ctrl+x', 'c')
    stage.says({ text: 'Heard on both.' })
    stage.press('ctrl+x', 'i')
    stage.ask('Say it.')
    await shows(conversation, /Heard on both\./)
    expect(panes()).to.have.length(3)
    await stage.idle()
    stage.press('ctrl+d')
    await stage.sees('[exited]')
  })
})
