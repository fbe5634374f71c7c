import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { treeOf } from '../support/agent.ts'
import { type Grounds, type Started, backends, makeGrounds, startSandbox } from '../support/sandbox.ts'
import { secret } from './victim.ts'

const masked = ['.env', 'keys/id_rsa']

/** Ways to what stands behind a mask; each prints whatever it gets hold of. */
const attempts: Record<string, string> = {
  'read at both places, and by every path that names it':
    'for at in . /project; do cat $at/.env $at/keys/id_rsa $at/keys/../.env $at/./keys/id_rsa; done; cat /proc/self/cwd/.env /proc/self/root/project/.env',
  'searched for in all that can be seen': `grep -raF -D skip "${secret.slice(0, 12)}" . /project /tmp /home /run 2>/dev/null`,
  'deleted, so that what is below shows':
    'rm -rf .env keys; ls -A; cat .env keys/id_rsa; mkdir keys; ls keys; cat keys/id_rsa',
  'moved, copied, linked and archived':
    'mv .env moved; cp -a /project/.env copied; ln /project/.env hard; ln -s /project/.env soft; tar -cf - /project . 2>/dev/null | tar -xOf - 2>/dev/null; cat moved copied soft',
  'its folder moved and made again':
    'mv keys away; mkdir -p keys; cat keys/id_rsa away/id_rsa; rmdir keys; mv away keys; cat keys/id_rsa',
  'opened for writing, for appending, cut, and read again':
    ': >> .env; cat .env; truncate -s +100 .env; cat .env; truncate -s 0 keys/id_rsa; cat keys/id_rsa; chmod 666 .env; dd if=.env bs=1 status=none',
  'uncovered: unmounted, mounted again, the overlay laid anew':
    'for at in "$PWD" /project /project/.env "$PWD/.env"; do umount -l "$at"; mount -o remount,rw "$at"; mount --bind "$at" /tmp; done; mount -t overlay overlay -o lowerdir=/project:/tmp /tmp; cat .env /project/.env /tmp/.env',
  'written over where the project is seen':
    'touch /project/new; echo x > /project/a.txt; rm -rf /project/.env /project/keys; mv /project/a.txt /tmp; ln -s x /project/link; cat /project/.env',
  "asked of the overlay's own marks":
    "getfattr -d -m - .env keys; python3 -c \"import os; print([(n, os.getxattr(p, n)) for p in ('.env', 'keys') for n in os.listxattr(p)])\"; cat /proc/self/mountinfo",
}

for (const { backend, readyOrSkip, people } of backends)
  for (const { who, user } of people)
    describe(`attacks on masked secrets: sandbox ${backend}, as ${who}`, function () {
      this.timeout(60_000)
      let grounds: Grounds
      let box: Started
      let workspace: HostWorkspace
      let asItWas: object

      before(async function () {
        const ready = await readyOrSkip(this)
        grounds = await makeGrounds(user)
        for (const path of [...masked, 'a.txt']) {
          const file = join(grounds.project, path)
          fs.mkdirSync(join(file, '..'), { recursive: true })
          fs.writeFileSync(file, masked.includes(path) ? `${secret}\n` : 'a\n')
          for (const each of [join(file, '..'), file]) fs.chownSync(each, user.uid, user.gid)
        }
        asItWas = treeOf(grounds.project)
        const opened = await openWorkspace({
          project: grounds.project,
          store: join(grounds.folder, 'store'),
          owner: user,
          signal: AbortSignal.timeout(60_000),
          secrets: Promise.resolve(masked),
          start: async (mount, masks) => {
            box = await startSandbox(ready, { grounds, user, mount, masks })
            return box.sandbox
          },
        })
        workspace = opened.workspace
      })
      after(async () => {
        await box?.sandbox.dispose()
        await workspace?.dispose()
        if (grounds) spawnSync('rm', ['-rf', grounds.folder])
      })

      for (const [what, script] of Object.entries(attempts))
        it(`a secret ${what}`, async () => {
          const { stdout, stderr, exit } = await box.sh(script, { timeoutMs: 20_000 })
          expect(exit.reason).to.equal('exited')
          expect(stdout + stderr).to.not.include(secret)
          expect(treeOf(grounds.project)).to.deep.equal(asItWas)
        })

      it('a secret that is to be overwritten, or written out under another name, by an apply', async () => {
        for (const path of masked) await box.sandbox.files.write(join(grounds.project, path), Buffer.from('mine\n'))
        for (const { path } of await workspace.changes()) {
          const { hunks } = await workspace.diff(path)
          expect(JSON.stringify(hunks)).to.not.include(secret)
        }
        const { applied } = await workspace.apply('all')
        expect(applied.filter((path) => masked.includes(path))).to.deep.equal([])
        for (const path of masked) expect(treeOf(grounds.project)).to.have.property(path, asItWas[path as keyof object])
        const kept = spawnSync('grep', ['-rlaF', '-D', 'skip', secret, join(grounds.folder, 'store')])
        expect(kept.stdout.toString(), 'in the store').to.equal('')
      })
    })
