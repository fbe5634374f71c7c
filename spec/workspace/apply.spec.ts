import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { pathFromBytes } from '../../lib/core/paths.ts'
import type { HunkPart } from '../../lib/core/changes.ts'
import { Failure } from '../../lib/core/failure.ts'
import { diffLines, takeHunks } from '../../lib/workspace/lines.ts'
import { Objects } from '../../lib/workspace/objects.ts'
import { place } from '../../lib/workspace/place.ts'
import { sensitivity } from '../../lib/workspace/sensitive.ts'
import { at, command, Ground, modes, text, tree } from './ground.ts'

const newline = 'new\nline .txt'
const broken = pathFromBytes(Buffer.from([0x66, 0xff, 0x2e]))
const me = `${process.getuid!()}:${process.getgid!()}`
const none = { applied: [], conflicts: [], refused: [] }

const lines = (first: string, last: string) => `${first}\nb\nc\nd\n${last}\n`

for (const mode of modes) {
  describe(`applying a workspace filled by ${mode}`, () => {
    let ground: Ground
    afterEach(() => ground.remove())

    /** What inside and outside hold, but for owners and permissions, is the same. */
    const same = () => expect(contents(ground.project)).to.deep.equal(contents(ground.inside))

    it('makes the project exactly what the workspace is', async () => {
      ground = new Ground(mode, {
        'keep.txt': 'keep\n',
        'edit.txt': 'one\r\ntwo\r\n',
        'run.sh': 'x\n',
        'old/a/deep.txt': '1\n',
        'was-file': 'x\n',
        'was-folder/x/y': 'y\n',
        'was-link-to': 'x\n',
      })
      fs.chmodSync(join(ground.project, 'edit.txt'), 0o640)
      fs.mkdirSync(join(ground.project, 'hollow'))
      fs.symlinkSync('keep.txt', join(ground.project, 'link'))
      await ground.open()
      ground.edit('edit.txt', 'one\r\n2\r\nthree')
      ground.edit('fresh/dir/new.txt', 'new\n')
      ground.edit(newline, 'x')
      ground.edit(broken, 'y\n')
      ground.edit('image.png', Buffer.from([0, 1, 2]))
      ground.delete('old')
      ground.delete('hollow')
      ground.delete('was-file')
      ground.edit('was-file/inner', 'i\n')
      ground.delete('was-folder')
      ground.edit('was-folder', 'f\n')
      ground.delete('was-link-to')
      fs.symlinkSync('fresh/dir', join(ground.inside, 'was-link-to'))
      fs.mkdirSync(join(ground.inside, 'empty'))
      fs.chmodSync(join(ground.inside, 'run.sh'), 0o755)
      const before = tree(ground.project)
      const changes = await ground.workspace.changes()
      expect(tree(ground.project)).to.deep.equal(before)
      const report = await ground.workspace.apply('all')
      expect(report).to.deep.equal({
        ...none,
        applied: changes.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path])).toSorted(),
      })
      same()
      expect(tree(ground.project)['edit.txt']).to.match(new RegExp(`^file 640 ${me}`))
      expect(tree(ground.project)['run.sh']).to.match(new RegExp(`^file 755 ${me}`))
      expect(await ground.workspace.changes()).to.deep.equal([])
    })

    it('applies what is selected, a folder with all in it', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n', 'd/b.txt': 'b\n', 'd/e/c.txt': 'c\n' })
      await ground.open()
      for (const path of ['a.txt', 'd/b.txt', 'd/e/c.txt']) ground.edit(path, 'edited\n')
      expect(await ground.workspace.apply({ paths: ['./d/', 'nothing'] })).to.deep.equal({
        ...none,
        applied: ['d/b.txt', 'd/e/c.txt'],
        refused: [{ path: 'nothing', reason: 'It has no change.' }],
      })
      expect((await ground.workspace.changes()).map(({ path }) => path)).to.deep.equal(['a.txt'])
    })

    it('merges what both sides changed, and tells conflicts', async () => {
      ground = new Ground(mode, {
        'merge.txt': lines('a', 'e'),
        'clash.txt': 'a\n',
        'removed.txt': 'a\n',
        'gone.txt': 'a\n',
        'mode.sh': 'a\n',
        'data.bin': '\0a',
      })
      await ground.open()
      ground.edit('merge.txt', lines('A', 'e'))
      ground.edit('clash.txt', 'ours\n')
      ground.edit('both.txt', 'ours\n')
      ground.edit('data.bin', '\0b')
      ground.edit('gone.txt', 'ours\n')
      ground.delete('removed.txt')
      fs.chmodSync(join(ground.inside, 'mode.sh'), 0o755)
      await ground.workspace.changes()
      ground.save('merge.txt', lines('a', 'E'))
      for (const path of ['clash.txt', 'both.txt', 'removed.txt', 'mode.sh']) ground.save(path, 'theirs\n')
      ground.save('data.bin', '\0c')
      fs.rmSync(join(ground.project, 'gone.txt'))
      const before = tree(ground.project)
      const report = await ground.workspace.apply('all')
      expect(report).to.deep.equal({
        applied: ['merge.txt', 'mode.sh'],
        conflicts: [
          { path: 'both.txt', reason: 'It was added on both sides, with different contents.' },
          { path: 'clash.txt', reason: 'Both sides changed it in the same place, or it is not text.' },
          { path: 'data.bin', reason: 'Both sides changed it in the same place, or it is not text.' },
          { path: 'gone.txt', reason: 'It is changed in the workspace and deleted in the project.' },
          { path: 'removed.txt', reason: 'It is deleted in the workspace and changed in the project.' },
        ],
        refused: [],
      })
      const after = tree(ground.project)
      for (const path of ['merge.txt', 'mode.sh']) expect(after[path]).not.to.equal(before[path])
      expect({ ...after, 'merge.txt': '', 'mode.sh': '' }).to.deep.equal({ ...before, 'merge.txt': '', 'mode.sh': '' })
      expect(text(ground.project, 'merge.txt')).to.equal(lines('A', 'E'))
      expect(text(ground.project, 'mode.sh')).to.equal('theirs\n')
      expect(text(ground.inside, 'merge.txt')).to.equal(lines('A', 'E'))
      ground.edit('merge.txt', lines('AA', 'E'))
      expect((await ground.workspace.apply({ paths: ['merge.txt'] })).applied).to.deep.equal(['merge.txt'])
    })

    it('merges without a sandbox too, and then has no change left', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\nb\nc\nd\n' })
      await ground.open()
      ground.edit('a.txt', 'A\nb\nc\nd\n')
      await ground.workspace.changes()
      ground.save('a.txt', 'a\nb\nc\nD\n')
      const workspace = await ground.read()
      expect(await workspace.apply('all')).to.deep.equal({ ...none, applied: ['a.txt'] })
      expect(text(ground.project, 'a.txt')).to.equal('A\nb\nc\nD\n')
      expect(await workspace.changes()).to.deep.equal([])
    })

    it('does not hide what the person does after an application', async () => {
      ground = new Ground(mode, { 'src/a.txt': 'a\n', 'src/b.txt': 'b\n', 'gone/x.txt': 'x\n' })
      await ground.open()
      ground.edit('src/a.txt', 'A\n')
      ground.edit('made/new.txt', 'n\n')
      ground.delete('gone')
      await ground.workspace.apply('all')
      ground.save('src/a.txt', 'person\n')
      ground.save('gone/x.txt', 'person\n')
      fs.rmSync(join(ground.project, 'made'), { recursive: true })
      expect(await ground.workspace.changes()).to.deep.equal([])
      await ground.end()
      await ground.open()
      expect(await ground.workspace.changes()).to.deep.equal([])
      if (mode === 'overlay') same()
      expect(text(ground.inside, 'src/a.txt')).to.equal('person\n')
      expect(text(ground.inside, 'gone/x.txt')).to.equal('person\n')
    })

    it('refuses what was not shown', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n' })
      await ground.open()
      ground.edit('a.txt', 'shown\n')
      await ground.workspace.diff('a.txt')
      ground.edit('a.txt', 'sneaked in\n')
      const reason = 'It changed after its diff was shown: look at it again.'
      expect(await ground.workspace.apply('all')).to.deep.equal({ ...none, conflicts: [{ path: 'a.txt', reason }] })
      expect(text(ground.project, 'a.txt')).to.equal('a\n')
      await ground.workspace.diff('a.txt')
      expect((await ground.workspace.apply('all')).applied).to.deep.equal(['a.txt'])
    })

    it('writes through no link of the project, whenever it appears', async () => {
      ground = new Ground(mode, { 'd/a.txt': 'a\n', 'e/a.txt': 'a\n' })
      fs.mkdirSync(join(ground.folder, 'outside'))
      fs.writeFileSync(join(ground.folder, 'outside/a.txt'), 'a\n')
      const swap = (name: string) => {
        fs.renameSync(join(ground.project, name), join(ground.folder, name))
        fs.symlinkSync('../outside', join(ground.project, name))
      }
      await ground.open({ onAct: (act) => act === 'journalled' && swap('d') })
      ground.edit('d/a.txt', 'attack\n')
      ground.edit('d/new/b.txt', 'attack\n')
      ground.edit('e/a.txt', 'attack\n')
      ground.edit('e/new.txt', 'attack\n')
      await ground.workspace.changes()
      swap('e')
      const report = await ground.workspace.apply('all')
      expect(report.applied).to.deep.equal([])
      expect([...report.conflicts, ...report.refused].map(({ path }) => path).toSorted()).to.deep.equal([
        'd/a.txt',
        'd/new/b.txt',
        'e',
        'e/a.txt',
        'e/new.txt',
      ])
      expect(contents(join(ground.folder, 'outside'))).to.deep.equal({ 'a.txt': 'file a\n' })
    })

    it('leaves alone what the person changes while it writes', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n', 'b.txt': 'b\n' })
      await ground.open({ onAct: (act) => act === 'journalled' && ground.save('b.txt', 'person\n') })
      ground.edit('a.txt', 'A\n')
      ground.edit('b.txt', 'B\n')
      const reason = 'The project changed it while changes were applied.'
      expect(await ground.workspace.apply('all')).to.deep.equal({
        ...none,
        applied: ['a.txt'],
        conflicts: [{ path: 'b.txt', reason }],
      })
      expect(contents(ground.project)).to.deep.equal({ 'a.txt': 'file A\n', 'b.txt': 'file person\n' })
    })

    it('belongs to whom the project belongs to, root or not', async function () {
      if (process.getuid?.() !== 0) return this.skip()
      for (const owner of ['0:0', '1000:1000']) {
        ground = new Ground(mode, { 'a.txt': 'a\n', 'd/b.txt': 'b\n' })
        command('chown', ['-R', owner, ground.project])
        await ground.open()
        ground.edit('a.txt', 'A\n')
        ground.edit('d/new/n.txt', 'n\n')
        fs.symlinkSync('a.txt', join(ground.inside, 'd/link'))
        expect((await ground.workspace.apply('all')).applied).to.have.length(3)
        for (const about of Object.values(tree(ground.project))) expect(about).to.include(` ${owner}`)
        if (owner === '0:0') await ground.remove()
      }
    })
  })
}

describe('an application', () => {
  let ground: Ground
  afterEach(() => ground.remove())

  it('is completed after a crash at any moment', async function () {
    this.timeout(120_000)
    const before = { 'a.txt': 'file a\n', d: 'folder', 'd/b.txt': 'file b\n', 'run.sh': 'file x\n' }
    const after = {
      'a.txt': 'file A\n',
      link: 'link a.txt',
      new: 'folder',
      'new/n.txt': 'file n\n',
      'run.sh': 'executable x\n',
    }
    for (let act = 0, died = true; died; act++) {
      await prepare()
      const die = new URL('die.ts', import.meta.url).pathname
      const child = spawnSync(process.execPath, ['--import', 'tsx', die, ground.project, ground.store, String(act)])
      died = child.signal === 'SIGKILL'
      if (!died) expect([child.status, child.stderr.toString()]).to.deep.equal([0, ''])
      const workspace = await ground.read()
      if (act === 0) expect(contents(ground.project)).to.deep.equal(before)
      else expect(contents(ground.project), `act ${act}`).to.deep.equal(after)
      if (act > 0) expect(await workspace.changes()).to.deep.equal([])
      await workspace.apply('all')
      expect(contents(ground.project), `act ${act}`).to.deep.equal(after)
      if (died) await ground.remove()
      else expect(act).to.be.greaterThan(10)
    }
  })

  it('reports a full disk, and leaves nothing half written', async function () {
    if (process.getuid?.() !== 0) return this.skip()
    ground = new Ground('copy')
    command('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', ground.project])
    try {
      fs.writeFileSync(join(ground.project, 'a.txt'), 'a\n')
      await ground.open()
      ground.edit('large.txt', 'x'.repeat(1024 * 1024))
      ground.edit('small.txt', 'x')
      expect(await ground.workspace.apply('all')).to.deep.equal({
        ...none,
        applied: ['small.txt'],
        refused: [{ path: 'large.txt', reason: 'The disk is full.' }],
      })
      expect(contents(ground.project)).to.deep.equal({ 'a.txt': 'file a\n', 'small.txt': 'file x' })
    } finally {
      await ground.end()
      command('umount', [ground.project])
    }
  })

  it('never leaves the project nor touches its git, whatever a plan says', async () => {
    ground = new Ground('copy', { '.git/HEAD': 'ref\n', 'a.txt': 'a\n' })
    const objects = new Objects(join(ground.folder, 'objects'))
    const after = `file:${await objects.put(Buffer.from('attack\n'))}`
    const before = tree(ground.folder)
    for (const path of [
      '../x',
      'a/../../x',
      '/etc/x',
      './x',
      '',
      '.git/hooks/x',
      'sub/.git/config',
      '.Git/x',
      'GIT~1/x',
    ]) {
      let code: string | undefined
      try {
        await place(ground.project, { path, before: 'none', after }, Buffer.from('.draft'), objects, () => {})
      } catch (error) {
        code = error instanceof Failure ? error.code : String(error)
      }
      expect([path, code]).to.deep.equal([path, 'unsafe'])
    }
    expect(tree(ground.folder)).to.deep.equal(before)
  })

  async function prepare(): Promise<void> {
    ground = new Ground(modes[0]!, { 'a.txt': 'a\n', 'd/b.txt': 'b\n', 'run.sh': 'x\n' })
    await ground.open()
    ground.edit('a.txt', 'A\n')
    ground.edit('new/n.txt', 'n\n')
    ground.delete('d')
    fs.symlinkSync('a.txt', join(ground.inside, 'link'))
    fs.chmodSync(join(ground.inside, 'run.sh'), 0o755)
    await ground.end()
  }
})

function contents(root: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const path of Object.keys(tree(root))) {
    const file = at(root, path)
    const stat = fs.lstatSync(file)
    if (stat.isSymbolicLink()) found[path] = `link ${fs.readlinkSync(file)}`
    else if (stat.isDirectory()) found[path] = 'folder'
    else found[path] = `${stat.mode & 0o100 ? 'executable' : 'file'} ${fs.readFileSync(file, 'latin1')}`
  }
  return found
}

/** Thirty numbered lines, some of them changed. */
function numbers(changed: Record<number, string>): string {
  return Array.from({ length: 30 }, (_, index) => `${changed[index + 1] ?? index + 1}\n`).join('')
}

/** What some lines of the one hunk make of a text. */
function takeLines(before: string, after: string, wanted: number[]): string {
  const [old, now] = [Buffer.from(before), Buffer.from(after)]
  return takeHunks(old, now, diffLines(old, now).hunks, [{ hunk: 0, lines: wanted }]).toString()
}

describe('choosing what is applied', () => {
  let ground: Ground
  afterEach(() => ground.remove())

  it('applies some hunks of a file, and keeps the others as changes', async () => {
    ground = new Ground('copy', { 'a.txt': numbers({}), 'end.txt': 'x' })
    await ground.open()
    ground.edit('a.txt', numbers({ 1: 'one', 15: 'fifteen', 30: 'thirty' }))
    const { hunks } = await ground.workspace.diff('a.txt')
    expect(hunks).to.have.length(3)
    const some = { paths: [], parts: [{ path: 'a.txt', hunks: [{ hunk: 0 }, { hunk: 2 }] }] }
    expect(await ground.workspace.apply(some)).to.deep.equal({ ...none, applied: ['a.txt'] })
    expect(text(ground.project, 'a.txt')).to.equal(numbers({ 1: 'one', 30: 'thirty' }))
    expect(text(ground.inside, 'a.txt')).to.equal(numbers({ 1: 'one', 15: 'fifteen', 30: 'thirty' }))
    const rest = await ground.workspace.diff('a.txt')
    expect(
      rest.hunks.map((hunk) => hunk.lines.flatMap(({ sign, text: line }) => (sign === ' ' ? [] : [sign + line]))),
    ).to.deep.equal([['-15', '+fifteen']])
    expect((await ground.workspace.apply('all')).applied).to.deep.equal(['a.txt'])
    expect(text(ground.project, 'a.txt')).to.equal(text(ground.inside, 'a.txt'))
  })

  it('merges some hunks into what the person changed meanwhile', async () => {
    ground = new Ground('copy', { 'a.txt': numbers({}) })
    await ground.open()
    ground.edit('a.txt', numbers({ 1: 'one', 30: 'thirty' }))
    await ground.workspace.changes()
    ground.save('a.txt', numbers({ 15: 'person' }))
    await ground.workspace.diff('a.txt')
    await ground.workspace.apply({ paths: [], parts: [{ path: 'a.txt', hunks: [{ hunk: 1 }] }] })
    expect(text(ground.project, 'a.txt')).to.equal(numbers({ 15: 'person', 30: 'thirty' }))
    expect(text(ground.inside, 'a.txt')).to.equal(numbers({ 1: 'one', 30: 'thirty' }))
    await ground.workspace.apply('all')
    expect(text(ground.project, 'a.txt')).to.equal(numbers({ 1: 'one', 15: 'person', 30: 'thirty' }))
  })

  it('takes hunks apart at every edge', () => {
    const cases: [string, string][] = [
      ['', 'a\nb\n'],
      ['a\nb', 'a\nB'],
      ['a\r\nb\r\n', 'a\r\nc\r\n\r\n'],
      [numbers({}), numbers({ 1: '', 2: 'x', 29: 'y\nz' })],
      [numbers({}), numbers({ 1: 'x' }).slice(0, -3)],
      ['\xff\n', '\xfe\n'],
    ]
    for (const [before, after] of cases) {
      const [old, now] = [Buffer.from(before, 'latin1'), Buffer.from(after, 'latin1')]
      const { hunks } = diffLines(old, now)
      const take = (taken: HunkPart[]) => takeHunks(old, now, hunks, taken).toString('latin1')
      const signed = (signs: string): HunkPart[] =>
        hunks.map((one, hunk) => ({
          hunk,
          lines: one.lines.flatMap(({ sign }, i) => (signs.includes(sign) ? [i] : [])),
        }))
      expect([take([]), take(hunks.map((_, hunk) => ({ hunk })))]).to.deep.equal([before, after])
      expect([take(signed('')), take(signed('-+'))]).to.deep.equal([before, after])
    }
  })

  it('takes single lines of a hunk, and gives a line its end where it needs one', () => {
    const [before, after] = ['a\nb\nc\n', 'a\nB\nx\nc\n'] // ' a' '-b' '+B' '+x' ' c'
    expect([[1], [2], [3], [1, 3], [1, 2], [0, 4]].map((wanted) => takeLines(before, after, wanted))).to.deep.equal([
      'a\nc\n',
      'a\nb\nB\nc\n',
      'a\nb\nx\nc\n',
      'a\nx\nc\n',
      'a\nB\nc\n',
      before,
    ])
    expect(takeLines('a\nb', 'a\nB', [2])).to.equal('a\nb\nB')
  })

  it('applies some lines of one file and all of another at once, and keeps the rest as changes', async () => {
    ground = new Ground('copy', { 'a.txt': numbers({}), 'b.txt': 'b\n' })
    await ground.open()
    ground.edit('a.txt', numbers({ 2: 'two\nand', 20: 'twenty' }))
    ground.edit('b.txt', 'B\n')
    const { hunks } = await ground.workspace.diff('a.txt')
    const and = hunks[0]!.lines.findIndex(({ text: line }) => line === 'and')
    const selection = { paths: ['b.txt'], parts: [{ path: 'a.txt', hunks: [{ hunk: 0, lines: [and] }, { hunk: 1 }] }] }
    expect(await ground.workspace.apply(selection)).to.deep.equal({ ...none, applied: ['a.txt', 'b.txt'] })
    expect(text(ground.project, 'a.txt')).to.equal(numbers({ 2: '2\nand', 20: 'twenty' }))
    expect(text(ground.project, 'b.txt')).to.equal('B\n')
    const rest = (await ground.workspace.diff('a.txt')).hunks.flatMap(({ lines: all }) =>
      all.flatMap(({ sign, text: line }) => (sign === ' ' ? [] : [sign + line])),
    )
    expect(rest).to.deep.equal(['-2', '+two'])
    expect((await ground.workspace.changes()).map(({ path }) => path)).to.deep.equal(['a.txt'])
  })

  it('shows both sides of a conflict, and gives the project the side that is chosen', async () => {
    ground = new Ground('copy', { 'a.txt': numbers({}) })
    await ground.open()
    ground.edit('a.txt', numbers({ 1: 'agent', 20: 'twenty' }))
    await ground.workspace.changes()
    ground.save('a.txt', numbers({ 1: 'person' }))
    const [changed] = await ground.workspace.changes()
    expect(changed!.conflict).to.contain('Both sides changed it in the same place')
    const { sides } = await ground.workspace.diff('a.txt')
    const shown = sides!.flatMap(({ lines: all }) => all.filter(({ sign }) => sign !== ' '))
    expect(shown.map(({ sign, text: line }) => sign + line)).to.deep.equal(['-person', '+agent', '-20', '+twenty'])
    expect((await ground.workspace.apply('all')).conflicts).to.have.length(1)
    expect((await ground.workspace.apply('all', { over: ['a.txt'] })).applied).to.deep.equal(['a.txt'])
    expect(text(ground.project, 'a.txt')).to.equal(numbers({ 1: 'agent', 20: 'twenty' }))
    expect(await ground.workspace.changes()).to.deep.equal([])
  })

  it('says of each hunk what it is in, and shows more around it where that is asked for', async () => {
    const body = Array.from({ length: 12 }, (_, index) => `  ${index}\n`).join('')
    ground = new Ground('copy', { 'a.js': `one() {\n${body}}\n\ntwo() {\n${body}}\n` })
    await ground.open()
    ground.edit('a.js', text(ground.project, 'a.js').replaceAll('  9', '  nine'))
    const { hunks } = await ground.workspace.diff('a.js')
    expect(hunks.map(({ heading }) => heading)).to.deep.equal(['one() {', 'two() {'])
    const whole = await ground.workspace.diff('a.js', 100)
    expect(whole.hunks.map((hunk) => hunk.afterLines)).to.deep.equal([29])
  })

  it('shows and applies a file under a new name as one change', async () => {
    ground = new Ground('copy', { 'src/old.txt': 'same\n', 'empty.txt': '' })
    await ground.open()
    ground.delete('src/old.txt')
    ground.edit('lib/new.txt', 'same\n')
    ground.delete('empty.txt')
    ground.edit('other.txt', '')
    const list = (await ground.workspace.changes()).map(({ kind, path, from }) => [kind, path, from])
    expect(list).to.deep.equal([
      ['deleted', 'empty.txt', undefined],
      ['renamed', 'lib/new.txt', 'src/old.txt'],
      ['added', 'other.txt', undefined],
    ])
    expect((await ground.workspace.diff('lib/new.txt')).note).to.equal('Renamed from src/old.txt, not changed.')
    const selected = { paths: ['lib/new.txt'] }
    expect((await ground.workspace.apply(selected)).applied).to.deep.equal(['lib/new.txt', 'src/old.txt'])
    expect(fs.readdirSync(join(ground.project, 'src'))).to.deep.equal([])
  })

  it('asks about names that other file systems take for one', async () => {
    ground = new Ground('copy', { Makefile: 'x\n', 'src/a.ts': 'x\n' })
    await ground.open()
    for (const path of ['makefile', 'SRC/b.ts', 'caf\u00e9', 'cafe\u0301', 'src/b.ts']) ground.edit(path, 'y\n')
    const changes = await ground.workspace.changes()
    expect(changes.filter(({ sensitive }) => sensitive).map(({ path, sensitive }) => [path, sensitive])).to.deep.equal([
      ['SRC/b.ts', 'Where file systems fold names it is the same file as src.'],
      ['caf\u00e9', 'Where file systems fold names it is the same file as cafe\u0301.'],
      ['makefile', 'Where file systems fold names it is the same file as Makefile.'],
    ])
  })
})

describe('what can run commands outside the sandbox', () => {
  it('is known by its path, however that is spelt', () => {
    const sensitive = ['.gitattributes', 'a/.GitAttributes', '.husky/pre-commit', '.githooks/x', '.github/workflows/ci.yml', '.gitlab-ci.yml', 'Jenkinsfile', '.circleci/config.yml', '.vscode', '.VSCode/tasks.json', '.idea/runConfigurations/a.xml', '.envrc', 'sub/.envrc', '.pre-commit-config.yaml', '.devcontainer/devcontainer.json', 'x.code-workspace', 'a/HEAD', 'a/Config', 'b.git/hooks', 'b.git/x', '.hg/hgrc', '.nvim.lua', 'a/.exrc', '.mcp.json', '.claude/settings.json', '.Cursor/mcp.json'] // prettier-ignore
    const plain = [
      'src/a.ts',
      '.github/CODEOWNERS',
      'envrc',
      '.env',
      'src/hooks.ts',
      'vscode/a',
      '.gitignore',
      'my.vscode/a',
      'config.ts',
      'config/a.yml',
      'head.html',
      'claude/a',
    ]
    expect(sensitive.filter((path) => sensitivity(path) === undefined)).to.deep.equal([])
    expect(plain.filter((path) => sensitivity(path) !== undefined)).to.deep.equal([])
  })

  it('is applied only where its very path is allowed', async () => {
    const ground = new Ground('copy', { '.vscode/settings.json': '{}\n' })
    try {
      await ground.open()
      for (const path of ['.vscode/settings.json', '.envrc', 'a.txt']) ground.edit(path, 'x\n')
      const changes = await ground.workspace.changes()
      expect(changes.filter(({ sensitive }) => sensitive).map(({ path }) => path)).to.deep.equal([
        '.envrc',
        '.vscode/settings.json',
      ])
      expect(await ground.workspace.apply('all', { allowed: ['.vscode'] })).to.deep.equal({
        ...none,
        applied: ['a.txt'],
        refused: ['.envrc', '.vscode/settings.json'].map((path) => ({
          path,
          reason: `${sensitivity(path)} It wants a yes of its own.`,
        })),
      })
      expect((await ground.workspace.apply('all', { allowed: ['.envrc'] })).applied).to.deep.equal(['.envrc'])
      expect(text(ground.project, '.vscode/settings.json')).to.equal('{}\n')
    } finally {
      await ground.remove()
    }
  })
})
