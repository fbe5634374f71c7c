import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, agentPath, eventsOf, makePlace, runAgent, startAgent, treeOf } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, type Turn, startModelServer } from '../support/model-server.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { openTerminal } from '../support/virtual-terminal.ts'

const key = 'sk-spec-0123456789abcdef'

function shell(command: string): Turn {
  return { calls: [{ name: 'shell', arguments: { command } }] }
}

describe('agent run', () => {
  let place: Place
  let project: string
  let server: ModelServer
  /** What the server answers: looked at with each request. */
  let served: ModelServerOptions

  beforeEach(async () => {
    served = { turns: [{ text: 'Done.' }] }
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: key, OPENAI_BASE_URL: server.url })
    project = place.project({ 'a.txt': 'one\n', 'src/b.txt': 'two\n' })
  })
  afterEach(async () => {
    await server.close()
    place.dispose()
  })

  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })
  const run = (...args: string[]) => agent('run', '--model', 'openai/spec', ...args)

  /** Every file below the place's home but the project, as its path. */
  const kept = () =>
    readdirSync(place.home, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !path.startsWith('project') && lstatSync(join(place.home, path)).isFile(),
    )

  it('takes its prompt as an argument, after `--`, by `-`, and from standard input', async () => {
    const prompts: { args: string[]; input?: string; prompt: string }[] = [
      { args: ['Mend it.'], prompt: 'Mend it.' },
      { args: ['--', '--mend', 'it'], prompt: '--mend it' },
      { args: ['-'], input: 'Mend\nthis.\n', prompt: 'Mend\nthis.\n' },
      { args: [], input: 'Mend that. Ünï 🚢', prompt: 'Mend that. Ünï 🚢' },
    ]
    for (const { args, input } of prompts)
      expect(
        await runAgent(['run', '--model', 'openai/spec', ...args], { cwd: project, env: place.env, input }),
      ).to.deep.equal({ code: 0, signal: null, stdout: 'Done.\n', stderr: '' })
    const asked = server.requests.map(({ body }) => body.messages.at(-1).content)
    expect(asked).to.deep.equal(prompts.map(({ prompt }) => prompt))
  })

  it('stands on an overlay of the project: nothing is copied', async function () {
    await engineOrSkip(this)
    served.turns = [shell('true'), { text: 'Done.' }]
    const { stdout } = await run('--json', 'x')
    const told = eventsOf(stdout).flatMap(({ event, data }) => (event === 'sandbox.status' ? [data['text']] : []))
    expect(told.slice(0, -1)).to.deep.equal(['looking for a container engine', 'starting the container'])
  })

  it('asks the model of --model, else that of the configuration, else one there is a key for', async () => {
    await agent('run', 'x')
    place.write('.config/drydock/config.toml', 'model = "openai/mine"\n')
    await agent('run', 'x')
    await run('x')
    expect(server.requests.map(({ body }) => body.model)).to.deep.equal(['gpt-5', 'mine', 'spec'])
  })

  it('ends quietly when nobody reads on', async () => {
    served.turns = [{ text: 'line\n'.repeat(20_000), rate: 2000 }]
    for (const flag of ['', '--json']) {
      const line = `"$0" "$1" run ${flag} --model openai/spec x | head -1; echo "status \${PIPESTATUS[0]}"`
      const child = runBash(line)
      const { stdout, stderr, code } = await child
      expect({ stderr, code }).to.deep.equal({ stderr: '', code: 0 })
      expect(stdout.split('\n').slice(1)).to.deep.equal(['status 130', ''])
    }
  })

  const runBash = (line: string) =>
    runAgent([], { cwd: project, env: place.env, wrap: ['bash', '-c', line], program: agentPath })

  describe('with a sandbox', () => {
    before(async function () {
      await engineOrSkip(this)
    })

    it('prints one event a line with --json, in the order of what happened', async () => {
      served.turns = [{ text: 'Look.', calls: [{ name: 'read', arguments: { path: 'a.txt' } }] }, { text: 'Done.' }]
      const { code, stdout, stderr } = await run('--json', 'x')
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
      const events = eventsOf(stdout)
      expect(events.map(({ event }) => event)).to.deep.equal([
        'session.opened',
        'prompt.submit',
        'turn.started',
        'message.added',
        'text.delta',
        'usage.counted',
        'message.added',
        'tool.started',
        'sandbox.status',
        'sandbox.status',
        'sandbox.status',
        'tool.ended',
        'message.added',
        'text.delta',
        'usage.counted',
        'message.added',
        'turn.ended',
      ])
      expect(events.find(({ event }) => event === 'tool.ended')!.data).to.include({ ok: true, turn: 1 })
    })

    it('lets what models, tools and file names say do nothing to the terminal', async () => {
      const hostile = '\x1b[31mred\x1b]0;title\x07 \x9b2J \u202egnp\u2066 {bold}x{/bold} \r\b end'
      served.turns = [
        {
          text: hostile,
          calls: [
            {
              name: 'shell',
              arguments: { command: `printf '%b' '\\033[2J\\033]0;t\\007 \\302\\233 \\342\\200\\256'` },
            },
            { name: 'write', arguments: { path: 'x\x1b[31m\u202e.txt', content: `${hostile}\n` } },
            { name: hostile, arguments: hostile },
          ],
        },
        { text: 'Done.' },
      ]
      for (const flags of [[], ['--json']]) {
        const { stdout, stderr, code } = await run(...flags, hostile)
        expect(code).to.equal(0)
        // oxlint-disable-next-line no-control-regex -- these are what must not come
        const dangerous = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
        expect(stdout).not.to.match(dangerous)
        expect(stderr).not.to.match(dangerous)
      }
      for (const colour of [true, false]) {
        const terminal = openTerminal({
          argv: [process.execPath, agentPath, 'diff'],
          cwd: project,
          env: { ...place.env, ...(!colour && { NO_COLOR: '1' }) },
        })
        try {
          expect(await terminal.exit).to.equal(0)
          expect(terminal.output).to.include('diff --git')
          const painted = colour ? /\x1b\[\d*m|\r\n/g : /\r\n/g
          expect(terminal.output.replaceAll(painted, '')).not.to.match(
            // oxlint-disable-next-line no-control-regex -- as above
            /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/,
          )
        } finally {
          terminal.dispose()
        }
      }
    })

    it('keeps a key in no file, and every file for its owner alone', async () => {
      place.write('.config/drydock/config.toml', '[log]\nlevel = "debug"\n')
      served.turns = [{ text: `Your key is ${key}.`, ...shell(`echo ${key}`) }, { text: `It is still ${key}.` }]
      expect(await run(`My key is ${key}.`)).to.include({ code: 0 })
      const files = kept()
      expect(files.filter((path) => readFileSync(join(place.home, path)).includes(key))).to.deep.equal([])
      const logs = files.filter((path) => /log\.jsonl$|drydock\.log$|session\.json$/.test(path))
      expect(logs).to.have.length(3)
      for (const path of logs) expect(lstatSync(join(place.home, path)).mode & 0o777, path).to.equal(0o600)
      for (const path of ['.local', '.local/share', '.local/share/drydock', '.local/state/drydock'])
        expect(lstatSync(join(place.home, path)).mode & 0o077, path).to.equal(0)
    })

    it('works on one workspace run after run, which diff, apply, discard and its restore speak of', async function () {
      this.timeout(40_000)
      const before = treeOf(project)
      served.turns = [shell('echo three > c.txt; echo more >> a.txt; rm src/b.txt'), { text: 'Done.' }]
      const first = await run('x')
      expect(first).to.include({ code: 0, stdout: 'Done.\n' })
      expect(first.stderr.split('\n').slice(-5)).to.deep.equal([
        'M a.txt +1 −0',
        'A c.txt +1 −0',
        'D src/b.txt +0 −1',
        '3 files differ from the project: `agent diff` shows them, `agent apply` writes them.',
        '',
      ])
      served.turns = [shell('cat a.txt c.txt; ls src'), { text: 'Seen.' }]
      await run('y')
      expect(server.requests.at(-1)!.body.messages.at(-1).content).to.contain('one\nmore\nthree')
      expect(treeOf(project)).to.deep.equal(before)

      expect(await agent('diff', 'src')).to.deep.equal({
        code: 0,
        signal: null,
        stdout:
          'diff --git a/src/b.txt b/src/b.txt\ndeleted file mode 100644\n--- a/src/b.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-two\n',
        stderr: '',
      })
      expect(await agent('apply', 'c.txt')).to.deep.include({ code: 0, stderr: 'applied c.txt\n' })
      expect(readFileSync(join(project, 'c.txt'), 'utf8')).to.equal('three\n')

      const discarded = await agent('discard', '--yes', 'src')
      const restore = /agent discard --restore (\S+)\n$/.exec(discarded.stderr)?.[1]
      expect(discarded).to.include({ code: 0 })
      expect(discarded.stderr).to.contain('D src/b.txt +0 −1\n').and.to.contain('discarded src/b.txt\n')
      expect((await agent('diff')).stdout).to.equal(
        'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,1 +1,2 @@\n one\n+more\n',
      )
      expect(await agent('discard', '--restore', restore!)).to.include({ code: 0 })
      expect((await agent('apply')).stderr).to.equal('applied a.txt\napplied src/b.txt\n')
      expect(existsSync(join(project, 'src/b.txt'))).to.equal(false)
      expect(await agent('apply')).to.deep.include({ code: 0, stderr: 'There was nothing to apply.\n' })
    })

    it('shows with diff what git can apply, to the byte', async function () {
      this.timeout(40_000)
      for (const [path, text] of Object.entries({
        'ends.txt': 'one\r\ntwo\r\n',
        'mixed.txt': 'one\r\ntwo\n',
        'open.txt': 'one\ntwo',
        'closed.txt': 'one\ntwo\n',
        'gone.txt': 'one',
        'empty.txt': '',
        'run.sh': 'true\n',
        'with space.txt': 'one\n',
      }))
        writeFileSync(join(project, path), text)
      const commands = [
        `printf 'one\\r\\n2\\r\\n' > ends.txt`,
        `printf 'one\\n2\\r\\n' > mixed.txt`,
        `printf '1\\ntwo' > open.txt`,
        `printf 'one\\ntwo' > closed.txt`,
        'rm gone.txt empty.txt',
        `chmod +x run.sh; echo more >> 'with space.txt'`,
        `printf '#!/bin/sh\\n' > new.sh; chmod +x new.sh; touch bare.txt; mkdir d; printf 'ü\\n' > 'd/q"uo\\te.txt'`,
      ]
      served.turns = [shell(commands.join('; ')), { text: 'Done.' }]
      await run('x')
      const { stdout } = await agent('diff')
      const copy = join(place.home, 'copy')
      cpSync(project, copy, { recursive: true, preserveTimestamps: true })
      execFileSync('git', ['apply', '-'], { cwd: copy, input: stdout })
      expect(await agent('apply')).to.include({ code: 0 })
      expect(treeOf(project)).to.deep.equal(treeOf(copy))
      expect(treeOf(project)).to.have.all.keys(
        'new.sh',
        'bare.txt',
        'd',
        'd/q"uo\\te.txt',
        'src',
        'src/b.txt',
        'a.txt',
        'ends.txt',
        'mixed.txt',
        'open.txt',
        'closed.txt',
        'run.sh',
        'with space.txt',
      )
    })

    it('applies at the end with --apply', async () => {
      served.turns = [shell('echo three > c.txt'), { text: 'Done.' }]
      const { code, stderr } = await run('--apply', 'x')
      expect(code).to.equal(0)
      expect(stderr).to.match(/\napplied c\.txt\n$/)
      expect(readFileSync(join(project, 'c.txt'), 'utf8')).to.equal('three\n')
    })

    it('leaves the workspace to the session that has it, and takes the next', async () => {
      served.turns = [shell('echo there; sleep 100')]
      const running = startAgent(['run', '--json', '--model', 'openai/spec', 'x'], { cwd: project, env: place.env })
      await running.saw('there\\n')
      const said = `Another session (process ${running.child.pid}) works in the workspace main. End it, or use its changes there.\n`
      expect(await agent('diff')).to.deep.include({ code: 1, stderr: said })
      served.turns = [shell('true'), { text: 'Done.' }]
      const named = await run('--workspace', 'main', 'y')
      expect(named.code).to.equal(1)
      expect(named.stderr.endsWith(said)).to.equal(true)
      const second = await run('y')
      expect(second, second.stderr).to.include({ code: 0 })
      expect(second.stderr).to.contain('\n● workspace 2\n')
      running.child.kill('SIGTERM')
      expect(await running.ended).to.include({ code: 130 })
      const none = '● workspace main\nThe workspace has no changes.\n'
      expect(await agent('diff')).to.deep.include({ code: 0, stderr: none })
    })
  })
})
