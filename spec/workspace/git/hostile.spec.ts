import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { branchOf } from '../../../lib/cli/branch.ts'
import { fetchCommits, ownCommits } from '../../../lib/workspace/git/commits.ts'
import { embeddedOrSkip, type Ready } from '../../support/sandbox.ts'
import { hostEnv, Scene } from './scene.ts'

const user = { uid: process.getuid!(), gid: process.getgid!() }

describe('what a project or an agent plants for git', function () {
  this.timeout(60_000)
  let ready: Ready
  let scene: Scene
  let marks: string

  before(async function () {
    ready = await embeddedOrSkip(this)
  })
  beforeEach(() => {
    // A place that is the same inside, where whatever runs leaves its mark in a folder of its own.
    scene = new Scene(ready, user, '/var/tmp')
    marks = join(scene.folder, 'marks')
    fs.mkdirSync(marks, { mode: 0o777 })
  })
  afterEach(() => scene.remove())

  /** A program, as text of a shell, that leaves its name. */
  const mark = (name: string) => `touch ${marks}/${name};`

  /** Everything of a configuration and of a git folder that has a program run. */
  function plant(dotGit: string): void {
    const other = join(dotGit, 'other')
    fs.writeFileSync(
      other,
      `[core]\n\tsshCommand = ${quoted(mark('included'))}\n\tfsmonitor = ${quoted(mark('inc'))}\n`,
    )
    fs.appendFileSync(
      join(dotGit, 'config'),
      `
[core]
	fsmonitor = ${quoted(mark('fsmonitor'))}
	hooksPath = ${dotGit}/planted
	sshCommand = ${quoted(mark('ssh'))}
	pager = ${quoted(mark('pager'))}
	alternateRefsCommand = ${quoted(mark('alternates'))}
	editor = ${quoted(mark('editor'))}
[include]
	path = ${other}
[includeIf "gitdir:/"]
	path = ${other}
[alias]
	${['status', 'log', 'fetch', 'pack-objects', 'index-pack'].map((name) => `${name} = ${quoted(`!${mark('alias')}`)}`).join('\n\t')}
[filter "x"]
	clean = ${quoted(`${mark('clean')} cat`)}
	smudge = ${quoted(`${mark('smudge')} cat`)}
[diff]
	external = ${quoted(mark('diff'))}
[url "ext::sh -c true%20"]
	insteadOf = /
[protocol "ext"]
	allow = always
[remote "origin"]
	url = ${quoted(`ext::sh -c touch% ${marks}/remote`)}
	uploadpack = ${quoted(mark('uploadpack'))}
[fetch]
	fsckObjects = false
[gc]
	auto = 1
`,
    )
    fs.mkdirSync(join(dotGit, 'info'), { recursive: true })
    fs.writeFileSync(join(dotGit, 'info/attributes'), '* filter=x diff=x\n')
    for (const folder of ['hooks', 'planted']) {
      fs.mkdirSync(join(dotGit, folder), { recursive: true })
      for (const hook of ['reference-transaction', 'post-checkout', 'post-index-change', 'pre-auto-gc', 'post-commit'])
        fs.writeFileSync(join(dotGit, folder, hook), `#!/bin/sh\n${mark(`hook-${hook}`)}\n`, { mode: 0o755 })
    }
  }

  it('runs nowhere but in the sandbox', async () => {
    scene.repository()
    plant(join(scene.project, '.git'))
    fs.writeFileSync(join(scene.project, '.gitattributes'), '* filter=x\n')
    expect(await branchOf(scene.project)).to.equal('main')
    await scene.open({ watch: true })
    expect(await scene.sh('git status --short')).to.equal('?? .gitattributes\n')
    expect(
      await scene.sh('git config --get-regexp "fsmonitor|hooks|ssh|pager|alias|filter|url|include" || :'),
    ).to.equal(
      `core.fsmonitor false\ninclude.path drydock/config\nremote.origin.url ext::sh -c touch% ${marks}/remote\n`,
    )
    // The agent does the same to its own, through whatever the host may look at later.
    await scene.sh(`mkdir -p ${marks} && cp -r /git /tmp/own`)
    plant(join(scene.folder, 'store/git'))
    await scene.sh('git -c core.fsmonitor= -c alias.x= commit -q --allow-empty -m agent || :')
    fs.appendFileSync(join(scene.project, 'a.txt'), 'more\n')
    const quiet = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'filter.x.clean=cat']
    scene.host(...quiet, '-c', 'gc.auto=0', 'commit', '-qam', 'person')
    fs.rmSync(marks, { recursive: true })
    fs.mkdirSync(marks, { mode: 0o777 })
    await scene.git.follow(scene.sandbox)
    expect((await ownCommits(scene.sandbox, AbortSignal.timeout(60_000))).map(({ subject }) => subject)).to.deep.equal([
      'agent',
    ])
    const signal = AbortSignal.timeout(60_000)
    expect(await fetchCommits(scene.git, scene.sandbox, { name: 'x', signal })).to.deep.equal({
      branch: 'drydock/x',
      commits: 1,
    })
    await scene.workspace.changes()
    await scene.workspace.apply('all')
    await scene.end()
    await scene.open()
    expect(await branchOf(scene.project)).to.equal('main')
    expect(fs.readdirSync(marks)).to.deep.equal([])
    // An ordinary git would have run it.
    spawnSync('git', ['-C', scene.project, 'status'], { env: hostEnv(scene.folder) })
    expect(fs.readdirSync(marks).length).to.be.greaterThan(0)
  })

  it('leads nothing of the host astray: links and pipes in the place of what it writes', async () => {
    scene.repository()
    await scene.open()
    const before = fs.readFileSync('/etc/passwd')
    await scene.sh('cd /git && rm -rf drydock config && mkfifo drydock && ln -s /etc config && ln -sf /etc/passwd HEAD')
    await scene.sh('rm .git && ln -s / .git')
    scene.commit('second', { 'b.txt': 'b\n' })
    await scene.git.follow(scene.sandbox).catch(() => {})
    await scene.end()
    expect(fs.readFileSync('/etc/passwd')).to.deep.equal(before)
    await scene.open({ watch: true })
    expect(scene.problems.map(({ code }) => code)).to.deep.equal(['sandbox'])
    expect(fs.readlinkSync(join(scene.folder, 'store/upper/.git'))).to.equal('/git')
    expect(fs.readFileSync('/etc/passwd')).to.deep.equal(before)
    await scene.sh('rm -rf /git/*')
    await scene.end()
    await scene.open()
    expect(await scene.status()).to.deep.equal(['## main'])
  })
})

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
