import { lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageVariables } from '../../lib/sandbox/variables.ts'
import { packagesIn } from '../../lib/workspace/workspaces.ts'
import { type Grounds, type Ready, backends, makeGrounds, startSandbox } from '../support/sandbox.ts'

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
  })
