import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathFromBytes, pathToBytes } from '../../lib/core/paths.ts'
import { copyScript } from '../../lib/workspace/copy.ts'
import { dependencyFolders } from '../../lib/workspace/dependencies.ts'
import { at, Ground, text, tree } from './ground.ts'

describe('the folders of dependencies in a project', () => {
  it('are those of the known names that it ignores, found through no link', async () => {
    const ground = new Ground('copy', {
      '.gitignore': 'node_modules/\n/target\n.venv\ndist/\n',
      'node_modules/m/node_modules/n.js': '',
      'packages/[a]/node_modules/m.js': '',
      'packages/b/target/kept': '',
      'packages/c/.gitignore': '!node_modules/\n',
      'packages/c/node_modules/kept.js': '',
      'target/x': '',
      'dist/node_modules/x': '',
      '.venv': 'a file',
      'vendor/kept': '',
      '.git/node_modules/x': '',
    })
    try {
      fs.symlinkSync('..', join(ground.project, 'packages/up'))
      const found = ['node_modules', 'packages/[a]/node_modules', 'target']
      expect(await dependencyFolders(ground.project)).to.deep.equal(found)
    } finally {
      await ground.remove()
    }
  })
})

describe('the script that copies a project', () => {
  it('leaves out those paths and copies all else, whatever it is called', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'drydock-copy-'))
    try {
      const project = join(folder, 'from')
      const strange = [
        "it's",
        'a*b',
        '[x]',
        '$(touch pwned)',
        'back\\slash',
        'new\nline',
        '-rf',
        ' ',
        pathFromBytes(Buffer.from([0x66, 0xff])),
      ]
      for (const name of strange) {
        fs.mkdirSync(at(project, `${name}/deps`), { recursive: true })
        fs.writeFileSync(at(project, `${name}/deps/d`), 'd')
        fs.writeFileSync(at(project, `${name}/f`), 'f', { mode: 0o755 })
      }
      fs.mkdirSync(join(project, 'shut'), { mode: 0o700 })
      fs.writeFileSync(join(project, 'axb'), 'like the pattern a*b')
      fs.mkdirSync(join(project, 'empty'))
      fs.symlinkSync('nowhere', join(project, 'link'))
      const apart = strange.map((name) => `${name}/deps`)
      const expected = tree(project)
      for (const path of Object.keys(expected)) if (/(^|\/)deps(\/|$)/.test(path)) delete expected[path]
      const to = join(folder, 'to')
      for (const update of [false, true]) {
        fs.mkdirSync(to, { recursive: true })
        const script = pathToBytes(copyScript(apart, { update }))
        const input = Buffer.from(script.toString('latin1').replaceAll("'/project/", `'${project}/`), 'latin1')
        const { status, stderr } = spawnSync('sh', ['-s', to], { input, cwd: folder })
        expect([status, stderr.toString()]).to.deep.equal([0, ''])
        expect(tree(to)).to.deep.equal(expected)
        fs.rmSync(to, { recursive: true })
      }
      expect(fs.readdirSync(folder)).to.deep.equal(['from'])
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })

  it('shares the blocks where the file system can', function () {
    const folder = fs.mkdtempSync(join(tmpdir(), 'drydock-copy-'))
    const [disk, root] = [join(folder, 'disk'), join(folder, 'mounted')]
    try {
      fs.mkdirSync(root)
      fs.closeSync(fs.openSync(disk, 'w'))
      fs.truncateSync(disk, 400_000_000)
      if (!run('mkfs.xfs', '-q', '-m', 'reflink=1', disk) || !run('mount', '-o', 'loop', disk, root)) return this.skip()
      const [project, to] = [join(root, 'project'), join(root, 'to')]
      for (const made of [project, to]) fs.mkdirSync(made)
      fs.writeFileSync(join(project, 'large'), randomBytes(64_000_000))
      const free = () => {
        run('sync', '-f', root)
        const { bavail, bsize } = fs.statfsSync(root)
        return bavail * bsize
      }
      const before = free()
      const script = copyScript([], { update: false, from: project })
      expect(spawnSync('sh', ['-s', to], { input: script }).status).to.equal(0)
      expect(before - free(), 'bytes taken').to.be.lessThan(8_000_000)
      fs.writeFileSync(join(to, 'large'), 'other')
      expect(fs.statSync(join(project, 'large')).size).to.equal(64_000_000)
    } finally {
      run('umount', root)
      fs.rmSync(folder, { recursive: true })
    }
  })
})

describe('a copied workspace', () => {
  let ground: Ground
  afterEach(() => ground.remove())

  it("has folders of dependencies of its own, which outlive the session and are never taken for the person's", async () => {
    ground = new Ground('copy', {
      '.gitignore': 'node_modules/\n',
      'src/a.js': 'a\n',
      'node_modules/theirs/i.js': 'theirs\n',
      'app/node_modules/theirs/i.js': 'theirs\n',
      'app/b.js': 'b\n',
    })
    const before = tree(ground.project)
    await ground.open()
    expect(Object.keys(tree(ground.inside)).toSorted()).to.deep.equal([
      '.gitignore',
      'app',
      'app/b.js',
      'src',
      'src/a.js',
    ])
    expect(await ground.workspace.changes()).to.deep.equal([])
    expect(await ground.workspace.ignored()).to.deep.equal([])
    ground.edit('node_modules/own/i.js', 'own\n')
    ground.edit('src/a.js', 'A\n')
    expect((await ground.workspace.changes()).map(({ path }) => path)).to.deep.equal(['src/a.js'])
    expect(await ground.workspace.ignored()).to.deep.equal(['node_modules/'])

    // With changes, without, and with one that the person made since.
    for (const next of ['kept', 'discarded', 'updated']) {
      if (next === 'discarded') await ground.workspace.discard({ paths: ['src/a.js'] })
      await ground.end()
      if (next === 'updated') ground.save('node_modules/theirs/new.js', 'new\n')
      await ground.open()
      expect(fs.readdirSync(join(ground.inside, 'node_modules')), next).to.deep.equal(['own'])
      expect(fs.existsSync(join(ground.inside, 'app/node_modules')), next).to.equal(false)
    }
    fs.rmSync(join(ground.project, 'node_modules/theirs/new.js'))
    expect(await ground.workspace.changes()).to.deep.equal([])

    const named = await ground.workspace.apply({ paths: ['node_modules', 'app/node_modules'] })
    expect(named.applied).to.deep.equal(['node_modules/own/i.js'])
    expect(named.refused.map(({ path }) => path)).to.deep.equal(['app/node_modules'])
    expect(text(ground.project, 'node_modules/own/i.js')).to.equal('own\n')
    fs.rmSync(join(ground.project, 'node_modules/own'), { recursive: true })
    expect(tree(ground.project), 'nothing of theirs is gone').to.deep.equal(before)
  })
})

/** Whether a program ended well. */
function run(file: string, ...args: string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0
}
