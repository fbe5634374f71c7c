import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Failure } from '../../lib/core/failure.ts'
import { Live, type LiveOptions } from '../../lib/workspace/live.ts'
import { at, Ground, modes, text, tree } from './ground.ts'

const soak = process.env['DRYDOCK_SOAK'] !== undefined

/** A ground whose workspace lives with its project. */
class LiveGround extends Ground {
  readonly problems: Failure[] = []
  live: Live | undefined
  altered = 0
  private checks = new Set<() => void>()

  async begin(options: Partial<LiveOptions> = {}): Promise<void> {
    await this.open()
    this.live = await Live.start({
      workspace: this.workspace,
      onFollowed: (_paths, altered) => {
        if (altered) this.altered += 1
        for (const check of this.checks) check()
      },
      onProblem: (failure) => void this.problems.push(failure),
      ...options,
    })
    await this.live.idle()
  }

  override async end(): Promise<void> {
    await this.live?.dispose()
    this.live = undefined
    await super.end()
  }

  /** Settles once something holds, which is looked at whenever paths were followed. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        try {
          if (!holds()) return
        } catch {
          return // a name that leads nowhere yet
        }
        this.checks.delete(check)
        resolve()
      }
      this.checks.add(check)
      check()
    })
  }

  /** Looks at everything inside, so that the kernel remembers it, and what is not there too. */
  remember(...missing: string[]): void {
    tree(this.inside)
    for (const path of missing) fs.existsSync(at(this.inside, path))
  }

  /** Settles once both sides are the same, modes included. */
  async same(): Promise<void> {
    const sides = () =>
      [tree(this.inside), tree(this.project)].map((side) => JSON.stringify(side, Object.keys(side).toSorted()))
    await this.until(() => {
      const [inside, project] = sides()
      return inside === project
    })
  }

  async changed(): Promise<string[]> {
    const changes = await this.workspace.changes()
    return changes.map(({ kind, path, drifted, conflict }) =>
      [kind, path, ...(drifted ? ['drifted'] : []), ...(conflict === undefined ? [] : [conflict])].join(' '),
    )
  }
}

for (const mode of modes) {
  describe(`a live workspace filled by ${mode}`, () => {
    let ground: LiveGround
    afterEach(async () => {
      const { problems } = ground
      await ground.remove()
      expect(problems).to.deep.equal([])
    })

    it('has what the person saves, in place and by rename, makes, deletes, links and makes executable', async () => {
      ground = new LiveGround(mode, {
        'in place': 'a\n',
        'b.txt': 'b\n',
        'd/gone.txt': 'c\n',
        'run.sh': '#!/bin/sh\n',
        was: 'x',
      })
      await ground.begin()
      ground.remember('d/new.txt', 'made/deep/new.txt', 'link')
      fs.appendFileSync(at(ground.project, 'in place'), 'more\n')
      ground.save('b.txt', 'B\n')
      ground.save('d/new.txt', 'n\n')
      ground.save('made/deep/new.txt', 'n\n')
      ground.save('name\udcff\n', 'bytes\n')
      fs.rmSync(at(ground.project, 'd/gone.txt'))
      fs.chmodSync(at(ground.project, 'run.sh'), 0o755)
      fs.symlinkSync('/etc/passwd', at(ground.project, 'link'))
      fs.rmSync(at(ground.project, 'was'))
      fs.symlinkSync('b.txt', at(ground.project, 'was'))
      await ground.same()
      expect(await ground.changed()).to.deep.equal([])
      // What came in goes on following.
      ground.save('b.txt', 'again\n')
      fs.rmSync(at(ground.project, 'made'), { recursive: true })
      ground.save('d/gone.txt', 'back\n')
      fs.rmSync(at(ground.project, 'was'))
      ground.save('was/a/folder.txt', 'now\n')
      fs.writeFileSync(at(ground.project, 'read only'), 'r', { mode: 0o444 })
      await ground.same()
      fs.rmSync(at(ground.project, 'read only'))
      fs.writeFileSync(at(ground.project, 'read only'), 'R', { mode: 0o444 })
      await ground.same()
      expect(await ground.changed()).to.deep.equal([])
      await ground.end()
      await ground.open()
      expect(await ground.changed()).to.deep.equal([])
    })

    it('has the folders that the person moves, swaps, deletes and makes again', async () => {
      const files = {
        'src/deep/er/a.txt': 'a\n',
        'src/deep/b.txt': 'b\n',
        'src/c.txt': 'c\n',
        'lib/d.txt': 'd\n',
        'e/f/g.txt': 'g\n',
      }
      ground = new LiveGround(mode, files)
      await ground.begin()
      ground.remember('moved', 'lib.old')
      const project = (path: string) => join(ground.project, path)
      fs.renameSync(project('src/deep'), project('moved'))
      await ground.same()
      fs.renameSync(project('lib'), project('lib.old'))
      ground.save('lib/new.txt', 'n\n')
      await ground.same()
      ground.remember()
      fs.rmSync(project('e'), { recursive: true })
      await ground.same()
      ground.remember()
      ground.save('e/f/other.txt', 'o\n')
      await ground.same()
      fs.renameSync(project('moved'), project('src/deep'))
      await ground.same()
      expect(await ground.changed()).to.deep.equal([])
      expect(fs.readdirSync(join(ground.inside, 'e/f'))).to.deep.equal(['other.txt'])
    })

    it('merges at once what both sides changed, and tells what does not merge', async () => {
      ground = new LiveGround(mode, {
        'both.txt': 'a\nb\nc\nd\n',
        'clash.txt': 'a\n',
        'gone.txt': 'a\n',
        'same.txt': 'a\n',
      })
      await ground.begin()
      ground.edit('both.txt', 'A\nb\nc\nd\n')
      ground.edit('clash.txt', 'agent\n')
      ground.edit('same.txt', 'same\n')
      ground.delete('gone.txt')
      expect(await ground.changed()).to.have.length(4)
      ground.save('both.txt', 'a\nb\nc\nD\n')
      await ground.until(() => text(ground.inside, 'both.txt') === 'A\nb\nc\nD\n')
      const before = ground.altered
      ground.save('clash.txt', 'person\n')
      await ground.until(() => ground.altered > before)
      ground.save('gone.txt', 'kept\n')
      ground.save('same.txt', 'same\n')
      await ground.until(() => ground.altered > before + 1)
      await ground.live!.idle()
      expect(await ground.changed()).to.deep.equal([
        'changed both.txt',
        'changed clash.txt drifted Both sides changed it in the same place, or it is not text.',
        'deleted gone.txt drifted It is deleted in the workspace and changed in the project.',
      ])
      expect(text(ground.inside, 'clash.txt')).to.equal('agent\n')
      expect(fs.existsSync(at(ground.inside, 'gone.txt'))).to.equal(false)
      expect((await ground.workspace.apply({ paths: ['both.txt'] })).applied).to.deep.equal(['both.txt'])
      expect(text(ground.project, 'both.txt')).to.equal('A\nb\nc\nD\n')
      // One side gives in.
      ground.edit('clash.txt', 'person\nand agent\n')
      expect(await ground.changed()).to.have.length(2)
      ground.save('clash.txt', 'a\n')
      await ground.until(() => text(ground.inside, 'clash.txt') === 'person\nand agent\n')
    })

    it('masks nothing that the person edits after an application, and undoes nothing of theirs', async () => {
      ground = new LiveGround(mode, { 'a.txt': 'a\nb\nc\nd\n', 'mine.txt': '1\n' })
      await ground.begin()
      const before = await ground.workspace.checkpoint()
      ground.edit('a.txt', 'A\nb\nc\nd\n')
      await ground.workspace.apply('all')
      ground.save('a.txt', 'A\nb\nc\nperson\n')
      ground.save('mine.txt', '2\n')
      await ground.same()
      expect(await ground.changed()).to.deep.equal([])
      const after = await ground.workspace.checkpoint()
      ground.edit('a.txt', 'A\nB\nc\nperson\n')
      ground.save('mine.txt', '3\n')
      await ground.until(() => text(ground.inside, 'mine.txt') === '3\n')
      await ground.workspace.undo(after)
      expect([text(ground.inside, 'a.txt'), text(ground.inside, 'mine.txt')]).to.deep.equal([
        'A\nb\nc\nperson\n',
        '3\n',
      ])
      const { left } = await ground.workspace.undo(before)
      expect(left.map(({ path }) => path)).to.deep.equal(['a.txt'])
      expect(text(ground.inside, 'a.txt')).to.equal('a\nb\nc\nperson\n')
      expect(text(ground.inside, 'mine.txt')).to.equal('3\n')
    })

    it('has what git ignores too, but for what is large, and tells of none of it', async () => {
      ground = new LiveGround(mode, { '.gitignore': 'dist/\n*.log\nheavy/\n', 'heavy/0/f': 'x\n', 'a.txt': 'a\n' })
      for (let folder = 0; folder < 120; folder++)
        fs.mkdirSync(join(ground.project, `heavy/${folder}/in`), { recursive: true })
      await ground.begin()
      ground.remember()
      ground.save('dist/deep/out.js', 'built\n')
      ground.save('run.log', 'x\n')
      ground.save('heavy/1/new', 'x\n')
      ground.save('.git/HEAD', 'ref\n')
      ground.save('a.txt', 'A\n')
      await ground.until(() =>
        ['dist/deep/out.js', 'run.log', 'a.txt'].every((path) => fs.existsSync(at(ground.inside, path))),
      )
      await ground.until(() => text(ground.inside, 'a.txt') === 'A\n')
      await ground.live!.idle()
      const own = mode === 'overlay' ? 'upper' : 'copy'
      expect(['heavy/1/new', '.git'].map((path) => fs.existsSync(join(ground.store, own, path)))).to.deep.equal([
        false,
        false,
      ])
      expect([await ground.changed(), await ground.workspace.ignored()]).to.deep.equal([[], []])
      ground.edit('dist/deep/out.js', 'by the agent\n')
      ground.edit('agent.log', 'x\n')
      expect(await ground.workspace.ignored()).to.deep.equal(['agent.log', 'dist/'])
    })

    it('leaves alone what the agent has put in the place of a folder', async () => {
      ground = new LiveGround(mode, { 'd/a.txt': 'a\n', 'other/b.txt': 'b\n', 'e/c.txt': 'c\n' })
      await ground.begin()
      ground.delete('d')
      fs.symlinkSync('other', at(ground.inside, 'd'))
      ground.delete('e')
      ground.save('d/new.txt', 'n\n')
      ground.save('e/new.txt', 'n\n')
      await ground.until(() => text(ground.inside, 'e/new.txt') === 'n\n')
      await ground.live!.idle()
      expect(fs.readdirSync(at(ground.inside, 'other'))).to.deep.equal(['b.txt'])
      expect(fs.readlinkSync(at(ground.inside, 'd'))).to.equal('other')
      expect(fs.readdirSync(at(ground.inside, 'e'))).to.deep.equal(['new.txt'])
    })

    it('follows a burst of changes, as of a switch to another branch, and back', async function () {
      this.timeout(120_000)
      const files = soak ? 5000 : 200
      const branch = (name: string) => {
        for (let file = 0; file < files; file++)
          ground.save(`d${file % 20}/${name}/f${file % 3 ? file : name}`, `${name} ${file}\n`)
        ground.save('same.txt', name)
      }
      ground = new LiveGround(mode, { 'same.txt': 'first' })
      branch('one')
      await ground.begin()
      ground.remember()
      for (let folder = 0; folder < 20; folder++) fs.rmSync(at(ground.project, `d${folder}/one`), { recursive: true })
      branch('two')
      await ground.same()
      for (let folder = 0; folder < 20; folder++) fs.rmSync(at(ground.project, `d${folder}/two`), { recursive: true })
      branch('one')
      await ground.same()
      expect(await ground.changed()).to.deep.equal([])
    })

    it('looks at intervals where no more folders can be watched, and says so once', async function () {
      ground = new LiveGround(mode, { 'a.txt': 'a\n', 'd/b.txt': 'b\n', 'gone/c.txt': 'c\n' })
      let watched = 0
      const watch = () => {
        if (++watched > 1) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        return { dispose: () => {} }
      }
      await ground.begin({ watch })
      ground.remember()
      expect(ground.problems.splice(0).map(({ code }) => code)).to.deep.equal(['limit'])
      ground.save('a.txt', 'A\n')
      ground.save('d/e/new.txt', 'n\n')
      fs.rmSync(at(ground.project, 'd/b.txt'))
      fs.rmSync(at(ground.project, 'gone'), { recursive: true })
      await ground.same()
    })

    it('masks a secret that comes to be there', async () => {
      ground = new LiveGround(mode, { 'a.txt': 'a\n' })
      await ground.begin({ isSecret: (path) => path === 'd/.env' })
      ground.remember('d/.env')
      ground.save('d/.env', 'TOKEN=hunter2\n')
      await ground.until(() => text(ground.inside, 'd/.env').startsWith('# Drydock hides'))
      ground.save('d/.env', 'TOKEN=hunter3\n')
      ground.save('a.txt', 'A\n')
      await ground.until(() => text(ground.inside, 'a.txt') === 'A\n')
      expect(text(ground.inside, 'd/.env')).to.not.include('hunter')
      expect(await ground.changed()).to.deep.equal([])
    })
  })
}
