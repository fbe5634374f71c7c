import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Lock } from '../../lib/workspace/lock.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import { inventory } from '../../lib/workspace/inventory.ts'
import { removeTree } from '../../lib/workspace/remove-tree.ts'
import { type Claim, Workspaces, packagesIn } from '../../lib/workspace/workspaces.ts'
import { type Grounds, type Ready, type Started, backends, makeGrounds, startSandbox } from '../support/sandbox.ts'
import { command } from '../workspace/ground.ts'

/** Takes from the person, where they are not root, every folder of theirs that the work can get at. */
const close = `cd "$W"; mkdir -p src; echo new >src/new; chmod 000 src; echo agent >a.txt
rm .git; mkdir .git; echo x >.git/HEAD; chmod 500 .git
cd /git; git -C /git commit-tree -m own $(git -C /git mktree </dev/null) >refs/heads/own; chmod 000 refs objects .
chmod 000 ~ /var/cache/packages "$W"`

for (const { backend, readyOrSkip, people } of backends)
  for (const { who, user } of people)
    describe(`attacks on the person's own rights: sandbox ${backend}, as ${who}`, function () {
      this.timeout(60_000)
      const isRoot = process.getuid!() === 0
      let ready: Ready
      let grounds: Grounds
      let workspaces: Workspaces
      let claim: Claim
      let box: Started

      before(async function () {
        ready = await readyOrSkip(this)
        grounds = await makeGrounds(user)
        mkdirSync(join(grounds.project, 'src/in'), { recursive: true })
        for (const path of ['a.txt', 'src/b.txt', 'src/in/c.txt'])
          writeFileSync(join(grounds.project, path), 'project\n')
        command('git', ['init', '-q', grounds.project])
        if (isRoot) command('chown', ['-R', `${user.uid}:${user.gid}`, grounds.project])
        workspaces = await Workspaces.open(join(grounds.folder, 'data'), grounds.project)
      })
      after(async () => {
        await box?.sandbox.dispose()
        if (grounds) await removeTree(grounds.folder)
      })

      async function open() {
        claim = await workspaces.claim()
        const { store, shared, lock } = claim
        if (isRoot) for (const path of [shared, store]) chownSync(path, user.uid, user.gid)
        const opened = await openWorkspace({
          project: grounds.project,
          store,
          shared,
          lock,
          owner: user,
          signal: AbortSignal.timeout(60_000),
          start: async (mount, masks) => {
            const at = { ...grounds, home: join(store, 'home'), runtimeDir: join(store, 'run') }
            box = await startSandbox(ready, { grounds: at, user, mount, masks, packages: packagesIn(shared) })
            return box.sandbox
          },
        })
        await opened.git.follow(opened.sandbox)
        return opened.workspace
      }

      it('folders that are closed: what is done is looked at, applied, opened again and removed all the same', async () => {
        const first = await open()
        const closed = await box.sh(close, { env: { W: grounds.project } })
        expect(closed.stderr).to.equal('')
        const { applied } = await first.apply('all')
        expect(applied).to.include('a.txt')
        expect(readFileSync(join(grounds.project, 'a.txt'), 'utf8')).to.equal('agent\n')
        await first.checkpoint()
        await box.sandbox.dispose()
        await first.dispose()
        expect(await Lock.holder(join(claim.store, 'lock'))).to.equal(undefined)

        const [kept] = await inventory(join(grounds.folder, 'data'))
        expect([kept?.name, kept?.commits, kept?.damaged]).to.deep.equal(['main', true, undefined])
        const next = await open()
        await box.sandbox.files.write(`${grounds.project}/b.txt`, Buffer.from('again\n'))
        expect((await box.sh('touch ~/one /var/cache/packages/one')).stderr).to.equal('')
        expect((await next.changes()).map(({ path }) => path)).to.include('b.txt')
        await box.sandbox.dispose()
        await next.dispose()
        expect(await workspaces.remove('main', async () => true)).to.equal(true)
        expect([existsSync(claim.store), existsSync(packagesIn(claim.shared))]).to.deep.equal([false, false])
      })

      it('folders that may not be written: what was done is taken back, and the next session begins', async () => {
        let workspace = await open()
        const run = async (script: string) => {
          const { stdout, stderr } = await box.sh(script)
          expect(stderr).to.equal('')
          return stdout
        }
        const paths = async () => (await workspace.changes()).map(({ path }) => path)
        const again = async (script: string) => {
          await run(script)
          await box.sandbox.dispose()
          await workspace.dispose()
          workspace = await open()
          return paths()
        }
        const start = await workspace.checkpoint()
        const act = 'echo x >src/b.txt; mkdir -p new/in; echo x >new/in/x; chmod 500 src new/in new'
        await run(act)
        await workspace.undo(start)
        expect(await paths(), 'undone').to.deep.equal([])
        await run(`chmod -R u+w src; ${act}`)
        await workspace.discard('all')
        expect(await paths(), 'discarded').to.deep.equal([])
        const back = 'echo x >src/b.txt; echo project >src/b.txt; chmod 500 src'
        expect(await again(`chmod -R u+w src; ${back}`), 'as before').to.deep.equal([])
        const anew = 'chmod -R u+w src; cp -r src /tmp/src; rm -r src; cp -r /tmp/src src; rm -r /tmp/src'
        const closed = await again(`${anew}; mkdir src/closed; chmod 000 src/closed; chmod 400 src/in; chmod 500 src`)
        expect(closed, 'made anew, closed').to.include('src/closed')
        expect(await again('chmod -R u+rwX src; rmdir src/closed; chmod 500 src/in src'), 'made anew').to.deep.equal([])
        expect(await run('cat src/b.txt src/in/c.txt')).to.equal('project\nproject\n')
        await box.sandbox.dispose()
        await workspace.dispose()
      })
    })
