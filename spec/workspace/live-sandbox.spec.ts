import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../lib/core/failure.ts'
import { type WorkspaceMount, startContainer } from '../../lib/sandbox/container.ts'
import { startEmbedded } from '../../lib/sandbox/embedded.ts'
import type { Sandbox, Shell } from '../../lib/sandbox/sandbox.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { Live } from '../../lib/workspace/live.ts'
import { type Grounds, type Ready, backends, limits, makeGrounds } from '../support/sandbox.ts'

/** Milliseconds that a saved file may take to be seen inside; a loaded machine is given more. */
const promisedMs = 300
const margin = 4

for (const { backend, readyOrSkip, people } of backends) {
  const { who, user } = people.at(-1)!
  for (const mode of ['overlay', 'copy'] as const) {
    describe(`a live workspace in a sandbox: ${backend}, filled by ${mode}, as ${who}`, () => {
      let ready: Ready
      let grounds: Grounds
      let sandbox: Sandbox
      let workspace: HostWorkspace
      let live: Live
      let shell: Shell
      let heard = ''
      const waiting = new Set<() => void>()

      before(async function () {
        this.timeout(60_000)
        ready = await readyOrSkip(this)
        grounds = await makeGrounds(user)
        save('src/a.ts', 'a\n')
        save('src/old/deep/b.ts', 'b\n')
        const opened = await openWorkspace({
          project: grounds.project,
          store: join(grounds.folder, 'store'),
          owner: user,
          signal: AbortSignal.timeout(60_000),
          start,
        })
        sandbox = opened.sandbox
        workspace = opened.workspace
        live = await Live.start({
          workspace,
          onFollowed: () => {},
          onProblem: (failure) => void (heard += failure.message),
        })
        shell = await sandbox.shell()
        shell.output((text) => {
          heard += text
          for (const look of waiting) look()
        })
      })

      after(async () => {
        await live?.dispose()
        await sandbox?.dispose()
        await workspace?.dispose()
        if (grounds) fs.rmSync(grounds.folder, { recursive: true, force: true })
      })

      it('shows within 300 ms what is saved by rename, to a process that goes on running and to those who watch', async function () {
        this.timeout(30_000)
        // Prints the file whenever somebody tells it that something happened to it.
        const follower = `
const fs = require('node:fs')
const path = process.argv[1]
const show = () => { try { console.log('holds ' + fs.readFileSync(path, 'utf8').trim()) } catch {} }
fs.watch('src', (_, name) => name === 'a.ts' && show())
show()
console.log('watching')
`
        const hasNode = (await sandbox.run(['node', '--version'], { signal: AbortSignal.timeout(30_000) })).code === 0
        if (!hasNode) this.skip()
        await sandbox.files.write('/tmp/follower.js', Buffer.from(follower))
        const said = say('watching')
        const run = shell.run('node -e "$(cat /tmp/follower.js)" src/a.ts', { signal: ending.signal })
        await said
        for (const step of [1, 2, 3]) {
          const seen = say(`holds saved ${step}`)
          const saved = performance.now()
          save('src/a.ts', `saved ${step}\n`)
          await seen
          expect(performance.now() - saved).to.be.below(promisedMs * margin)
        }
        ending.abort()
        await run
      })

      it('lets folders go that the kernel remembers, and shows them again when they are made again', async function () {
        this.timeout(30_000)
        expect(await sh('cat src/old/deep/b.ts; ls -R src')).to.include('b.ts')
        await sh('stat src/old/new.ts')
        fs.rmSync(join(grounds.project, 'src/old'), { recursive: true })
        await until('test ! -e src/old && echo "[gone]"', '[gone]')
        await live.idle()
        expect(await sh('ls -A src')).to.equal('a.ts\n')
        save('src/old/new.ts', 'new\n')
        await until('ls src/old && cat src/old/new.ts', 'new.ts\nnew\n')
        expect(await workspace.changes()).to.deep.equal([])
      })

      const ending = new AbortController()

      function say(text: string): Promise<void> {
        const from = heard.length
        return new Promise((resolve) => {
          const look = () => {
            if (!heard.slice(from).includes(text)) return
            waiting.delete(look)
            resolve()
          }
          waiting.add(look)
        })
      }

      async function sh(line: string): Promise<string> {
        let said = ''
        const onOutput = (chunk: Buffer) => void (said += chunk.toString())
        await sandbox.run(['sh', '-c', line], { signal: AbortSignal.timeout(20_000), onOutput })
        return said
      }

      async function until(line: string, wanted: string): Promise<void> {
        for (const began = performance.now(); ;) {
          const said = await sh(line)
          if (said.includes(wanted)) return
          if (performance.now() - began > 10_000) throw new Error(`${line} says ${said}, not ${wanted}\n${heard}`)
        }
      }

      async function start(mount: WorkspaceMount): Promise<Sandbox> {
        if (mount.kind === 'overlay' && mode === 'copy') throw new Failure('sandbox', 'No overlay, please.')
        const { project, home, runtimeDir } = grounds
        const common = { project, mount, home, runtimeDir, user, limits, env: {} }
        if (ready === 'embedded')
          return startEmbedded({
            ...common,
            tools: { path: `${join(process.execPath, '..')}:/usr/bin:/bin`, home: '/nonexistent' },
          })
        const { engine, image } = ready
        return startContainer(engine, { ...common, image, ownImage: image, session: 'spec' })
      }

      /** As an editor does. */
      function save(path: string, content: string): void {
        const file = join(grounds.project, path)
        fs.mkdirSync(join(file, '..'), { recursive: true })
        fs.writeFileSync(`${file}.saving`, content)
        for (let made = `${file}.saving`; made !== grounds.folder; made = join(made, '..'))
          fs.chownSync(made, user.uid, user.gid)
        fs.renameSync(`${file}.saving`, file)
      }
    })
  }
}
