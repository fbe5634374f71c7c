import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { treeOf } from '../support/agent.ts'
import { type Siege, besiege } from '../support/siege.ts'
import { secret } from '../support/victim.ts'

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

const project = (siege: Siege) => {
  for (const path of [...masked, 'a.txt']) siege.put(path, masked.includes(path) ? `${secret}\n` : 'a\n')
}

besiege('on masked secrets', { project, secrets: masked }, (siege) => {
  let asItWas: object
  before(() => (asItWas = treeOf(siege.grounds.project)))

  for (const [what, script] of Object.entries(attempts))
    it(`a secret ${what}`, async () => {
      const { stdout, stderr, exit } = await siege.box.sh(script, { timeoutMs: 20_000 })
      expect(exit.reason).to.equal('exited')
      expect(stdout + stderr).to.not.include(secret)
      expect(treeOf(siege.grounds.project)).to.deep.equal(asItWas)
    })

  it('a secret that is to be overwritten, or written out under another name, by an apply', async () => {
    for (const path of masked)
      await siege.box.sandbox.files.write(join(siege.grounds.project, path), Buffer.from('mine\n'))
    for (const { path } of await siege.workspace.changes()) {
      const { hunks } = await siege.workspace.diff(path)
      expect(JSON.stringify(hunks)).to.not.include(secret)
    }
    const { applied } = await siege.workspace.apply('all')
    expect(applied.filter((path) => masked.includes(path))).to.deep.equal([])
    for (const path of masked)
      expect(treeOf(siege.grounds.project)).to.have.property(path, asItWas[path as keyof object])
    const kept = spawnSync('grep', ['-rlaF', '-D', 'skip', secret, join(siege.grounds.folder, 'store')])
    expect(kept.stdout.toString(), 'in the store').to.equal('')
  })
})
