import { expect } from 'chai'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProject } from '../../lib/config/project.ts'
import { Failure } from '../../lib/core/failure.ts'

describe('findProject', () => {
  let home: string
  let places: { home: string; dataDir: string }

  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'drydock-home-')))
    places = { home, dataDir: join(home, '.local/share/drydock') }
    for (const folder of ['repo/.git', 'repo/src/deep', 'plain/src', 'worktree/src', '.local/share/drydock/x', 'file'])
      mkdirSync(join(home, folder), { recursive: true })
    writeFileSync(join(home, 'worktree/.git'), 'gitdir: elsewhere\n')
    writeFileSync(join(home, 'a-file'), '')
    symlinkSync(join(home, 'repo/src'), join(home, 'link'))
  })
  afterEach(() => rmSync(home, { recursive: true }))

  const sentence = (folder: string) => {
    try {
      return findProject(folder, places)
    } catch (error) {
      expect(error).to.be.instanceOf(Failure).with.property('code', 'usage')
      return (error as Failure).message.replaceAll(home, '~')
    }
  }

  it('is the nearest parent with .git, a file or a folder, else the folder itself', () => {
    expect(findProject(join(home, 'repo/src/deep'), places)).to.equal(join(home, 'repo'))
    expect(findProject(join(home, 'worktree/src'), places)).to.equal(join(home, 'worktree'))
    expect(findProject(join(home, 'link'), places)).to.equal(join(home, 'repo'))
    expect(findProject(join(home, 'plain/src'), places)).to.equal(join(home, 'plain/src'))
  })

  it('takes no home folder for a project, even where that is a git repository', () => {
    mkdirSync(join(home, '.git'))
    expect(findProject(join(home, 'plain/src'), places)).to.equal(join(home, 'plain/src'))
  })

  it('refuses what must not be worked on, in a sentence', () => {
    const use = 'open the folder of one project instead, as in `agent ~/src/project`.'
    expect(sentence('/')).to.equal(`/ is the root of the file system: ${use}`)
    expect(sentence(home)).to.equal(`~ is your home folder: ${use}`)
    expect(sentence(join(home, '.local'))).to.equal(`~/.local holds what Drydock keeps for itself: ${use}`)
    expect(sentence(join(home, '.local/share/drydock/x'))).to.contain('holds what Drydock keeps for itself')
    expect(sentence(join(home, 'gone'))).to.contain('There is no folder ~/gone.')
    expect(sentence(join(home, 'a-file'))).to.contain('~/a-file is not a folder.')
  })
})
