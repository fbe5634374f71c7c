import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Change } from '../../lib/core/changes.ts'
import { pathFromBytes } from '../../lib/core/paths.ts'
import { command, Ground, modes, text, tree } from './ground.ts'

const newline = 'new\nline .txt'
const broken = pathFromBytes(Buffer.from([0x66, 0xff, 0x2e]))

for (const mode of modes) {
  describe(`changes of a workspace filled by ${mode}`, () => {
    let ground: Ground
    afterEach(() => ground.remove())

    const changes = async () => (await ground.workspace.changes()).map(brief)

    it('finds every kind of change, sorted, and leaves the project alone', async () => {
      ground = new Ground(mode, {
        'keep.txt': 'keep\n',
        'edit.txt': 'one\ntwo\nthree\n',
        'tool.sh': '#!/bin/sh\n',
        'gone.txt': 'gone\n',
        'old/a/deep.txt': '1\n2\n',
        'old/b.txt': 'b\n',
        'was-link': 'text\n',
        'was-folder/x': 'x\n',
      })
      fs.mkdirSync(join(ground.project, 'hollow'))
      await ground.open()
      const before = tree(ground.project)
      ground.edit('edit.txt', 'one\n2\nthree\nfour\n')
      ground.edit('fresh/dir/new.txt', 'a\nb\n')
      ground.edit(newline, 'x')
      ground.edit(broken, 'y\n')
      ground.edit('image.png', Buffer.from([1, 0, 2, 3]))
      ground.delete('gone.txt')
      ground.delete('old')
      ground.delete('hollow')
      ground.delete('was-link')
      ground.delete('was-folder')
      ground.edit('was-folder', 'now a file\n')
      fs.symlinkSync('keep.txt', join(ground.inside, 'was-link'))
      fs.mkdirSync(join(ground.inside, 'empty'))
      fs.chmodSync(join(ground.inside, 'tool.sh'), 0o755)
      command('mkfifo', [join(ground.inside, 'pipe')])
      fs.utimesSync(join(ground.inside, 'keep.txt'), 1, 1)
      expect(await changes()).to.deep.equal(
        [
          'changed file edit.txt 17 +2 -1',
          'added directory empty 0',
          `added file ${broken} 2 +1 -0`,
          'added file fresh/dir/new.txt 4 +2 -0',
          'deleted file gone.txt 0 +0 -1',
          'deleted directory hollow 0',
          'added file image.png 4 binary',
          `added file ${newline} 1 +1 -0`,
          'deleted file old/a/deep.txt 0 +0 -2',
          'deleted file old/b.txt 0 +0 -1',
          'added other pipe 0 refused',
          'changed file tool.sh 10 +0 -0 executable',
          'changed file was-folder 11',
          'deleted file was-folder/x 0 +0 -1',
          'changed symlink was-link 8',
        ].toSorted((a, b) => (pathIn(a) < pathIn(b) ? -1 : 1)),
      )
      expect(tree(ground.project)).to.deep.equal(before)
    })

    it('tells nothing of what is the same again', async () => {
      ground = new Ground(mode, { 'a.txt': 'a\n', 'd/b.txt': 'b\n' })
      await ground.open()
      ground.edit('a.txt', 'other\n')
      ground.delete('d')
      expect(await changes()).to.have.length(2)
      ground.edit('a.txt', 'a\n')
      ground.edit('d/b.txt', 'b\n')
      expect(await changes()).to.deep.equal([])
    })

    it('sees a folder that was removed and made again, with and without a sandbox', async () => {
      ground = new Ground(mode, { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n', 'src/sub/c.ts': 'c\n' })
      await ground.open()
      ground.delete('src')
      ground.edit('src/a.ts', 'a\n')
      const expected = ['deleted file src/b.ts 0 +0 -1', 'deleted file src/sub/c.ts 0 +0 -1']
      expect(await changes()).to.deep.equal(expected)
      await ground.read()
      expect(await changes()).to.deep.equal(expected)
    })

    it('leaves out .git and what is ignored, and names the latter', async () => {
      ground = new Ground(mode, {
        '.gitignore': 'node_modules/\n*.log\n',
        'sub/.gitignore': '!keep.log\n',
      })
      await ground.open()
      ground.edit('node_modules/qs/index.js', 'x\n')
      ground.edit('run.log', 'x\n')
      ground.edit('sub/keep.log', 'x\n')
      ground.edit('.git/HEAD', 'other\n')
      ground.edit('dist/.gitignore', '*\n')
      ground.edit('dist/out.js', 'x\n')
      expect(await changes()).to.deep.equal(['added file sub/keep.log 2 +1 -0'])
      expect(await ground.workspace.ignored()).to.deep.equal([
        'dist/.gitignore',
        'dist/out.js',
        'node_modules/',
        'run.log',
      ])
      expect(await ground.workspace.apply({ paths: ['run.log'] })).to.deep.equal({
        applied: ['run.log'],
        conflicts: [],
        refused: [],
      })
      expect(text(ground.project, 'run.log')).to.equal('x\n')
    })

    it('says why a change cannot be applied', async () => {
      ground = new Ground(mode, { 'a/b.txt': 'b\n' })
      await ground.open()
      fs.symlinkSync('/etc/passwd', join(ground.inside, 'absolute'))
      fs.symlinkSync('../../outside', join(ground.inside, 'a/up'))
      fs.symlinkSync('a/../../outside', join(ground.inside, 'winding'))
      fs.symlinkSync('../a/b.txt', join(ground.inside, 'a/fine'))
      fs.symlinkSync('.git/hooks', join(ground.inside, 'hooks'))
      ground.edit('.GIT/config', 'x\n')
      ground.edit('suid', 'x\n')
      fs.chmodSync(join(ground.inside, 'suid'), 0o4755)
      const found = await ground.workspace.changes()
      expect(found.map(({ path, refused }) => [path, refused !== undefined])).to.deep.equal([
        ['.GIT/config', true],
        ['a/fine', false],
        ['a/up', true],
        ['absolute', true],
        ['hooks', true],
        ['suid', true],
        ['winding', true],
      ])
    })

    it('knows what the person changed meanwhile', async () => {
      ground = new Ground(mode, { 'both.txt': 'a\nb\nc\nd\ne\n', 'theirs.txt': 'x\n', 'same.txt': '1\n' })
      await ground.open()
      ground.edit('both.txt', 'A\nb\nc\nd\ne\n')
      ground.edit('same.txt', '2\n')
      expect(await changes()).to.have.length(2)
      ground.save('both.txt', 'a\nb\nc\nd\nE\n')
      ground.save('theirs.txt', 'y\n')
      ground.save('same.txt', '2\n')
      ground.save('person.txt', 'new\n')
      const [change, ...others] = await ground.workspace.changes()
      expect(others).to.deep.equal([])
      expect([brief(change!), change!.drifted]).to.deep.equal(['changed file both.txt 10 +1 -1', false])
      expect(text(ground.inside, 'both.txt')).to.equal('A\nb\nc\nd\nE\n')
      const { hunks } = await ground.workspace.diff('both.txt')
      expect(hunks[0]!.lines.map(({ sign, text: line }) => sign + line)).to.deep.equal(['-a', '+A', ' b', ' c', ' d'])
    })

    it('finds in a folder that is very large, or was once, what it finds in any other', async () => {
      ground = new Ground(mode, {
        '.gitignore': 'pad-*\n',
        'big/edit.txt': 'a\n',
        'big/gone.txt': 'b\n',
        'big/same.txt': 'c\n',
        'big/sub/deep.txt': 'd\n',
      })
      await ground.open()
      ground.edit('big/edit.txt', 'other\n')
      ground.edit('big/new.txt', 'new\n')
      ground.edit(`big/${broken}`, 'x\n')
      ground.edit('big/.gitignore', '*.log\n')
      ground.edit('big/run.log', 'x\n')
      ground.delete('big/gone.txt')
      ground.delete('big/sub')
      const expected = await changes()
      expect(expected).to.have.length(6)
      const pads = Array.from({ length: 4100 }, (_, index) =>
        join(ground.inside, 'big', `pad-${'x'.repeat(240)}${index}`),
      )
      fs.writeFileSync(pads[0]!, '')
      for (const pad of pads.slice(1)) fs.linkSync(pads[0]!, pad)
      expect(await changes(), 'full').to.deep.equal(expected)
      expect(await ground.workspace.ignored()).to.have.length(pads.length + 1)
      for (const pad of pads) fs.unlinkSync(pad)
      expect(await changes(), 'emptied').to.deep.equal(expected)
      expect(await ground.workspace.ignored()).to.deep.equal(['big/run.log'])
    })

    it('does not take for a deletion what the person added in a folder made again', async () => {
      ground = new Ground(mode, { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n' })
      await ground.open()
      ground.delete('src')
      ground.edit('src/a.ts', 'a\n')
      ground.save('src/mine.ts', 'mine\n')
      expect(await changes()).to.deep.equal(['deleted file src/b.ts 0 +0 -1'])
    })
  })
}

const linesOf = (word: string) => Array.from({ length: 3000 }, (_, line) => `${word} ${line}\n`).join('')

describe('changes of many files that have little in common with what they were', () => {
  it('are found at once, and their lines counted from look to look', async function () {
    this.timeout(60_000)
    const names = Array.from({ length: 8 }, (_, index) => `${index}.txt`)
    const ground = new Ground('copy', Object.fromEntries(names.map((name) => [name, linesOf(`old ${name}`)])))
    try {
      await ground.open()
      for (const name of names) ground.edit(name, linesOf(`new ${name}`))
      let changes = await ground.workspace.changes()
      expect(changes.length).to.equal(names.length)
      expect(changes.filter(({ added }) => added === undefined).length).to.be.greaterThan(0)
      while (changes.some(({ added }) => added === undefined)) changes = await ground.workspace.changes()
      expect(new Set(changes.map(({ added, removed }) => `${added} ${removed}`))).to.deep.equal(new Set(['3000 3000']))
    } finally {
      await ground.remove()
    }
  })
})

describe('changes in a large project', () => {
  it('cost what they are, not what the project is', async function () {
    if (!modes.includes('overlay')) return this.skip()
    this.timeout(120_000)
    const [small, large] = [await edited(10), await edited(100_000)]
    expect(large.found).to.deep.equal(small.found)
    expect(large.ms).to.be.below(small.ms * 10 + 50)
  })
})

async function edited(files: number): Promise<{ found: string[]; ms: number }> {
  const ground = new Ground('overlay')
  try {
    const first = join(ground.project, 'd0')
    fs.mkdirSync(first)
    for (let file = 0; file < Math.min(1000, files); file++) fs.writeFileSync(join(first, `f${file}`), 'x\n')
    for (let folder = 1; folder < Math.max(10, files / 1000); folder++)
      command('cp', ['-rl', first, join(ground.project, `d${folder}`)])
    await ground.open()
    for (let folder = 0; folder < 10; folder++) ground.edit(`d${folder}/f1`, 'y\n')
    await ground.workspace.changes()
    const started = performance.now()
    const found = (await ground.workspace.changes()).map(brief)
    return { found, ms: performance.now() - started }
  } finally {
    await ground.remove()
  }
}

function brief(change: Change): string {
  const { kind, type, path, size, added, removed, binary, executable, refused } = change
  const lines = added === undefined ? '' : ` +${added} -${removed}`
  const flags = `${binary ? ' binary' : ''}${executable ? ' executable' : ''}${refused === undefined ? '' : ' refused'}`
  return `${kind} ${type} ${path} ${type === 'other' ? 0 : size}${lines}${flags}`
}

function pathIn(line: string): string {
  return line.split(' ').slice(2).join(' ')
}
