import { expect } from 'chai'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { standInText } from '../../lib/workspace/masks.ts'
import { type Place, agentPath, makePlace, runAgent } from '../support/agent.ts'
import { processes } from '../support/sandbox.ts'
import { type VirtualTerminal, openTerminal, takesAnswers } from '../support/virtual-terminal.ts'

const call = (name: string, args: object) => `[[turns]]\n[[turns.calls]]\nname = "${name}"\narguments = ${toml(args)}\n`
const toml = (args: object) =>
  `{ ${Object.entries(args)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join(', ')} }`

describe('without a sandbox', function () {
  this.timeout(60_000)
  let place: Place
  let project: string
  let terminal: VirtualTerminal | undefined

  beforeEach(() => {
    place = makePlace({ SECRET_OF_THE_HOST: 'hunter2', COLORTERM: 'truecolor' })
    place.env['DOCKER_HOST'] = `unix://${join(place.home, 'none.sock')}`
    project = place.project({ 'a.txt': 'one\n', '.env': 'TOKEN=hunter2\n' })
  })
  afterEach(() => {
    terminal?.dispose()
    terminal = undefined
    place.dispose()
  })

  /** A model that makes these calls, one a turn, and says "Done." */
  function script(...calls: string[]): string {
    const end = '[[turns]]\ntext = "Done."\n'
    return `script/${place.write('script.toml', [...calls, end].join('\n'))}`
  }

  const run = (model: string, ...words: string[]) =>
    runAgent(['run', '--model', model, ...words, 'go'], { cwd: project, env: place.env })

  it('asks for each command, shows the mark as long as it lasts, and works on a copy', async () => {
    const commands = [
      'echo two > a.txt; sleep 1003.25 &',
      '(cat a.txt .env; env -0 | cut -z -d= -f1 | tr "\\0" "\\n" | sort) > seen',
    ]
    const model = script(...commands.map((command) => call('shell', { command })))
    const argv = [process.execPath, agentPath, '--backend', 'local', '--model', model]
    terminal = openTerminal({ argv, cwd: project, env: place.env, cols: 50, rows: 24 })
    const marked = () => {
      const at = terminal!.screen().at(-1)!.indexOf('LOCAL: no sandbox')
      const cells =
        at < 0
          ? []
          : terminal!
              .cells()
              .at(-1)!
              .slice(at, at + 'LOCAL: no sandbox'.length)
      return cells.length > 0 && cells.every(({ look }) => look.includes('bg#b3261e'))
    }
    await terminal.waitFor(() => marked())
    terminal.type('go\r')
    for (const _ of commands) {
      await terminal.waitFor('without a sandbox?', 20_000)
      expect(terminal.screen().join('\n')).to.not.match(/this session|always/)
      expect(marked()).to.equal(true)
      await terminal.waitFor(takesAnswers)
      terminal.press('y')
      await terminal.waitFor((rows) => !rows.join('\n').includes('without a sandbox?'))
    }
    await terminal.waitFor('Done.')
    expect(marked()).to.equal(true)
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.equal('one\n')
    terminal.press('ctrl+d')
    expect(await terminal.exit).to.equal(0)
    expect(processes().filter(({ pid }) => cmdline(pid) === 'sleep 1003.25 ')).to.deep.equal([])
    const { stdout } = await runAgent(['diff', 'seen', '--workspace', 'local'], { cwd: project, env: place.env })
    const seen = stdout.split('\n').filter((line) => /^\+[^+]/.test(line))
    const names = ['DRYDOCK_LOCAL', 'DRYDOCK_TAG', 'GIT_PAGER', 'GIT_TERMINAL_PROMPT', 'HOME', 'LANG', 'PAGER', 'PATH']
    const bashs = ['PWD', 'SHLVL', 'TAR_OPTIONS', 'TERM', '_']
    expect(seen).to.deep.equal(['two', standInText.trim(), ...names, ...bashs].map((line) => `+${line}`))
  })

  it('takes no yes ahead for a command, by no flag and no policy', async () => {
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "local"\n[policy]\nrun = "allow"\n')
    const { code, stderr } = await run(script(call('shell', { command: 'echo ran > ran.txt' })), '--allow', 'run')
    expect(code).to.equal(4)
    expect(stderr).to.match(
      /Nobody is here to answer "Let shell run without a sandbox\?"\. Without a sandbox each command wants/,
    )
  })

  it('reads and writes with tools in the copy alone, whatever links are in it', async () => {
    place.write('elsewhere/b.txt', 'outside\n')
    symlinkSync(join(place.home, 'elsewhere'), join(project, 'out'))
    const calls = [
      call('write', { path: 'a.txt', content: 'two\n' }),
      call('read', { path: 'out/b.txt' }),
      call('write', { path: 'out/new/c.txt', content: 'x' }),
      call('search', { pattern: 'outside', path: 'out' }),
      call('read', { path: '/etc/hostname' }),
    ]
    const { stdout } = await run(script(...calls), '--backend', 'local', '--json', '--apply', '--allow', 'project')
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; data: { ok: boolean } })
    const ended = events.filter(({ event }) => event === 'tool.ended').map(({ data }) => data.ok)
    expect(ended).to.deep.equal([true, false, false, false, false])
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.equal('two\n')
    expect(readFileSync(join(project, '.env'), 'utf8')).to.equal('TOKEN=hunter2\n')
  })

  it("is never fallen back to, nor a project's to ask for, and can be ruled out", async () => {
    const model = script(call('read', { path: 'a.txt' }))
    const refused = async (text: string, ...words: string[]) => {
      const { code, stderr } = await run(model, ...words)
      expect(code).to.not.equal(0)
      expect(stderr).to.contain(text)
    }
    for (const least of ['embedded', 'container']) {
      place.write('.config/drydock/config.toml', `[sandbox]\nrequire = "${least}"\n`)
      await refused(`sandbox.backend is "local", but sandbox.require is "${least}"`, '--backend', 'local')
    }
    place.write('.config/drydock/config.toml', '[sandbox]\nrequire = "container"\n')
    await refused('none.sock does not answer')
  })

  it('is named by doctor', async () => {
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "local"\n')
    const { stdout } = await runAgent(['doctor'], { cwd: project, env: place.env })
    expect(stdout).to.match(
      /^● sandbox +LOCAL: no sandbox: commands run on this machine, as you, after your yes to each$/m,
    )
  })
})

function cmdline(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
