import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts'
import { fetchCommits, ownCommits } from '../../../lib/workspace/git/commits.ts'
import { OwnGit } from '../../../lib/workspace/git/own.ts'
import { Store } from '../../../lib/workspace/store.ts'
import { embeddedOrSkip, engineOrSkip, failureCode, type Ready } from '../../support/sandbox.ts'
import { tree } from '../ground.ts'
import { hostEnv, Scene } from './scene.ts'

const user = { uid: 1000, gid: 1000 }
const person = process.getuid!() === 0 ? user : { uid: process.getuid!(), gid: process.getgid!() }
const signal = () => AbortSignal.timeout(60_000)

for (const [backend, readyOrSkip] of [
  ['embedded', embeddedOrSkip],
  ['container', engineOrSkip],
] as const) {
  describe(`commits of the agent's, from a sandbox: ${backend}`, function () {
    this.timeout(60_000)
    let ready: Ready
    let scene: Scene

    before(async function () {
      ready = await readyOrSkip(this)
    })
    beforeEach(() => void (scene = new Scene(ready, person)))
    afterEach(() => scene.remove())

    it('are brought to the project as a branch, and nothing else of it is touched', async () => {
      scene.repository({ 'a.txt': 'one\n', 'dir/b.txt': 'b\n' })
      await scene.open()
      expect(await ownCommits(scene.sandbox, signal())).to.deep.equal([])
      expect(await failureCode(fetchNow('s1'))).to.equal('missing')
      await scene.sh('echo two > a.txt && git commit -qam "first of mine" && git switch -qc side')
      await scene.sh("rm -r dir && ln -s a.txt link && git add -A && git commit -qm $'second\\e[31m'")
      const listed = await ownCommits(scene.sandbox, signal())
      expect(listed.map(({ author, subject }) => `${author}: ${subject}`)).to.deep.equal([
        'Drydock: second\x1b[31m',
        'Drydock: first of mine',
      ])
      const before = tree(scene.project)
      expect(await fetchNow('s1')).to.deep.equal({ branch: 'drydock/s1', commits: 2 })
      const after = tree(scene.project)
      const added = Object.keys(after).filter((path) => !(path in before))
      expect(added.map((path) => path.replace(/[0-9a-f]{40}/, 'HASH'))).to.deep.equal([
        '.git/objects/pack/pack-HASH.idx',
        '.git/objects/pack/pack-HASH.pack',
        '.git/refs/heads/drydock',
        '.git/refs/heads/drydock/s1',
      ])
      for (const path of added) expect(after[path]).to.include(` ${person.uid}:${person.gid}`)
      expect(Object.fromEntries(Object.entries(after).filter(([path]) => path in before))).to.deep.equal(before)
      expect(scene.host('log', '--format=%H', 'drydock/s1', '^main').trimEnd().split('\n')).to.deep.equal(
        listed.map(({ id }) => id),
      )
      scene.host('fsck', '--strict')
      expect(fs.readdirSync(join(scene.folder, 'store')).filter((name) => name.startsWith('fetch-'))).to.deep.equal([])

      await scene.sh('echo three > a.txt && git commit -qam third')
      expect(await fetchNow('s1'), 'goes forward').to.deep.equal({ branch: 'drydock/s1', commits: 1 })
      scene.host('switch', '-q', 'drydock/s1')
      await scene.sh('git commit -q --allow-empty -m fourth')
      expect(await failureCode(fetchNow('s1')), 'checked out').to.equal('conflict')
      scene.host('switch', '-q', 'main')
      await scene.sh('git reset -q --hard HEAD~3 && git commit -q --allow-empty -m another')
      expect(await failureCode(fetchNow('s1')), 'would lose commits').to.equal('conflict')
      expect(await failureCode(fetchNow('../../main'))).to.equal('usage')
      expect(await failureCode(fetchNow('s2', 'nowhere'))).to.equal('missing')
      scene.host('merge', '-q', '--ff-only', 'drydock/s1')
      expect(await scene.sh('git rev-parse -q --verify main')).to.not.equal(scene.host('rev-parse', 'main'))
      await scene.git.follow(scene.sandbox)
      expect(await scene.sh('git rev-parse -q --verify main')).to.equal(scene.host('rev-parse', 'main'))
    })

    function fetchNow(name: string, revision?: string) {
      return fetchCommits(scene.git, scene.sandbox, { name, revision, signal: signal() })
    }
  })
}

describe('commits that are not what they seem', () => {
  let scene: Scene
  let store: string
  let evil: string

  beforeEach(() => {
    scene = new Scene('embedded', person).repository()
    store = join(scene.folder, 'store')
    evil = join(scene.folder, 'evil')
    scene.host('clone', '-q', '--shared', scene.project, evil)
  })
  afterEach(() => scene.remove())

  const blob = () => put('blob', 'x')
  const odd: Record<string, () => { tip: string; leaves?: string[] }> = {
    'a folder .git': () => ({ tip: commit(entry('40000', '.git', put('tree', entry('100644', 'config', blob())))) }),
    'a hook behind a link': () => ({ tip: commit(entry('120000', '.git', put('blob', '.git/hooks'))) }),
    'a name that HFS+ takes for .git': () => ({ tip: commit(entry('100644', '.g\u200cit', blob())) }),
    'a path above': () => ({ tip: commit(entry('40000', '..', put('tree', entry('100644', 'x', blob())))) }),
    'a path in a name': () => ({ tip: commit(entry('100644', 'a/b', blob())) }),
    'a link .gitmodules': () => ({ tip: commit(entry('120000', '.gitmodules', put('blob', '/etc/passwd'))) }),
    'a submodule whose address is a command': () => ({
      tip: commit(
        entry('100644', '.gitmodules', put('blob', '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=sh\n')),
      ),
    }),
    'a blob that did not come': () => {
      const missing = put('blob', 'never sent')
      return { tip: commit(entry('100644', 'a', missing)), leaves: [missing] }
    },
    'a commit without an author': () => ({ tip: put('commit', `tree ${put('tree', Buffer.alloc(0))}\n\nx\n`) }),
    'no commit': () => ({ tip: blob() }),
  }
  for (const [what, make] of Object.entries(odd)) {
    it(`are refused: ${what}`, async () => {
      const { tip, leaves = [] } = make()
      const all = git(['rev-list', '--objects', '--no-object-names', tip, '--not', 'origin/main']).toString()
      const sent = all.split('\n').filter((name) => name !== '' && !leaves.includes(name))
      await refused(tip, git(['pack-objects', '--stdout', '-q'], `${sent.join('\n')}\n`), 'unsafe')
    })
  }

  it('are refused: no pack, a cut one, and one without end', async () => {
    const tip = commit(entry('100644', 'a', blob()))
    const pack = git(['pack-objects', '--stdout', '-q', '--revs'], `${tip}\n^origin/main\n`)
    await refused(tip, Buffer.from('# v2 git bundle\n'), 'unsafe')
    await refused(tip, pack.subarray(0, -30), 'unsafe')
    await refused('--upload-pack=sh', pack, 'missing')
    await refused(tip, Buffer.alloc(0), 'unsafe')
    expect(await attempt(tip, pack)).to.equal('done')
  })

  it('are not written through a link that stands in the way', async () => {
    const tip = commit(entry('100644', 'a', blob()))
    const pack = git(['pack-objects', '--stdout', '-q', '--revs'], `${tip}\n^origin/main\n`)
    const elsewhere = join(scene.folder, 'elsewhere')
    fs.mkdirSync(elsewhere)
    fs.symlinkSync(elsewhere, join(scene.project, '.git/refs/heads/drydock'))
    expect(await attempt(tip, pack)).to.equal('unsafe')
    expect(fs.readdirSync(elsewhere)).to.deep.equal([])
  })

  async function refused(tip: string, pack: Buffer, code: string): Promise<void> {
    const before = tree(scene.project)
    expect(await attempt(tip, pack)).to.equal(code)
    expect(tree(scene.project)).to.deep.equal(before)
    expect(fs.readdirSync(store).filter((name) => name.startsWith('fetch-'))).to.deep.equal([])
  }

  /** What a sandbox says that has these bytes for its commits. */
  async function attempt(tip: string, pack: Buffer): Promise<string> {
    const own = await OwnGit.open(await Store.open(store, scene.project), person)
    const sandbox = {
      run: async (argv: string[], { onOutput }: { onOutput?: (chunk: Buffer, stream: 'stdout') => void }) => {
        onOutput?.(argv.includes('rev-parse') ? Buffer.from(`${tip}\n`) : pack, 'stdout')
        return { code: 0, signal: null, reason: 'exited', ms: 0 }
      },
    } as unknown as Sandbox
    return failureCode(fetchCommits(own, sandbox, { name: 'x', signal: signal() }))
  }

  function commit(entries: Buffer): string {
    const who = 'A <a@localhost> 1700000000 +0000'
    return put('commit', `tree ${put('tree', entries)}\nauthor ${who}\ncommitter ${who}\n\nx\n`)
  }

  function put(type: string, data: string | Buffer): string {
    return git(['hash-object', '-t', type, '-w', '--stdin', '--literally'], data).toString().trim()
  }

  function git(args: string[], input: string | Buffer = ''): Buffer {
    const { status, stdout, stderr } = spawnSync('git', ['-C', evil, ...args], {
      input,
      env: {
        ...hostEnv(scene.folder),
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    })
    expect(status, stderr.toString()).to.equal(0)
    return stdout
  }
})

/** One line of a tree, as git keeps it. */
function entry(mode: string, name: string, object: string): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')])
}
