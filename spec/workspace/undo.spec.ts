import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { find } from '../../lib/core/checkpoints.ts'
import { Ground, modes, text } from './ground.ts'

for (const mode of modes) {
  describe(`undo in a workspace filled by ${mode}`, () => {
    let ground: Ground
    afterEach(() => ground.remove())

    const turn = (number: number) => ground.workspace.checkpoint({ turn: number, prompt: `prompt ${number}` })
    const paths = async () => (await ground.workspace.changes()).map(({ path }) => path)
    const both = (path: string) => [ground.project, ground.inside].map((root) => contentOf(root, path))

    it('goes back to any turn and forward again, whatever the commands did', async () => {
      ground = new Ground(mode, { 'a.txt': '0\n', 'gone/b.txt': 'b\n' })
      await ground.open()
      const seen = [tree(ground.inside)]
      ground.edit('a.txt', '1\n')
      await turn(1)
      seen.push(tree(ground.inside))
      ground.delete('gone')
      ground.edit('made/by/command.txt', 'x\n')
      fs.symlinkSync('a.txt', join(ground.inside, 'link'))
      await turn(2)
      seen.push(tree(ground.inside))
      ground.edit('a.txt', '3\n')
      ground.edit('made/by/command.txt', 'y\n')
      await turn(3)
      seen.push(tree(ground.inside))
      for (const id of [2, 0, 3, 1, 2, 3, 0]) {
        await ground.workspace.undo(String(id))
        expect(tree(ground.inside), `turn ${id}`).to.deep.equal(seen[id])
      }
      expect(tree(ground.project)).to.deep.equal(seen[0])
      expect(await paths()).to.deep.equal([])
    })

    it('takes back what was applied, and applies it again', async () => {
      ground = new Ground(mode, { 'a.txt': '0\n', 'gone/b.txt': 'b\n', 'run.sh': 'x\n' })
      await ground.open()
      const before = tree(ground.project)
      await turn(1)
      ground.edit('a.txt', '2\n')
      ground.edit('made/new.txt', 'n\n')
      ground.delete('gone')
      fs.chmodSync(join(ground.inside, 'run.sh'), 0o755)
      await ground.workspace.apply('all')
      await turn(2)
      const after = tree(ground.project)
      const touched = ['a.txt', 'gone/b.txt', 'made/new.txt', 'run.sh']
      const about = { checkpoint: '1', workspace: touched, project: touched, left: [] }
      expect(await ground.workspace.undoing('1')).to.deep.equal(about)
      expect(tree(ground.project)).to.deep.equal(after)
      expect(await ground.workspace.undo('1')).to.deep.equal(about)
      expect(tree(ground.project)).to.deep.equal(before)
      expect(tree(ground.inside)).to.deep.equal(before)
      expect(await paths()).to.deep.equal([])
      expect(await ground.workspace.undo('2')).to.deep.equal({ ...about, checkpoint: '2' })
      expect(tree(ground.project)).to.deep.equal(after)
      expect(tree(ground.inside)).to.deep.equal(after)
    })

    it('keeps what the person did before and after an apply', async () => {
      ground = new Ground(mode, { 'before.txt': 'a\nb\nc\nd\n', 'after.txt': '0\n', 'same.txt': '0\n' })
      await ground.open()
      await turn(1)
      for (const path of ['after.txt', 'same.txt']) ground.edit(path, 'agent\n')
      ground.edit('before.txt', 'A\nb\nc\nd\n')
      await ground.workspace.changes()
      ground.save('before.txt', 'a\nb\nc\nperson\n')
      await ground.workspace.apply('all')
      expect(text(ground.project, 'before.txt')).to.equal('A\nb\nc\nperson\n')
      await turn(2)
      ground.save('after.txt', 'person\n')
      const { project, left } = await ground.workspace.undo('1')
      expect(project).to.deep.equal(['before.txt', 'same.txt'])
      expect(left).to.deep.equal([{ path: 'after.txt', reason: 'It was changed in the project since it was applied.' }])
      expect(text(ground.project, 'before.txt')).to.equal('a\nb\nc\nperson\n')
      expect(text(ground.project, 'after.txt')).to.equal('person\n')
      expect(both('same.txt')).to.deep.equal(['0\n', '0\n'])
      expect(await paths()).to.deep.equal(['after.txt'])
    })

    it('leaves alone what the person changes while it is taken back', async () => {
      ground = new Ground(mode, { 'a.txt': '0\n', 'b.txt': '0\n' })
      let undoing = false
      await ground.open({ onAct: (act) => undoing && act === 'journalled' && ground.save('b.txt', 'person\n') })
      await turn(1)
      ground.edit('a.txt', '1\n')
      ground.edit('b.txt', '1\n')
      await ground.workspace.apply('all')
      undoing = true
      const { project, left } = await ground.workspace.undo('0')
      expect([project, left.map(({ path }) => path)]).to.deep.equal([['a.txt'], ['b.txt']])
      expect(text(ground.project, 'b.txt')).to.equal('person\n')
    })

    it('loses nothing: what no turn had kept can be gone forward to', async () => {
      ground = new Ground(mode, { 'a.txt': '0\n' })
      await ground.open()
      ground.edit('a.txt', '1\n')
      await turn(1)
      ground.edit('a.txt', 'after the turn\n')
      const step = async (to: 'back' | 'forward') => {
        const id = find(await ground.workspace.checkpoints(), to)
        if (id !== undefined) await ground.workspace.undo(id)
        return text(ground.inside, 'a.txt')
      }
      expect(await step('back')).to.equal('0\n')
      expect(await step('back')).to.equal('0\n')
      expect(await step('forward')).to.equal('1\n')
      expect(await step('forward')).to.equal('after the turn\n')
      expect(await step('forward')).to.equal('after the turn\n')
    })

    it('lists its checkpoints, one where nothing changed between two turns, over sessions', async () => {
      ground = new Ground(mode, { 'a.txt': '0\n' })
      await ground.open()
      ground.edit('a.txt', '1\n')
      expect(await turn(1)).to.equal('1')
      expect(await turn(2)).to.equal('1')
      await ground.end()
      await ground.open()
      ground.edit('a.txt', '3\n')
      expect(await turn(1)).to.equal('2')
      const list = await ground.workspace.checkpoints()
      expect(list.map(({ id, parent, occasion, current }) => [id, parent, occasion, current])).to.deep.equal([
        ['1', '0', { turn: 1, prompt: 'prompt 1' }, false],
        ['2', '1', { turn: 1, prompt: 'prompt 1' }, true],
      ])
      await ground.workspace.undo('1')
      expect(text(ground.inside, 'a.txt')).to.equal('1\n')
    })

    it('takes back what was applied before a crash that the next start completed', async () => {
      ground = new Ground(mode, { 'a.txt': '0\n', 'b.txt': '0\n' })
      await ground.open({
        onAct: (act) => {
          if (act === 'done') throw new Error('the power went')
        },
      })
      ground.edit('a.txt', '1\n')
      ground.edit('b.txt', '1\n')
      await ground.workspace.apply('all').catch(() => {})
      await ground.end()
      await ground.open()
      expect((await ground.workspace.undo('0')).project).to.deep.equal(['a.txt', 'b.txt'])
      expect(both('a.txt')).to.deep.equal(['0\n', '0\n'])
    })
  })
}

function contentOf(root: string, path: string): string | undefined {
  return fs.existsSync(join(root, path)) ? text(root, path) : undefined
}

/** Paths with what they hold, modes as far as they are kept. */
function tree(root: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const path of fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const stat = fs.lstatSync(join(root, path))
    if (stat.isSymbolicLink()) found[path] = `link ${fs.readlinkSync(join(root, path))}`
    else if (stat.isDirectory()) found[path] = 'folder'
    else found[path] = `${stat.mode & 0o100 ? 'executable' : 'file'} ${text(root, path)}`
  }
  return found
}
