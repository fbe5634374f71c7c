import { expect } from 'chai'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { findSecrets } from '../../../lib/workspace/find-secrets.ts'
import { fetchCommits } from '../../../lib/workspace/git/commits.ts'
import { Secrets } from '../../../lib/workspace/secrets.ts'
import { backends, type Ready } from '../../support/sandbox.ts'
import { tree } from '../ground.ts'
import { Scene } from './scene.ts'

for (const { backend, readyOrSkip, people } of backends) {
  for (const { who, user } of people.slice(-1)) {
    describe(`the workspace's own git in a ${backend} sandbox, as ${who}`, function () {
      this.timeout(30_000)
      let ready: Ready
      let scene: Scene

      before(async function () {
        ready = await readyOrSkip(this)
      })
      beforeEach(() => void (scene = new Scene(ready, user)))
      afterEach(() => scene.remove())

      it('has what the project has, takes commits of its own, and never writes the project', async () => {
        scene.repository({ 'a.txt': 'one\n', 'b.txt': 'b\n' })
        scene.host('tag', 'v1')
        scene.host('pack-refs', '--all')
        scene.host('branch', 'loose')
        scene.host('config', 'remote.origin.url', 'https://name:secret@example.org/x.git?token=secret')
        await scene.open()
        const before = tree(join(scene.project, '.git'))
        expect(await scene.status()).to.deep.equal(['## main'])
        expect((await scene.sh('git for-each-ref --format="%(refname)"')).trimEnd().split('\n')).to.deep.equal([
          'refs/heads/loose',
          'refs/heads/main',
          'refs/remotes/project/loose',
          'refs/remotes/project/main',
          'refs/tags/v1',
        ])
        expect(
          await scene.sh('exec 2>&1; git remote get-url origin; cat /project/.git/config || ls -A /project/.git'),
        ).to.match(/^https:\/\/example.org\/x.git\ncat: .*No such file or directory\n$/)
        await scene.sh('echo two > a.txt && git commit -qam agent && git gc -q && git fsck --strict')
        expect(await scene.sh('git log --format=%s%n%an')).to.equal('agent\nDrydock\nfirst\nPerson\n')
        expect(
          await scene.sh(
            'touch "$(git rev-parse --git-path objects/info/x)" /git-objects/project/x 2>/dev/null || echo no',
          ),
        ).to.match(/no\n$/)
        expect(tree(join(scene.project, '.git'))).to.deep.equal(before)
        expect((await scene.workspace.changes()).map(({ kind, path }) => `${kind} ${path}`)).to.deep.equal([
          'changed a.txt',
        ])
        const { checkpoint } = await scene.workspace.discard('all')
        await scene.workspace.undo(checkpoint)
        expect(await scene.sh('git log -1 --format=%s; git status --short')).to.equal('agent\n')
      })

      it('shows nothing of a git folder that cannot be read as a repository, whose config may hold secrets', async () => {
        scene.repository({ 'a.txt': 'one\n' })
        scene.host('config', 'remote.origin.url', 'https://name:secret@example.org/x.git')
        fs.rmSync(join(scene.project, '.git', 'HEAD'))
        await scene.open()
        const seen = 'cat .git/config /project/.git/config; ls -A /project/.git; cat a.txt'
        expect(await scene.sh(`{ ${seen}; } 2>/dev/null`)).to.equal('one\n')
        expect(scene.git.problem?.code).to.equal('unsafe')
      })

      it('takes no repository by a link, and shows no passwords in the configuration of one', async () => {
        scene.repository({ 'a.txt': 'one\n' })
        scene.host('config', 'remote.origin.url', 'https://name:hunter2@example.org/x.git')
        fs.renameSync(join(scene.project, '.git'), join(scene.project, 'repository'))
        fs.symlinkSync('repository', join(scene.project, '.git'))
        const secrets = await findSecrets(new Secrets(scene.project))
        expect(secrets).to.deep.equal(['repository/config'])
        await scene.open({ secrets })
        expect(await scene.sh('cat a.txt; cd /; grep -rs hunter2 /project "$OLDPWD"; :')).to.equal('one\n')
        expect(scene.git.problem?.message).to.match(/\.git is a link; with the folder itself in its place/)
        expect(await scene.workspace.changes()).to.deep.equal([])
      })

      it('takes what stands for a secret for no change, and commits none of it', async () => {
        scene.repository({ 'a.txt': 'one\n', '.env': 'TOKEN=hunter2\n', 'deep er/.env': 'TOKEN=hunter2\n' })
        await scene.open({ secrets: ['.env', 'deep er/.env'] })
        expect(await scene.status()).to.deep.equal(['## main'])
        scene.commit('second', { 'b.txt': 'b\n', '.env': 'TOKEN=hunter3\n' })
        await scene.git.follow(scene.sandbox)
        const hidden = 'git status --short; grep -c hunter .env "deep er/.env" || true'
        expect(await scene.sh(hidden)).to.equal('.env:0\ndeep er/.env:0\n')
        const committed = 'echo two > a.txt && git commit -qam agent && git show --name-only --format= HEAD'
        expect(await scene.sh(committed)).to.equal('a.txt\n')
      })

      it('is there before the first commit, and where the repository is a linked work tree', async () => {
        scene.host('init', '-q', '-b', 'trunk')
        await scene.open()
        expect(await scene.status()).to.deep.equal(['## No commits yet on trunk'])
        scene.commit('first', { 'a.txt': 'a\n' })
        expect(await scene.status()).to.deep.equal(['## trunk'])
        await scene.end()
        fs.rmSync(join(scene.folder, 'store'), { recursive: true })
        scene.host('worktree', 'add', '-q', join(scene.folder, 'linked'))
        const main = tree(join(scene.project, '.git'))
        scene.project = join(scene.folder, 'linked')
        await scene.open()
        await scene.sh('echo two > a.txt && git commit -qam agent && git fsck')
        expect(await scene.status()).to.deep.equal(['## linked'])
        expect(tree(join(scene.folder, 'project', '.git'))).to.deep.equal(main)
        scene.commit('person', { 'b.txt': 'b\n' })
        expect(await scene.status()).to.deep.equal(['## linked', '?? b.txt'])
        expect(await scene.sh('git log -1 --format=%s project/linked')).to.equal('person\n')
      })

      it('has the submodules that are checked out, and is one', async () => {
        const inner = join(scene.folder, 'inner')
        fs.mkdirSync(inner)
        scene.hostAt(inner, 'init', '-q', '-b', 'main')
        fs.writeFileSync(join(inner, 'i.txt'), 'i\n')
        scene.hostAt(inner, 'add', '.')
        scene.hostAt(inner, 'commit', '-qm', 'inner')
        scene.repository()
        scene.host('submodule', '--quiet', 'add', inner, 'sub/deep')
        scene.host('commit', '-qm', 'sub')
        await scene.open()
        expect(await scene.status()).to.deep.equal(['## main'])
        await scene.sh('cd sub/deep && echo j > j.txt && git add . && git commit -qm more')
        expect(await scene.status()).to.deep.equal(['## main', ' M sub/deep'])
        await scene.end()
        fs.rmSync(join(scene.folder, 'store'), { recursive: true })
        scene.project = join(scene.project, 'sub/deep')
        await scene.open()
        expect(await scene.status()).to.deep.equal(['## main...origin/main'])
        expect(await scene.sh('git log --format=%s')).to.equal('inner\n')
      })

      it('is the same in a copy', async () => {
        scene.repository()
        await scene.open({ copy: true })
        expect(await scene.status()).to.deep.equal(['## main'])
        await scene.sh('echo two > a.txt && git commit -qam agent')
        await scene.end()
        await scene.open({ copy: true })
        expect(await scene.status()).to.deep.equal(['## main'])
        expect(await scene.sh('git log -1 --format=%s')).to.equal('agent\n')
      })

      it('follows by itself while a session runs, as the files do', async () => {
        scene.repository({ 'a.txt': 'one\n', 'dir/gone.txt': 'g\n', 'kept.txt': 'k\n' })
        await scene.open({ watch: true, live: true })
        await scene.sh('cat a.txt dir/gone.txt kept.txt && ls b.txt || git status')
        const clean = (branch: string) =>
          scene.sh(
            `until [ "$(git status --porcelain --branch 2>/dev/null)" = "## ${branch}" ]; do sleep 0.02; done; cat *.txt`,
          )
        scene.host('switch', '-qc', 'work')
        scene.host('rm', '-q', 'dir/gone.txt')
        scene.commit('work', { 'a.txt': 'two\n', 'b.txt': 'b\n' })
        expect(await clean('work')).to.equal('two\nb\nk\n')
        scene.host('switch', '-q', 'main')
        expect(await clean('main')).to.equal('one\nk\n')
        await scene.sh('echo mine > kept.txt')
        scene.host('switch', '-q', 'work')
        await scene.sh(
          'until [ "$(git status --porcelain --branch | tr "\\n" " ")" = "## work  M kept.txt " ]; do sleep 0.02; done',
        )
        // Git sees no empty folders.
        await scene.sh('while [ -e dir ]; do sleep 0.02; done')
        expect((await scene.workspace.changes()).map(({ kind, path }) => `${kind} ${path}`)).to.deep.equal([
          'changed kept.txt',
        ])
        const seen = scene.sh(
          'until [ "$(git log -1 --format=%s%D)" = "secondHEAD -> next, project/next" ]; do sleep 0.02; done',
        )
        scene.host('switch', '-qc', 'next')
        scene.commit('second', { 'c.txt': 'c\n' })
        await seen
        const branch = scene.sh('until git rev-parse -q --verify deep/er/branch; do sleep 0.02; done')
        scene.host('branch', 'deep/er/branch')
        await branch
        expect(scene.problems).to.deep.equal([])
      })

      // Nothing in these depends on the walls.
      if (backend !== 'embedded') return

      it('follows what the person commits, stages, switches to and deletes', async () => {
        scene.repository()
        await scene.open()
        scene.commit('second', { 'a.txt': 'two\n' })
        // Put inside as the live workspace does: an overlay need not see what is replaced below it.
        await scene.sh('echo two > a.txt')
        expect(await scene.status()).to.deep.equal(['## main'])
        scene.host('switch', '-qc', 'side/branch')
        scene.write({ 'new.txt': 'new\n' })
        scene.host('add', 'new.txt')
        expect(await scene.status()).to.deep.equal(['## side/branch', 'A  new.txt'])
        scene.host('commit', '-qm', 'third')
        scene.host('branch', '-D', 'main')
        expect(await scene.status()).to.deep.equal(['## side/branch'])
        expect(await scene.sh('git for-each-ref --format="%(refname)"')).to.equal(
          'refs/heads/side/branch\nrefs/remotes/project/side/branch\n',
        )
        scene.host('commit', '-q', '--amend', '-m', 'amended')
        expect(await scene.status()).to.deep.equal(['## side/branch'])
        expect(await scene.sh('git log -1 --format=%s')).to.equal('amended\n')
        scene.host('switch', '-q', '--detach', 'HEAD~1')
        expect(await scene.status()).to.deep.equal(['## HEAD (no branch)'])
      })

      it('keeps what the agent committed, and shows what the person did meanwhile', async () => {
        scene.repository()
        await scene.open()
        await scene.sh('echo mine > mine.txt && git add . && git commit -qm agent && git branch own')
        scene.commit('person', { 'theirs.txt': 'theirs\n' })
        expect(await scene.status()).to.deep.equal(['## main', '?? theirs.txt'])
        expect(await scene.sh('git log --all --format="%s %D" | sort')).to.equal(
          'agent HEAD -> main, own\nfirst \nperson project/main\n',
        )
        scene.host('switch', '-qc', 'other')
        expect((await scene.status())[0]).to.equal('## main')
        await scene.sh('git reset -q --hard project/other && git switch -q other')
        scene.commit('next', { 'more.txt': 'more\n' })
        expect(await scene.status()).to.deep.equal(['## other'])
        expect(await scene.sh('git branch --format="%(refname:short)"')).to.equal('main\nother\nown\n')
      })

      it('keeps what the agent staged where the person commits something else', async () => {
        scene.repository({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
        await scene.open()
        await scene.sh('echo agent > a.txt && git add a.txt')
        scene.commit('person', { 'c.txt': 'c\n' })
        expect(await scene.status()).to.deep.equal(['## main', 'M  a.txt'])
      })

      it('is kept from session to session, and catches up', async () => {
        scene.repository()
        await scene.open()
        await scene.sh('git switch -qc agent && echo x > x.txt && git add . && git commit -qm agent')
        await scene.end()
        scene.commit('while away', { 'y.txt': 'y\n' })
        await scene.open()
        expect(await scene.sh('git log --all --format="%s %D" | sort')).to.equal(
          'agent HEAD -> agent\nfirst \nwhile away project/main, main\n',
        )
        await scene.sh('rm -rf .git /git/* && git init -q . && ln -s /etc/passwd /git/drydock')
        await scene.end()
        await scene.open()
        expect(await scene.status(), 'made again').to.deep.equal(['## main', '?? x.txt'])
      })

      it('reads what newer and larger repositories have', async () => {
        scene.repository({ 'a.txt': 'one\n' }, ['--object-format=sha256'])
        const blob = scene.host('rev-parse', 'HEAD:a.txt').trim()
        const many = Array.from({ length: 50_000 }, (_, at) => `100644 ${blob}\tmany/${at}.txt\n`).join('')
        scene.feed(['update-index', '--index-info'], many)
        scene.host('update-index', '--split-index')
        scene.write({ 'b.txt': 'b\n' })
        scene.host('add', 'b.txt')
        expect(fs.readdirSync(join(scene.project, '.git')).join()).to.include('sharedindex.')
        await scene.open()
        expect(await scene.sh('git ls-files | wc -l; git diff --cached --name-only | tail -1')).to.equal(
          '50002\nmany/9999.txt\n',
        )
        await scene.sh('git reset -q && git add b.txt && git commit -qm agent && git fsck')
        expect(
          await fetchCommits(scene.git, scene.sandbox, { name: 'x', signal: AbortSignal.timeout(60_000) }),
        ).to.deep.equal({ branch: 'drydock/x', commits: 1 })
        expect(scene.host('log', '--format=%s', 'drydock/x')).to.equal('agent\nfirst\n')
      })
    })
  }
}
