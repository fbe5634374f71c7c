import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Port } from '../lib/core/events.ts'
import type { Failure } from '../lib/core/failure.ts'
import { Network } from '../lib/sandbox/network.ts'
import { openWorkspace } from '../lib/workspace/fill.ts'
import { fetchCommits } from '../lib/workspace/git/commits.ts'
import { Following } from '../lib/workspace/git/following.ts'
import type { OwnGit } from '../lib/workspace/git/own.ts'
import type { HostWorkspace } from '../lib/workspace/host.ts'
import { Live } from '../lib/workspace/live.ts'
import { type Grounds, type Started, backends, makeGrounds, startSandbox } from './support/sandbox.ts'
import { hostEnv } from './workspace/git/scene.ts'

/** A server with a watcher, as developers have one: it reads its page again when that is saved, and never starts anew. */
const server = `
const fs = require('node:fs')
let page = fs.readFileSync('page.html', 'utf8')
fs.watch('.', (_, name) => { if (name === 'page.html') try { page = fs.readFileSync(name, 'utf8') } catch {} })
require('node:http').createServer((_, answer) => answer.end(process.pid + ' ' + page)).listen(8765, '127.0.0.1')
`

/** Asks until it is so; each question takes its time. */
async function until<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  for (const began = performance.now(); ;) {
    const got = await ask()
    if (got === wanted) return
    if (performance.now() - began > 20_000) expect(got).to.equal(wanted)
    await setImmediate()
  }
}

for (const { backend, readyOrSkip, people } of backends) {
  const { who, user } = people.at(-1)!
  describe(`a day's work, in the sandbox ${backend}, as ${who}`, function () {
    this.timeout(120_000)
    let grounds: Grounds
    let box: Started
    let workspace: HostWorkspace
    let git: OwnGit
    let live: Live
    let following: Following
    let network: Network
    const problems: Failure[] = []
    const onProblem = (failure: Failure) => void problems.push(failure)
    let ports: Port[] = []

    before(async function () {
      const ready = await readyOrSkip(this)
      grounds = await makeGrounds(user)
      save('page.html', 'first\n')
      save('notes.txt', 'one\ntwo\nthree\n')
      save('server.js', server)
      host('init', '-q', '-b', 'main')
      commit('begin')
      network = await Network.open({
        crosses: true,
        folder: join(grounds.folder, 'run', 'sockets'),
        owner: user,
        services: [],
        onPorts: (now) => void (ports = now),
        onProblem,
      })
      const opened = await openWorkspace({
        project: grounds.project,
        store: join(grounds.folder, 'store'),
        owner: user,
        signal: AbortSignal.timeout(60_000),
        start: async (mount, masks) => {
          const tools = { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: '/nonexistent' }
          box = await startSandbox(ready, { grounds, user, mount, masks, sockets: network.folder, tools })
          return box.sandbox
        },
      })
      ;({ workspace, git } = opened)
      await network.attach(box.sandbox)
      following = new Following(git, box.sandbox, onProblem)
      await following.start()
      live = await Live.start({ workspace, onFollowed: () => {}, onProblem })
      await live.idle()
      const { stdout } = await box.sh('command -v node && command -v socat')
      if (stdout.trim().split('\n').length < 2) this.skip() // this machine's own programs are what it has
    })
    after(async () => {
      await live?.dispose()
      await following?.dispose()
      await network?.dispose()
      await box?.sandbox.dispose()
      await workspace?.dispose()
      if (grounds) spawnSync('rm', ['-rf', grounds.folder])
    })

    it('goes on without a restart, with nothing masked, and can be taken back whole', async () => {
      const start = await workspace.checkpoint()
      const serving = new AbortController()
      const served = box.sandbox.run(['node', 'server.js'], { signal: serving.signal })

      // The page is fetched from the host through the port.
      await until(async () => ports.some(({ port }) => port === 8765), true)
      const local = await network.open(8765)
      const page = async () => (await fetch(`http://127.0.0.1:${local}/`)).text()
      const [process] = (await page()).split(' ')
      expect(await page()).to.equal(`${process} first\n`)

      // The person saves by rename: the very same server shows it.
      save('page.html', 'second\n')
      await until(page, `${process} second\n`)

      // The person commits and switches the branch: inside it is so too.
      commit('second page')
      host('switch', '-q', '-c', 'feature')
      await until(() => inside('git status --short --branch; git log -1 --format=%s'), '## feature\nsecond page\n')

      // The agent commits and applies.
      await inside(
        'printf "ONE\\ntwo\\nthree\\n" > notes.txt && echo made > made.txt && git add -A && git commit -qm "by the agent"',
      )
      const { applied, conflicts, refused } = await workspace.apply('all')
      expect({ applied, conflicts, refused }).to.deep.equal({
        applied: ['made.txt', 'notes.txt'],
        conflicts: [],
        refused: [],
      })
      const signal = AbortSignal.timeout(20_000)
      expect(await fetchCommits(git, box.sandbox, { name: 'story', signal })).to.deep.equal({
        branch: 'drydock/story',
        commits: 1,
      })
      expect(host('log', '-1', '--format=%s', 'drydock/story')).to.equal('by the agent\n')

      // The person edits again what the agent had made: nothing of it is masked.
      save('notes.txt', 'ONE\ntwo\nTHREE\n')
      save('page.html', 'third\n')
      await until(() => inside('cat notes.txt page.html'), 'ONE\ntwo\nTHREE\nthird\n')
      await until(page, `${process} third\n`)
      expect(await workspace.changes()).to.deep.equal([])

      // Undo takes it back, but for what the person has changed since.
      save('notes.txt', 'ONE\ntwo\nthree\n')
      await until(() => inside('cat notes.txt'), 'ONE\ntwo\nthree\n')
      await live.idle()
      const undone = await workspace.undo(start)
      expect({ project: undone.project, left: undone.left }).to.deep.equal({
        project: ['made.txt', 'notes.txt'],
        left: [],
      })
      expect(fs.readFileSync(join(grounds.project, 'notes.txt'), 'utf8')).to.equal('one\ntwo\nthree\n')
      expect(fs.existsSync(join(grounds.project, 'made.txt'))).to.equal(false)
      expect(fs.readFileSync(join(grounds.project, 'page.html'), 'utf8')).to.equal('third\n')
      await until(
        () => inside('cat notes.txt page.html; ls'),
        'one\ntwo\nthree\nthird\nnotes.txt\npage.html\nserver.js\n',
      )
      expect(await page()).to.equal(`${process} third\n`)

      serving.abort()
      await served
      expect(problems).to.deep.equal([])
    })

    /** As editors save. */
    function save(path: string, text: string): void {
      const file = join(grounds.project, path)
      fs.writeFileSync(`${file}.saving`, text)
      fs.chownSync(`${file}.saving`, user.uid, user.gid)
      fs.renameSync(`${file}.saving`, file)
    }

    function host(...args: string[]): string {
      const options = { cwd: grounds.project, encoding: 'utf8', env: hostEnv(grounds.folder), ...user } as const
      const { status, stdout, stderr } = spawnSync('git', args, options)
      expect(status, stderr).to.equal(0)
      return stdout
    }

    function commit(subject: string): void {
      host('add', '-A')
      host('commit', '-qm', subject)
    }

    async function inside(command: string): Promise<string> {
      const { stdout, stderr } = await box.sh(command)
      return stdout + stderr
    }
  })
}
