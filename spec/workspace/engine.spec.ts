import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { startContainer, type WorkspaceMount } from '../../lib/sandbox/container.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { Failure } from '../../lib/core/failure.ts'
import { type EngineAndImage, engineOrSkip, type Grounds, limits, makeGrounds, people } from '../support/sandbox.ts'
import { command, text, tree, type Mode } from './ground.ts'

for (const { who, user } of people) {
  for (const mode of ['overlay', 'copy'] as const) {
    describe(`a workspace in a container, filled by ${mode}, as ${who}`, () => {
      let engine: EngineAndImage
      let grounds: Grounds
      let sandbox: Sandbox
      let workspace: HostWorkspace

      before(async function () {
        engine = await engineOrSkip(this)
        grounds = await makeGrounds(user)
        write('.gitignore', 'node_modules/\n')
        write('src/a.ts', 'one\ntwo\nthree\n')
        write('src/b.ts', 'b\n')
        write('lib/deep/c.ts', 'c\n')
        command('chown', ['-R', `${user.uid}:${user.gid}`, grounds.project])
      })

      beforeEach(() => open())

      afterEach(async () => {
        await sandbox?.dispose()
        await workspace?.dispose()
      })

      after(() => grounds && fs.rmSync(grounds.folder, { recursive: true, force: true }))

      it('changes inside, is looked at from outside, and is applied', async () => {
        const before = tree(grounds.project)
        await sh('git init -q . && git add . && git commit -qm first')
        await sh("sed -i s/two/2/ src/a.ts && chmod +x src/a.ts && rm -rf lib && mkdir -p lib node_modules/x 'new dir'")
        await sh(
          "echo l > lib/l.ts && echo x > node_modules/x/i.js && printf x > 'new dir/a\nb' && ln -s src/a.ts link",
        )
        expect((await workspace.changes()).map(({ kind, path }) => `${kind} ${path}`)).to.deep.equal([
          'deleted lib/deep/c.ts',
          'added lib/l.ts',
          'added link',
          'added new dir/a\nb',
          'changed src/a.ts',
        ])
        expect(await workspace.ignored()).to.deep.equal(['node_modules/'])
        expect(tree(grounds.project)).to.deep.equal(before)
        const { conflicts, refused } = await workspace.apply('all')
        expect({ conflicts, refused }).to.deep.equal({ conflicts: [], refused: [] })
        expect(text(grounds.project, 'src/a.ts')).to.equal('one\n2\nthree\n')
        const after = tree(grounds.project)
        expect(Object.keys(after).toSorted()).to.deep.equal([
          '.gitignore',
          'lib',
          'lib/l.ts',
          'link',
          'new dir',
          'new dir/a\nb',
          'src',
          'src/a.ts',
          'src/b.ts',
        ])
        for (const about of Object.values(after)) expect(about).to.include(` ${user.uid}:${user.gid}`)
        expect(await workspace.changes()).to.deep.equal([])
      })

      it('discards through the sandbox, and goes back', async () => {
        await sh('echo more >> src/b.ts && rm src/a.ts && mkdir -p made && echo n > made/n.ts')
        const { paths, checkpoint } = await workspace.discard('all')
        expect(paths).to.deep.equal(['made/n.ts', 'src/a.ts', 'src/b.ts'])
        expect(await sh('cat src/*; test -e made || echo gone')).to.equal('one\n2\nthree\nb\ngone\n')
        expect(await workspace.changes()).to.deep.equal([])
        await workspace.restore(checkpoint)
        expect(await sh('cat src/* made/*')).to.equal('b\nmore\nn\n')
        await workspace.discard('all')
      })

      it('sees a folder made again through the sandbox', async () => {
        await sh('echo new > src/b.ts')
        expect((await workspace.changes()).map(({ path }) => path)).to.deep.equal(['src/b.ts'])
        await sh('rm -rf src && mkdir src && printf "b\\n" > src/b.ts')
        expect((await workspace.changes()).map(({ kind, path }) => `${kind} ${path}`)).to.deep.equal([
          'deleted src/a.ts',
        ])
        await workspace.discard('all')
        expect(await sh('cat src/a.ts; test -x src/a.ts && echo runs')).to.equal('one\n2\nthree\nruns\n')
      })

      async function open(): Promise<void> {
        const opened = await openWorkspace({
          project: grounds.project,
          store: join(grounds.folder, 'store'),
          owner: user,
          signal: AbortSignal.timeout(60_000),
          start: (mount) => start(mount, mode),
        })
        sandbox = opened.sandbox
        workspace = opened.workspace
      }

      async function start(mount: WorkspaceMount, wanted: Mode): Promise<Sandbox> {
        if (mount.kind === 'overlay' && wanted === 'copy') throw new Failure('sandbox', 'No overlay, please.')
        const { project, home, runtimeDir } = grounds
        const where = { project, mount, home, runtimeDir }
        return startContainer(engine.engine, { image: engine.image, session: 'spec', user, limits, env: {}, ...where })
      }

      async function sh(line: string): Promise<string> {
        let said = ''
        const exit = await sandbox.run(['bash', '-c', line], {
          signal: AbortSignal.timeout(60_000),
          onOutput: (chunk) => void (said += chunk.toString()),
        })
        expect(exit.code, said).to.equal(0)
        return said
      }

      function write(path: string, content: string): void {
        const file = join(grounds.project, path)
        fs.mkdirSync(join(file, '..'), { recursive: true })
        fs.writeFileSync(file, content)
      }
    })
  }
}
