import { expect } from 'chai'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Failure } from '../../lib/core/failure.ts'
import { Lock } from '../../lib/workspace/lock.ts'
import { isWorkspaceName } from '../../lib/workspace/name.ts'
import { removeTree } from '../../lib/workspace/remove-tree.ts'
import { packagesIn, projectFolder, Workspaces } from '../../lib/workspace/workspaces.ts'
import { WriteLock } from '../../lib/workspace/write-lock.ts'
import { failureCode } from '../support/sandbox.ts'
import { Ground, modes, text } from './ground.ts'

describe('the workspaces of a project', () => {
  let folder: string
  let project: string
  let data: string

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'drydock-workspaces-'))
    project = join(folder, 'project')
    data = join(folder, 'data')
    fs.mkdirSync(project)
  })
  afterEach(() => fs.rmSync(folder, { recursive: true }))

  it('are claimed by one session each, the next one where the first are taken', async () => {
    const workspaces = await Workspaces.open(data, project)
    const claims = await Promise.all([1, 2, 3, 4].map(() => workspaces.claim()))
    expect(claims.map(({ name }) => name).toSorted()).to.deep.equal(['2', '3', '4', 'main'])
    expect(await failureCode(workspaces.claim('3'))).to.equal('busy')
    await claims.find(({ name }) => name === '2')!.lock.release()
    expect((await workspaces.claim()).name).to.equal('2')
    expect((await workspaces.claim('fix-12')).name).to.equal('fix-12')
    expect((await workspaces.claim('10')).name).to.equal('10')
    expect(await workspaces.names()).to.deep.equal(['main', '2', '3', '4', '10', 'fix-12'])
  })

  it('have names that are never paths', () => {
    const bad = ['', '.', '..', '../x', 'a/b', ' a', 'a b', 'A', 'ä', '-a', '_a', '.a', 'a\n', 'x'.repeat(41), 'a\0']
    expect(bad.filter(isWorkspaceName)).to.deep.equal([])
    const good = ['main', '2', 'a.b_c-d', 'x'.repeat(40)]
    expect(good.filter(isWorkspaceName)).to.deep.equal(good)
  })

  it('keep to one folder a project, whatever that is called', () => {
    const names = ['/a/x', '/b/x', `/a/${'ü'.repeat(127)}`].map((path) => basename(projectFolder(data, path)))
    expect(new Set(names).size).to.equal(3)
    for (const name of names) expect(Buffer.byteLength(name)).to.be.lessThan(256)
  })

  it('are renamed and removed only while nobody works in them', async () => {
    const workspaces = await Workspaces.open(data, project)
    const claim = await workspaces.claim('old')
    expect(await failureCode(workspaces.rename('old', 'new'))).to.equal('busy')
    expect(await failureCode(workspaces.remove('old', async () => true))).to.equal('busy')
    await claim.lock.release()
    await workspaces.rename('old', 'new')
    expect(await failureCode(workspaces.rename('old', 'new'))).to.equal('missing')
    await (await workspaces.claim('other')).lock.release()
    expect(await failureCode(workspaces.rename('other', 'new'))).to.equal('exists')
    expect(await failureCode(workspaces.rename('other', '../new'))).to.equal('usage')
    expect(await workspaces.remove('new', async () => false)).to.equal(false)
    expect(await workspaces.remove('new', async () => true)).to.equal(true)
    expect(fs.readdirSync(join(workspaces.shared, 'workspaces'))).to.deep.equal(['other'])
    await (await workspaces.claim('other')).lock.release()
  })

  it("take the project's packages with them when the last one goes, and not before", async () => {
    const workspaces = await Workspaces.open(data, project)
    for (const name of ['one', 'two']) await (await workspaces.claim(name)).lock.release()
    const packages = packagesIn(workspaces.shared)
    fs.mkdirSync(join(packages, 'npm'), { recursive: true })
    await workspaces.remove('one', async () => true)
    expect(fs.existsSync(join(packages, 'npm'))).to.equal(true)
    await workspaces.remove('two', async () => false)
    expect(fs.existsSync(join(packages, 'npm'))).to.equal(true)
    await workspaces.remove('two', async () => true)
    expect(fs.existsSync(packages)).to.equal(false)
    expect(fs.readdirSync(join(workspaces.shared, 'workspaces'))).to.deep.equal([])
  })

  it('take up what an earlier Drydock kept, beside what there is by now', async () => {
    const earlier = join(data, 'workspaces', basename(projectFolder(data, project)))
    const keep = (content: string) => {
      fs.mkdirSync(join(earlier, 'upper'), { recursive: true })
      fs.writeFileSync(join(earlier, 'upper', 'a.txt'), content)
    }
    keep('first')
    await Promise.all([1, 2, 3].map(() => Workspaces.open(data, project)))
    keep('second')
    const working = await Lock.take(join(earlier, 'lock'))
    expect(await failureCode(Workspaces.open(data, project)), 'it is at work').to.equal('busy')
    await working.release()
    const workspaces = await Workspaces.open(data, project)
    expect(await workspaces.names()).to.deep.equal(['main', '2'])
    const contents = ['main', '2'].map((name) => text(join(workspaces.store(name), 'upper'), 'a.txt'))
    expect(contents).to.deep.equal(['first', 'second'])
    expect((await workspaces.claim()).name).to.equal('main')
  })

  it('complete what a crash cut short in any of them when the next session begins in another', async () => {
    const workspaces = await Workspaces.open(data, project)
    const ground = new Ground('copy', { 'a.txt': 'a\n', 'b.txt': 'b\n' })
    try {
      await ground.open()
      ground.edit('a.txt', 'A\n')
      ground.edit('b.txt', 'B\n')
      await ground.end()
      const die = new URL('die.ts', import.meta.url).pathname
      // Before the second file is put into its place.
      const { signal } = spawnSync(process.execPath, ['--import', 'tsx', die, ground.project, ground.store, '6'])
      expect(signal).to.equal('SIGKILL')
      const halfway = ['a.txt', 'b.txt'].map((path) => text(ground.project, path)).join('')
      expect(['A\nb\n', 'a\nB\n']).to.include(halfway)
      const own = await Workspaces.open(data, ground.project)
      fs.cpSync(ground.store, own.store('crashed'), { recursive: true })
      await Workspaces.open(data, ground.project)
      expect(text(ground.project, 'a.txt') + text(ground.project, 'b.txt')).to.equal('A\nB\n')
      expect(fs.existsSync(join(own.store('crashed'), 'journal.json'))).to.equal(false)
    } finally {
      await ground.remove()
    }
    expect(await workspaces.names()).to.deep.equal([])
  })

  it('go with everything in them, and nothing else', async () => {
    const kept = join(folder, 'kept')
    fs.mkdirSync(kept)
    fs.writeFileSync(join(kept, 'f'), '')
    const tree = join(folder, 'tree')
    fs.mkdirSync(tree)
    fs.symlinkSync(kept, join(tree, 'link'))
    fs.mkdirSync(join(tree, 'shut', 'in'), { recursive: true })
    fs.chmodSync(join(tree, 'shut'), 0)
    const name = 'd'.repeat(200)
    const deep = `n=${name}; for i in $(seq 60); do mkdir $n && cd $n; done; touch f`
    expect(spawnSync('bash', ['-c', deep], { cwd: tree, stdio: 'ignore' }).status).to.equal(0)
    await removeTree(tree)
    expect(fs.existsSync(tree)).to.equal(false)
    expect(fs.readdirSync(kept)).to.deep.equal(['f'])
  })
})

describe('a lock', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'drydock-lock-'))
    file = join(folder, 'lock')
  })
  afterEach(() => fs.rmSync(folder, { recursive: true }))

  const here = {
    'drydock.boot': fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    'drydock.namespace': fs.readlinkSync('/proc/self/ns/pid'),
  }

  it('is taken over from whoever is no more', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    const own = { ...here, 'drydock.pid': String(process.pid) }
    const left = {
      'a process that has ended': JSON.stringify({ ...here, 'drydock.pid': String(child.pid), 'drydock.start': '1' }),
      'a number that is another process by now': JSON.stringify({ ...own, 'drydock.start': '1' }),
      'another boot': JSON.stringify({ ...own, 'drydock.boot': 'x' }),
      'a machine that went down': '',
      'a disk that lost half': '{"drydock.pid": "1',
    }
    for (const [what, content] of Object.entries(left)) {
      fs.writeFileSync(file, content)
      const lock = await Lock.take(file)
      expect(await Lock.holder(file), what).to.deep.equal({ pid: process.pid, brief: false })
      await lock.release()
    }
    expect(fs.readdirSync(folder)).to.deep.equal([])
  })

  it('goes from the dead to one of many that want it at once', async () => {
    for (let round = 0; round < (process.env.DRYDOCK_SOAK === undefined ? 5 : 200); round++) {
      fs.writeFileSync(file, '')
      // One that died while it cleared away.
      if (round % 2 === 0) fs.writeFileSync(`${file}.clearing`, '')
      const taken = await Promise.all(Array.from({ length: 8 }, () => Lock.take(file).catch(() => undefined)))
      const [lock, ...more] = taken.filter((one) => one !== undefined)
      expect(more).to.deep.equal([])
      await lock!.release()
      expect(fs.readdirSync(folder)).to.deep.equal([])
    }
  })

  it('is not taken from the living, of whom the brief are waited for', async () => {
    const kept = await Lock.take(file)
    expect(await failureCode(Lock.take(file))).to.equal('busy')
    await kept.release()
    const brief = await Lock.take(file, { brief: true })
    expect(await failureCode(Lock.take(file, { patienceMs: 0 }))).to.equal('busy')
    const waiting = Lock.take(file)
    await brief.release()
    await (await waiting).release()
  })

  it('lets one at a time write to a project', async () => {
    let inside = 0
    let most = 0
    const writing = Array.from({ length: 12 }, () =>
      new WriteLock(file).during(async () => {
        most = Math.max(most, ++inside)
        await fs.promises.readdir(folder)
        inside -= 1
      }),
    )
    await Promise.all(writing)
    expect([most, inside]).to.deep.equal([1, 0])
    expect(await failureCode(new WriteLock(file).during(() => Promise.reject(new Failure('disk', 'Full.'))))).to.equal(
      'disk',
    )
    expect(fs.readdirSync(folder)).to.deep.equal([])
  })
})

/** A content that there is once. */
function random(bytes: number): Buffer {
  return Buffer.alloc(bytes, Math.random().toString())
}

for (const mode of modes) {
  describe(`two workspaces of a project, filled by ${mode}`, () => {
    const grounds: Ground[] = []
    const both = async (files: Record<string, string>) => {
      const first = new Ground(mode, files)
      const second = new Ground(mode, {}, first)
      grounds.push(second, first)
      await first.open()
      await second.open()
      return [first, second] as const
    }
    afterEach(async () => {
      for (const ground of grounds.splice(0)) await ground.remove()
    })

    it('do not see each other, and merge what they apply', async () => {
      const [first, second] = await both({ 'a.txt': '1\n2\n3\n4\n5\n', 'b.txt': 'b\n' })
      first.edit('a.txt', 'one\n2\n3\n4\n5\n')
      first.edit('b.txt', 'first\n')
      expect(await second.workspace.changes()).to.deep.equal([])
      second.edit('a.txt', '1\n2\n3\n4\nfive\n')
      second.edit('b.txt', 'second\n')
      await second.workspace.changes()
      expect((await first.workspace.apply('all')).applied).to.deep.equal(['a.txt', 'b.txt'])
      const seen = (await second.workspace.changes()).map((change) => [change.path, change.drifted])
      // Where the lines do not meet, what the first has written is in the second at once.
      expect(seen).to.deep.equal([
        ['a.txt', false],
        ['b.txt', true],
      ])
      const report = await second.workspace.apply('all')
      expect(report.applied).to.deep.equal(['a.txt'])
      expect(report.conflicts.map(({ path }) => path)).to.deep.equal(['b.txt'])
      expect(text(first.project, 'a.txt')).to.equal('one\n2\n3\n4\nfive\n')
      expect(text(first.project, 'b.txt')).to.equal('first\n')
    })

    it('apply one after the other, although both were told to at once', async () => {
      const [first, second] = await both({})
      const acts: string[] = []
      for (const ground of [first, second]) {
        await ground.end()
        await ground.open({ onAct: () => void acts.push(ground === first ? 'first' : 'second') })
        for (let n = 0; n < 5; n++) ground.edit(`${ground === first ? 'f' : 's'}${n}.txt`, 'x')
      }
      const reports = await Promise.all([first.workspace.apply('all'), second.workspace.apply('all')])
      expect(reports.map(({ applied }) => applied.length)).to.deep.equal([5, 5])
      const turns = acts.filter((who, at) => who !== acts[at - 1])
      expect(turns).to.have.members(['first', 'second']).and.have.length(2)
    })
  })

  describe(`a workspace filled by ${mode} that takes too much of the disk`, () => {
    let ground: Ground
    afterEach(() => ground.remove())
    it('loses its oldest checkpoints, and says so where that is not enough', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n' })
      const workspace = await ground.open({ diskLimit: 2 ** 20 })
      fs.mkdirSync(join(ground.store, 'home'))
      fs.writeFileSync(join(ground.store, 'home', 'cache'), random(2_000_000))
      for (let n = 0; n < 6; n++) {
        ground.edit('a.txt', random(200_000))
        await workspace.checkpoint({ turn: n, prompt: 'x' })
      }
      await workspace.fit()
      const left = (await workspace.checkpoints()).map(({ id }) => id)
      expect(left).to.deep.equal(['4', '5', '6'])
      const large = random(2_000_000)
      ground.edit('large.txt', large)
      await workspace.checkpoint({ turn: 7, prompt: 'x' })
      expect(await failureCode(workspace.fit())).to.equal('disk')
      expect((await workspace.changes()).map(({ path }) => path)).to.deep.equal(['a.txt', 'large.txt'])
      expect((await workspace.checkpoints()).map(({ id }) => id)).to.deep.equal(['7'])
      expect((await workspace.apply('all')).applied).to.deep.equal(['a.txt', 'large.txt'])
      expect(fs.readFileSync(join(ground.project, 'large.txt')).equals(large)).to.equal(true)
    })
  })
}
