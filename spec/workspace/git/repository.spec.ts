import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { branchOf } from '../../../lib/cli/branch.ts'
import { Failure } from '../../../lib/core/failure.ts'
import { readRefs } from '../../../lib/workspace/git/refs.ts'
import { repositoriesOf } from '../../../lib/workspace/git/repository.ts'
import { Scene } from './scene.ts'

const user = { uid: process.getuid!(), gid: process.getgid!() }

describe("a project's repository, read as files", () => {
  let scene: Scene

  beforeEach(() => void (scene = new Scene('embedded', user)))
  afterEach(() => scene.remove())

  const found = async () =>
    (await repositoriesOf(scene.project))?.map(({ name, dir, common }) =>
      [name, dir, common].map((path) => path.replace(scene.folder, '~')).join(' '),
    )
  const refusal = async () => {
    try {
      return `taken: ${(await found())?.join()}`
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return `${error.code}: ${error.message.replaceAll(scene.folder, '~')}`
    }
  }

  it('is found where it is a folder, a linked work tree or a submodule, with the branch', async () => {
    expect(await found()).to.equal(undefined)
    expect(await branchOf(scene.project)).to.equal(undefined)
    scene.repository()
    expect(await found()).to.deep.equal([' ~/project/.git ~/project/.git'])
    scene.host('worktree', 'add', '-qb', 'side', join(scene.folder, 'tree'))
    scene.host('submodule', '--quiet', 'add', scene.project, 'sub')
    expect(await found()).to.deep.equal([
      ' ~/project/.git ~/project/.git',
      'modules/sub ~/project/.git/modules/sub ~/project/.git/modules/sub',
    ])
    const main = scene.project
    scene.project = join(scene.folder, 'tree')
    expect(await found()).to.deep.equal([' ~/project/.git/worktrees/tree ~/project/.git'])
    expect(await branchOf(scene.project)).to.equal('side')
    scene.project = join(main, 'sub')
    expect(await found()).to.deep.equal([' ~/project/.git/modules/sub ~/project/.git/modules/sub'])
    expect(await branchOf(scene.project)).to.equal('main')
  })

  it('has its refs, packed and loose, the loose before the packed', async () => {
    scene.repository()
    const first = scene.host('rev-parse', 'HEAD').trim()
    scene.host('tag', '-am', 'about', 'v1')
    scene.host('branch', 'a/b')
    scene.host('pack-refs', '--all')
    scene.commit('second', { 'a.txt': 'two\n' })
    scene.host('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
    scene.host('update-ref', 'refs/stash', first)
    fs.writeFileSync(join(scene.project, '.git/refs/heads/bad name'), `${first}\n`)
    fs.symlinkSync('/etc/passwd', join(scene.project, '.git/refs/heads/link'))
    const [repository] = (await repositoriesOf(scene.project))!
    expect(await readRefs(repository!)).to.deep.equal({
      'refs/heads/a/b': first,
      'refs/heads/main': scene.host('rev-parse', 'HEAD').trim(),
      'refs/remotes/origin/HEAD': 'ref:refs/remotes/origin/main',
      'refs/tags/v1': scene.host('rev-parse', 'v1').trim(),
    })
  })

  it('is refused where it could show what is not the project’s', async () => {
    const secret = join(scene.folder, 'secret')
    fs.mkdirSync(secret)
    scene.hostAt(secret, 'init', '-q')
    const dotGit = join(scene.project, '.git')
    const points = 'which does not name the project in return.'
    fs.writeFileSync(dotGit, `gitdir: ${secret}/.git\n`)
    expect(await refusal()).to.equal(
      `unsafe: There is no git in the workspace: ~/project/.git names ~/secret/.git, ${points}`,
    )
    expect(await branchOf(scene.project)).to.equal(undefined)
    fs.mkdirSync(join(scene.project, 'fake'))
    fs.writeFileSync(dotGit, 'gitdir: fake\n')
    fs.writeFileSync(join(scene.project, 'fake/gitdir'), `${dotGit}\n`)
    fs.writeFileSync(join(scene.project, 'fake/commondir'), `${secret}/.git\n`)
    expect(await refusal()).to.match(/^unsafe: .*~\/project\/fake is a work tree of a repository that does not hold it/)
    fs.rmSync(dotGit)
    fs.symlinkSync(`${secret}/.git`, dotGit)
    expect(await refusal()).to.match(/^unsafe: .*~\/project\/.git is a link/)
    fs.rmSync(dotGit)
    scene.repository()
    const alternates = join(dotGit, 'objects/info/alternates')
    fs.writeFileSync(alternates, `${secret}/.git/objects\n`)
    expect(await refusal()).to.match(/^unsafe: .*borrows objects from another repository/)
    fs.rmSync(alternates)
    scene.host('config', 'core.repositoryformatversion', '1')
    fs.appendFileSync(join(dotGit, 'config'), '[extensions]\n\trefStorage = reftable\n')
    expect(await refusal()).to.match(/^unsafe: .*keeps its refs in the format reftable/)
    fs.rmSync(join(dotGit, 'config'))
    fs.renameSync(join(dotGit, 'objects'), join(scene.folder, 'objects'))
    fs.symlinkSync(join(scene.folder, 'objects'), join(dotGit, 'objects'))
    expect(await refusal()).to.match(/^unsafe: .*\.git\/objects is a link/)
    fs.rmSync(join(dotGit, 'objects'))
    expect(await refusal(), 'no repository').to.equal('taken: undefined')
  })
})
