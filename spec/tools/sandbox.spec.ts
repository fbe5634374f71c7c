import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { ToolContext, ToolResult } from '../../lib/tools/tool.ts'
import { engineOrSkip, people, type Started, startSandbox } from '../support/sandbox.ts'
import { wordsFolder } from './bench.ts'
import { contextOn } from './local-sandbox.ts'

const registry = createRegistry(createTools({ outputBytes: 2000, commandSeconds: 20, ignore: ['*.tmp'] }, wordsFolder))

for (const { who, user } of people) {
  describe(`tools: in the sandbox, as ${who}`, () => {
    let started: Started
    let context: ReturnType<typeof contextOn>

    before(async function () {
      started = await startSandbox(await engineOrSkip(this), { user })
    })
    beforeEach(() => {
      context = contextOn(started.sandbox, started.project)
    })
    after(() => started?.stop())

    function put(path: string, content: string | Buffer, mode = 0o644): void {
      const whole = join(started.project, path)
      const folder = dirname(whole)
      mkdirSync(folder, { recursive: true })
      writeFileSync(whole, content)
      chmodSync(whole, mode)
      for (const each of [folder, whole]) chownSync(each, user.uid, user.gid)
    }

    async function call(name: string, args: object, on: ToolContext = context): Promise<ToolResult> {
      const prepared = await registry.prepare({ name, arguments: JSON.stringify(args) })
      return prepared.ok ? registry.run(prepared, on) : prepared.result
    }

    it('writes, reads, edits, lists, searches, runs and deletes', async () => {
      expect(
        (await call('write', { path: 'src/add.js', content: 'function add(a, b) {\r\n  return a - b\r\n}\r\n' }))
          .summary,
      ).to.equal('new, +3')
      expect((await call('read', { path: 'src/add.js' })).text).to.equal(
        '1\tfunction add(a, b) {\n2\t  return a - b\n3\t}\n[lines 1–3, the end; line ends are CRLF]',
      )
      const edit = { path: 'src/add.js', old: 'b) {\n  return a - b', new: 'b) {\n  return a + b' }
      expect((await call('edit', edit)).summary).to.equal('+1 −1')
      expect((await call('list', {})).text).to.equal('src/\n  add.js')
      expect((await call('search', { pattern: 'a \\+ b' })).text).to.equal(
        '1 hit in 1 file\n\nsrc/add.js\n2:   return a + b',
      )
      const run = await call('shell', {
        command: "cd src && node -e \"eval(require('fs').readFileSync('add.js','utf8'));console.log(add(1,2))\"",
      })
      expect(run).to.deep.equal({
        ok: true,
        text: `3\n[the working directory is now ${started.project}/src]`,
        summary: 'ok',
      })
      expect((await call('shell', { command: 'pwd; cd ..' })).text).to.match(/\/src\n\[the working directory/)
      expect((await call('delete', { path: 'src', recursive: true })).summary).to.equal('folder deleted')
      expect((await call('list', {})).text).to.equal('[nothing in .]')
    })

    it('keeps the mode of what it edits', async () => {
      put('run.sh', '#!/bin/sh\necho one\n', 0o755)
      await call('edit', { path: 'run.sh', old: 'one', new: 'two' })
      expect((await call('shell', { command: './run.sh; stat -c %a run.sh' })).text).to.equal('two\n755\n')
    })

    const names = ['-rf', 'new\nline', '$(touch pwned)', 'a\'b"c', ' ', '*', 'é', '\\n', '--files']
    for (const name of names) {
      it(`treats the name ${JSON.stringify(name)} like any other`, async () => {
        const path = `odd/${name}`
        expect((await call('write', { path, content: 'needle\n' })).ok).to.equal(true)
        expect((await call('read', { path })).text).to.equal('1\tneedle\n[lines 1–1, the end]')
        expect((await call('edit', { path, old: 'needle', new: 'pin' })).ok).to.equal(true)
        expect((await call('search', { pattern: 'pin', path })).summary).to.equal('1 hit in 1 file')
        expect((await call('list', { path: 'odd' })).summary).to.equal('1 entry')
        expect((await call('delete', { path })).summary).to.equal('file deleted')
      })
    }

    const outside = ['/etc/passwd', '../../../etc/passwd', '/proc/self/environ', 'a\0b', '', 'x'.repeat(1_000_000)]
    for (const path of outside) {
      it(`refuses ${JSON.stringify(path.slice(0, 30))} to every tool`, async () => {
        const calls: [string, object][] = [
          ['read', { path }],
          ['write', { path, content: 'x' }],
          ['edit', { path, old: 'root', new: 'x' }],
          ['delete', { path, recursive: true }],
          ['list', { path }],
          ['search', { pattern: 'root', path }],
        ]
        for (const [name, args] of calls) expect(await call(name, args)).to.include({ ok: false, summary: 'refused' })
      })
    }

    it('says of a device, a pipe and a link in a circle that they are no files, and does not hang', async () => {
      await call('shell', { command: 'mkfifo pipe; ln -s loop loop; ln -s /dev/zero zero' })
      for (const path of ['pipe', 'loop', 'zero']) {
        const { ok, text } = await call('read', { path })
        expect(ok).to.equal(false)
        expect(text).to.have.length.lessThan(200)
      }
      await call('shell', { command: 'rm pipe loop zero' })
    })

    it('says what the system refuses', async () => {
      await call('shell', { command: 'mkdir shut; echo x >shut/a; chmod 0 shut' })
      if (user.uid !== 0) {
        expect(await call('read', { path: 'shut/a' })).to.include({ ok: false, summary: 'not permitted' })
        expect((await call('list', {})).text).to.include('shut/ (may not be read)')
      }
      await call('shell', { command: 'chmod 700 shut; rm -r shut' })
      expect((await call('read', { path: '/tmp/nothing' })).summary).to.equal('no such file')
      const home = await call('list', { path: '~' })
      expect(home.ok).to.equal(true)
    })

    it('finds its way in a flood, and the whole afterwards', async () => {
      const { text, ok } = await call('shell', { command: 'seq 1 200000' })
      expect(ok).to.equal(true)
      expect(text).to.match(/^1\n2\n3\n/)
      expect(text).to.match(/\n199999\n200000\n$/)
      const [path] = /\/tmp\/drydock\/output-\d+\.txt/.exec(text)!
      expect((await call('read', { path, offset: 150_000, limit: 1 })).text).to.match(/^150000\t150000\n/)
      expect((await call('search', { pattern: '^123456$', path })).text).to.include('123456: 123456')
    })

    it('ends a search as soon as there are enough hits', async () => {
      await call('shell', { command: 'mkdir many; for i in $(seq 50); do yes needle | head -100000 >many/$i; done' })
      const { summary } = await call('search', { pattern: 'needle', limit: 5 })
      expect(summary).to.equal('first 5 hits in 1 file')
      await call('shell', { command: 'rm -r many' })
    })

    it('is cancelled in the middle of a search, which then has ended inside', async () => {
      await call('shell', { command: 'mkfifo pipe' })
      const reason = new Error('escape')
      const running = call('search', { pattern: 'x', path: 'pipe' }).catch((error: unknown) => error)
      await started.sh('until grep -qx rg /proc/[0-9]*/comm; do sleep 0.02; done 2>/dev/null')
      context.controller.abort(reason)
      expect(await running).to.equal(reason)
      expect((await started.sh('grep -x rg /proc/[0-9]*/comm 2>/dev/null')).stdout).to.equal('')
      await started.sh('rm pipe')
    })

    it('is cancelled in a command, keeps what it printed, and goes on afterwards', async () => {
      context.onOutput = () => context.controller.abort(new Error('escape'))
      const { ok, text, summary } = await call('shell', { command: 'echo start; trap "" INT; sleep 1000' })
      expect([ok, summary]).to.deep.equal([false, 'cancelled'])
      expect(text).to.match(/^start\n+(Killed\n+)?\[cancelled by the person before it ended\]$/)
      const next = contextOn(started.sandbox, started.project)
      expect((await call('shell', { command: 'echo on' }, next)).text).to.include('on\n')
    })

    it('ends a command at its timeout', async () => {
      const { text, summary } = await call('shell', { command: 'echo start; sleep 1000', timeout: 0.3 })
      expect(summary).to.equal('timed out after 0.3 s')
      expect(text).to.match(/^start\n+(Killed\n)?\[timed out after 0\.3 s and was ended\]$/)
    })
  })
}
