import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Place, agentPath, makePlace } from '../support/agent.ts'
import { type VirtualTerminal, openTerminal } from '../support/virtual-terminal.ts'

describe('The screen in tmux', function () {
  this.timeout(60_000)
  let place: Place
  let terminal: VirtualTerminal
  let tmux: string[]

  before(function () {
    if (spawnSync('tmux', ['-V']).status !== 0) this.skip()
  })
  beforeEach(async () => {
    place = makePlace()
    place.write('.config/drydock/config.toml', 'model = "echo/x"\nsandbox.backend = "local"\n')
    const options = ['default-terminal tmux-256color', 'mouse on', 'status off', 'focus-events on']
    const config = place.write(
      'tmux.conf',
      options.map((option) => `set -g ${option}\n`).join('') + 'set -sg escape-time 0\n',
    )
    tmux = ['-S', join(place.home, 'tmux.sock'), '-f', config]
    const cwd = place.project({ 'a.txt': 'one\n' })
    const argv = ['tmux', ...tmux, 'new-session', process.execPath, agentPath]
    terminal = openTerminal({ argv, cwd, env: place.env, cols: 120, rows: 40 })
    await terminal.waitFor('What is to be done?')
  })
  afterEach(() => {
    spawnSync('tmux', [...tmux, 'kill-server'])
    terminal.dispose()
    place.dispose()
  })

  it('hears chords, Escape, typing, a paste and the mouse, and follows the size', async () => {
    terminal.press('ctrl+x')
    terminal.press('?')
    await terminal.waitFor('a key, or what it is to do')
    terminal.press('escape')
    await terminal.waitFor((rows) => !rows.join('').includes('a key, or what'))
    const prompt = '日本語 👩‍👩‍👧 end'
    terminal.paste(prompt)
    await terminal.waitFor('end')
    terminal.press('enter')
    // The model says what it was told.
    await terminal.waitFor((rows) => rows.filter((row) => /日本語.*end/.test(row)).length === 2)
    const titles = terminal.screen().findIndex((row) => row.includes('Diff'))
    terminal.click(terminal.screen()[titles]!.indexOf('Diff') + 1, titles)
    await terminal.waitFor('DIFF')
    terminal.resize(60, 20)
    await terminal.waitFor((rows) => rows.length === 20 && /Conversation.*DIFF/.test(rows.join(' ')))
    terminal.press('alt+m')
    terminal.press('ctrl+d')
    await terminal.waitFor('[exited]')
    expect(terminal.modes().alternateScreen).to.equal(false)
  })
})
