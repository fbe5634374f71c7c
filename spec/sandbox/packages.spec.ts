import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { sizeOf } from '../../lib/sandbox/disk.ts'
import { packageVariables } from '../../lib/sandbox/variables.ts'
import { removeTree } from '../../lib/workspace/remove-tree.ts'
import { Workspaces, packagesIn } from '../../lib/workspace/workspaces.ts'
import { type Grounds, type Ready, backends, makeGrounds, startSandbox } from '../support/sandbox.ts'
import { Victim } from '../support/victim.ts'

/** Closes what is shared to everybody who comes after. */
const close = 'chmod 000 ~ /var/cache/packages'

/** What package managers would never make: all kinds of things, links out of the sandbox, and folders that nobody can enter. */
const plant = `cd /var/cache/packages && mkfifo fifo && ln -s "$VICTIM" npm && ln -s /dev/zero pip && ln -s "$VICTIM"/* . &&
python3 -c "
import os, socket
socket.socket(socket.AF_UNIX).bind('socket')
os.truncate(os.open('sparse', os.O_CREAT | os.O_WRONLY), 2 ** 33)
for n in range(3000): os.close(os.open('%d' % n, os.O_CREAT | os.O_WRONLY))
os.mkdir('deep'); os.chdir('deep')
for level in range(2000): os.mkdir('d'); os.chdir('d')
" && cp /bin/true setuid && chmod 6755 setuid && mkdir -p closed/in && chmod 000 closed/in closed && ${close}`

/** Another workspace of the same project. */
const beside = (grounds: Grounds): Grounds => ({
  ...grounds,
  folder: join(grounds.folder, 'other'),
  home: join(grounds.folder, 'other', 'home'),
  runtimeDir: join(grounds.folder, 'other', 'run'),
})

for (const { backend, readyOrSkip, people } of backends)
  describe(`sandbox ${backend}: what package managers fetch`, function () {
    this.timeout(60_000)
    let ready: Ready

    before(async function () {
      ready = await readyOrSkip(this)
    })

    for (const { who, user } of people)
      it(`is there for the project's other workspaces, and for no other project, working as ${who}`, async () => {
        const [own, foreign] = await Promise.all([makeGrounds(user), makeGrounds(user)])
        const packages = packagesIn(own.folder)
        // What an earlier session has left in HOME in the place of the usual folder leads nowhere.
        mkdirSync(own.home)
        symlinkSync('/etc', join(own.home, '.cache'))
        const boxes = await Promise.all([
          startSandbox(ready, { grounds: own, user, packages }),
          startSandbox(ready, { grounds: foreign, user, packages: packagesIn(foreign.folder) }),
        ])
        const [first, other] = boxes
        try {
          const folders = [
            'npm_config_cache',
            'YARN_CACHE_FOLDER',
            'PIP_CACHE_DIR',
            'UV_CACHE_DIR',
            'GOMODCACHE',
            'CARGO_HOME',
          ]
          const words = folders.map((name) => `"$${name}"`).join(' ')
          const filled = await first.sh(
            `for folder in ${words}; do mkdir -p "$folder" && echo fetched >"$folder/one"; done`,
          )
          expect([filled.exit.code, filled.stderr]).to.deep.equal([0, ''])
          expect(lstatSync(join(packages, 'cargo', 'one')).uid).to.equal(user.uid)
          const second = await startSandbox(ready, { grounds: beside(own), user, packages })
          boxes.push(second)
          const seen = await second.sh(`for folder in ${words}; do cat "$folder/one"; done; echo "$HOME"`)
          expect(seen.stdout).to.equal(`${'fetched\n'.repeat(folders.length)}/home/agent\n`)
          expect((await other.sh('ls -A /var/cache/packages')).stdout).to.equal('')
          expect(Object.keys(packageVariables)).to.have.members([...folders, 'CARGO_INSTALL_ROOT'])
        } finally {
          for (const box of boxes) await box.sandbox.dispose()
          for (const box of [first, other]) await box.stop()
        }
      })

    for (const { who, user } of people)
      it(`takes no harm from what somebody plants there, nor does its removal, working as ${who}`, async () => {
        const [grounds, victim] = [await makeGrounds(user), await new Victim().start(user)]
        const workspaces = await Workspaces.open(join(grounds.folder, 'data'), grounds.project)
        const { store, shared, lock } = await workspaces.claim()
        const packages = packagesIn(shared)
        const held = { ...grounds, home: join(store, 'home') }
        if (process.getuid!() === 0) for (const path of [shared, store]) chownSync(path, user.uid, user.gid)
        try {
          const box = await startSandbox(ready, { grounds: held, user, packages })
          const planted = await box.sh(plant, { env: { VICTIM: victim.folder } })
          expect([planted.exit.code, planted.stderr]).to.deep.equal([0, ''])
          await box.sandbox.dispose()
          const { bytes } = await sizeOf([packages, held.home], AbortSignal.timeout(20_000))
          expect(bytes).to.be.lessThan(64 * 1024 ** 2)
          const next = await startSandbox(ready, { grounds: held, user, packages })
          const used = await next.sh(`echo fetched >/var/cache/packages/one && echo mine >~/one && cd && ${close}`)
          await next.sandbox.dispose()
          expect([used.exit.code, used.stderr]).to.deep.equal([0, ''])
          await lock.release()
          expect(await workspaces.remove('main', async () => true)).to.equal(true)
          expect(existsSync(packages)).to.equal(false)
          expect(readdirSync(join(shared, 'workspaces'))).to.deep.equal([])
          expect(victim.now()).to.deep.equal(victim.untouched)
        } finally {
          await victim.stop()
          await removeTree(grounds.folder)
        }
      })
  })
