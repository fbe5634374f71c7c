import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure, type FailureCode } from '../../lib/core/failure.ts'
import { Checkpoints, type Moment } from '../../lib/workspace/checkpoint.ts'
import { Ledger } from '../../lib/workspace/ledger.ts'
import { Objects } from '../../lib/workspace/objects.ts'
import { Ground, modes, text, tree } from './ground.ts'

for (const mode of modes) {
  describe(`a workspace filled by ${mode}`, () => {
    let ground: Ground
    afterEach(() => ground.remove())

    const paths = async () => (await ground.workspace.changes()).map(({ path }) => path)

    it('is taken up again as it was left', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n', 'b.txt': 'b\n' })
      await ground.open()
      expect(fs.existsSync(join(ground.store, 'copy'))).to.equal(mode === 'copy')
      ground.edit('a.txt', 'A\n')
      await ground.end()
      ground.save('b.txt', 'person\n')
      await ground.open()
      expect(await paths()).to.deep.equal(['a.txt'])
      expect(text(ground.inside, 'a.txt')).to.equal('A\n')
    })

    it('shows the project as it is now where nothing was changed', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n', '.gitignore': 'modules/\n' })
      await ground.open()
      ground.edit('modules/m.js', 'm\n')
      ground.edit('.git/HEAD', 'agent\n')
      await ground.end()
      ground.save('a.txt', 'person\n')
      ground.save('d/b.txt', 'person\n')
      await ground.open()
      expect(text(ground.inside, 'a.txt')).to.equal('person\n')
      expect(text(ground.inside, 'd/b.txt')).to.equal('person\n')
      expect(text(ground.inside, 'modules/m.js')).to.equal('m\n')
      expect(text(ground.inside, '.git/HEAD')).to.equal('agent\n')
      expect(await paths()).to.deep.equal([])
    })

    it('knows what a change was based on although nobody had looked before the crash', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\nb\nc\nd\n' })
      await ground.open()
      ground.edit('a.txt', 'A\nb\nc\nd\n')
      await ground.end()
      await ground.open()
      ground.save('a.txt', 'a\nb\nc\nD\n')
      expect((await ground.workspace.apply('all')).applied).to.deep.equal(['a.txt'])
      expect(text(ground.project, 'a.txt')).to.equal('A\nb\nc\nD\n')
    })

    it('reports a conflict where it does not know what a change was based on', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n' })
      await ground.open()
      ground.edit('a.txt', 'agent\n')
      ground.save('a.txt', 'person\n')
      const reason = 'The project changed it too, and what it was before is not known.'
      const conflicts = [{ path: 'a.txt', reason }]
      expect(await ground.workspace.apply('all')).to.deep.equal({ applied: [], conflicts, refused: [] })
      expect(text(ground.project, 'a.txt')).to.equal('person\n')
    })

    it('discards what is selected, and brings it back', async () => {
      ground = new Ground(mode, {
        'a.txt': 'a\n',
        'd/b.txt': 'b\n',
        'gone/c.txt': 'c\n',
        'was-file': 'x\n',
        'run.sh': 'x\n',
      })
      fs.mkdirSync(join(ground.project, 'hollow'))
      await ground.open()
      const before = tree(ground.inside)
      ground.edit('a.txt', 'A\n')
      ground.edit('d/b.txt', 'B\n')
      ground.edit('new/dir/n.txt', 'n\n')
      ground.delete('gone')
      ground.delete('hollow')
      ground.delete('was-file')
      ground.edit('was-file/x', 'x\n')
      fs.chmodSync(join(ground.inside, 'run.sh'), 0o755)
      fs.symlinkSync('a.txt', join(ground.inside, 'link'))
      const project = tree(ground.project)
      const all = await paths()
      expect((await ground.workspace.discard({ paths: ['d'] })).paths).to.deep.equal(['d/b.txt'])
      expect(await paths()).to.deep.equal(all.filter((path) => path !== 'd/b.txt'))
      const { checkpoint } = await ground.workspace.discard('all')
      expect(await paths()).to.deep.equal([])
      expect(tree(ground.inside)).to.deep.equal(before)
      await ground.workspace.restore(checkpoint)
      expect(await paths()).to.deep.equal(all.filter((path) => path !== 'd/b.txt'))
      expect(text(ground.inside, 'new/dir/n.txt')).to.equal('n\n')
      expect(fs.readlinkSync(join(ground.inside, 'link'))).to.equal('a.txt')
      expect(tree(ground.project)).to.deep.equal(project)
    })

    it('goes back to a checkpoint, what was applied since included', async () => {
      ground = new Ground(mode, { 'a.txt': '1\n', 'b.txt': '1\n', 'c.txt': '1\n' })
      await ground.open()
      ground.edit('a.txt', '2\n')
      const checkpoint = await ground.workspace.checkpoint()
      ground.edit('a.txt', '3\n')
      ground.edit('b.txt', '3\n')
      ground.edit('new.txt', '3\n')
      ground.delete('c.txt')
      await ground.workspace.apply('all')
      await ground.workspace.restore(checkpoint)
      expect(['a.txt', 'b.txt', 'c.txt'].map((path) => text(ground.inside, path))).to.deep.equal(['2\n', '1\n', '1\n'])
      expect(fs.existsSync(join(ground.inside, 'new.txt'))).to.equal(false)
      expect(text(ground.project, 'a.txt')).to.equal('3\n')
      expect(await paths()).to.deep.equal(['a.txt', 'b.txt', 'c.txt', 'new.txt'])
      expect(await codeOf(ground.workspace.restore('../1'))).to.equal('missing')
    })

    it('is only looked at and applied without a sandbox', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n' })
      await ground.open()
      ground.edit('a.txt', 'A\n')
      const workspace = await ground.read()
      expect(await codeOf(workspace.discard('all'))).to.equal('sandbox')
      expect(await codeOf(workspace.restore('1'))).to.equal('sandbox')
      expect(await codeOf(workspace.diff('nothing'))).to.equal('missing')
      expect((await workspace.apply('all')).applied).to.deep.equal(['a.txt'])
    })

    it('belongs to one living session', async () => {
      ground = new Ground(mode)
      await ground.open()
      const second = Object.create(ground) as Ground
      expect(await codeOf(second.open())).to.equal('busy')
      await ground.end()
      const child = spawn('true')
      await once(child, 'exit')
      const lock = JSON.stringify({ 'drydock.pid': String(child.pid), 'drydock.start': '1', ...here() })
      fs.writeFileSync(join(ground.store, 'lock'), lock)
      await ground.open()
    })
  })
}

describe('a project without a workspace', () => {
  it('has no changes', async () => {
    const ground = new Ground('copy', { 'a.txt': 'a\n' })
    const workspace = await ground.read()
    expect(await workspace.changes()).to.deep.equal([])
    await ground.remove()
  })
})

describe('checkpoints', () => {
  it('make room by dropping the oldest, never what is needed or newest', async () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'drydock-checkpoints-'))
    try {
      const objects = new Objects(join(folder, 'objects'))
      const checkpoints = new Checkpoints(
        join(folder, 'checkpoints'),
        objects,
        await Ledger.load(join(folder, 'l')),
        25,
      )
      const base = `file:${await objects.put(Buffer.alloc(10, 'b'))}`
      const ids: string[] = []
      const hashes: string[] = []
      for (const letter of ['x', 'y', 'z']) {
        const hash = await objects.put(Buffer.alloc(10, letter))
        hashes.push(hash)
        ids.push(await checkpoints.keep(holding(`file:${hash}`), [base]))
      }
      expect(ids).to.deep.equal(['1', '2', '3'])
      expect(await codeOf(checkpoints.moment('2'))).to.equal('missing')
      expect(await checkpoints.moment('3')).to.deep.equal(holding(`file:${hashes[2]}`))
      expect([...(await objects.sizes()).keys()].toSorted()).to.deep.equal([base.slice(5), hashes[2]].toSorted())
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })
})

function holding(identity: string): Moment {
  return { entries: new Map([['a', identity]]), bases: new Map(), gone: [], ledger: 0 }
}

async function codeOf(work: Promise<unknown>): Promise<FailureCode | undefined> {
  try {
    await work
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
  return undefined
}

function here(): Record<string, string> {
  return {
    'drydock.boot': fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    'drydock.namespace': fs.readlinkSync('/proc/self/ns/pid'),
  }
}
