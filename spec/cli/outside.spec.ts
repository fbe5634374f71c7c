import { expect } from 'chai'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outside } from '../../lib/cli/outside.ts'
import { readEnvironment } from '../../lib/config/environment.ts'

const hasTmux = spawnSync('tmux', ['-V']).status === 0

/** `outside` with these variables; `lent` counts how often the terminal was given away. */
function make(variables: Record<string, string>) {
  const lent = { times: 0 }
  const lend = <T>(use: () => Promise<T>) => {
    lent.times += 1
    return use()
  }
  return { lent, ...outside({ environment: readEnvironment(variables), lend, signal: new AbortController().signal }) }
}

const leftovers = () => readdirSync(tmpdir()).filter((name) => /^drydock-\w{6}$/.test(name)).length

describe('cli/outside', () => {
  it('opens a text in an editor given as words for a shell, and gives what became of it', async () => {
    const before = leftovers()
    const { open, lent } = make({ VISUAL: "sed -i -e 's/one/two words/'" })
    expect(await open('one\n', 'editor', 'prompt.md')).to.equal('two words\n')
    expect(lent.times).to.equal(1)
    expect(leftovers()).to.equal(before)
  })

  it('says with what a program ended, and leaves no file behind', async () => {
    const before = leftovers()
    const said = await make({ PAGER: 'exit 3;' })
      .open('x', 'pager', 'x.md')
      .catch((error: unknown) => error)
    expect(said).to.include({ code: 'terminal', message: 'exit 3; ended with status 3; PAGER names another.' })
    expect(leftovers()).to.equal(before)
  })

  it('has no clipboard outside of tmux', async () => {
    expect(await make({}).copy('x')).to.equal(false)
  })

  describe('in tmux', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drydock-tmux-spec-'))
    const socket = join(folder, 's')
    const before = process.env.TMUX
    const tmux = (...argv: string[]) => execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...argv]).toString()

    beforeEach(function () {
      if (!hasTmux) this.skip()
      tmux('new-session', '-d')
      process.env.TMUX = `${socket},0,0`
    })
    afterEach(() => {
      if (before === undefined) delete process.env.TMUX
      else process.env.TMUX = before
      if (existsSync(socket)) tmux('kill-server')
      rmSync(folder, { recursive: true, force: true })
    })

    it("puts a text into tmux's buffer, whatever its size", async () => {
      const text = 'ü\t'.repeat(200_000)
      expect(await make({ TMUX: process.env.TMUX! }).copy(text)).to.equal(true)
      expect(tmux('show-buffer')).to.equal(text)
    })
  })
})
