import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { type LiveProject, openLiveProject } from '../support/live-project.ts'
import { backends } from '../support/sandbox.ts'

/** Milliseconds in which what is saved is promised to be seen inside; a loaded machine is given more. */
const promisedMs = 300
const margin = 4

for (const { backend, readyOrSkip, people } of backends) {
  const { who, user } = people.at(-1)!
  for (const mode of ['overlay', 'copy'] as const) {
    describe(`a live workspace in a sandbox: ${backend}, filled by ${mode}, as ${who}`, function () {
      this.timeout(60_000)
      let opened: LiveProject

      before(async function () {
        const files = { 'src/a.ts': 'a\n', 'src/old/deep/b.ts': 'b\n' }
        opened = await openLiveProject(await readyOrSkip(this), { mode, user, files })
      })
      after(() => opened?.close())

      it('shows within 300 ms what is saved by rename, to a process that goes on running and watches', async function () {
        const { stdout } = await sh('command -v node')
        if (stdout === '') this.skip()
        const follower = await opened.follow('src/a.ts')
        expect(await follower.next()).to.equal('a\n')
        for (const step of [1, 2, 3]) {
          const saved = performance.now()
          opened.save('src/a.ts', `saved ${step}\n`)
          expect(await follower.next()).to.equal(`saved ${step}\n`)
          expect(performance.now() - saved).to.be.below(promisedMs * margin)
        }
        follower.stop()
      })

      it('lets folders go that the kernel remembers, and shows them again when they are made again', async () => {
        expect((await sh('cat src/old/deep/b.ts; ls -R src; stat src/old/new.ts')).stdout).to.include('b.ts')
        fs.rmSync(join(opened.project, 'src/old'), { recursive: true })
        await until('test ! -e src/old && echo gone', 'gone\n')
        await opened.live.idle()
        expect((await sh('ls -A src')).stdout).to.equal('a.ts\n')
        opened.save('src/old/new.ts', 'new\n')
        await until('ls src/old && cat src/old/new.ts', 'new.ts\nnew\n')
        expect(await opened.workspace.changes()).to.deep.equal([])
        expect(opened.problems).to.deep.equal([])
      })

      async function sh(line: string): Promise<{ stdout: string }> {
        let stdout = ''
        const onOutput = (chunk: Buffer, from: string) => void (from === 'stdout' && (stdout += chunk.toString()))
        await opened.sandbox.run(['sh', '-c', line], { signal: AbortSignal.timeout(20_000), onOutput })
        return { stdout }
      }

      /** Each look is a program of its own, which takes its time. */
      async function until(line: string, wanted: string): Promise<void> {
        for (const began = performance.now(); ;) {
          const { stdout } = await sh(line)
          if (stdout === wanted) return
          if (performance.now() - began > 20_000) throw new Error(`${line} says ${stdout}, not ${wanted}`)
        }
      }
    })
  }
}
