import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ApplyReport } from '../../lib/core/changes.ts'
import { Failure } from '../../lib/core/failure.ts'
import { type Siege, besiege } from '../support/siege.ts'
import { secret } from '../support/victim.ts'
import { tree } from '../workspace/ground.ts'

const soak = process.env.DRYDOCK_SOAK !== undefined

/** Milliseconds that any look at a workspace may take, whatever is in it; a slow machine has several times that. */
const patienceMs = 20_000

const outside = (target: string) => `It is a link to ${target}, which does not lie inside the project.`
const noFile = 'It is a FIFO, a socket or a device, which is never written to a project.'
const setId = 'It carries a setuid or setgid bit, which is never written to a project.'
const inGit = "It lies in git's own folder, which only git may write."

const project = (siege: Siege) => {
  for (const path of ['kept.txt', 'src/a.txt', 'src/b.txt', 'Makefile']) siege.put(path, 'as it was\n')
  fs.symlinkSync(siege.victim.folder, join(siege.grounds.project, 'data'))
}

besiege('on what looks at the workspace', { timeoutMs: 120_000, project }, (siege) => {
  afterEach(async () => {
    if (siege.workspace === undefined) return
    expect(siege.victim.now(), 'the host is as it was').to.deep.equal(siege.victim.untouched)
    expect(holders(siege.grounds.project, join(siege.grounds.folder, 'store')), 'the secret was not read').to.equal('')
    await inside('cd /; rm -rf "$W"/* "$W"/.[!.]* 2>/dev/null; cp -dR /project/. "$W"')
    await siege.workspace.apply('all')
  })

  async function inside(script: string): Promise<string> {
    const env = { VICTIM: siege.victim.folder, W: siege.grounds.project }
    const { stdout, stderr } = await siege.box.sh(script, { env, timeoutMs: 60_000 })
    return (stdout + stderr).trim()
  }

  /** Looks at everything, tries to apply everything, and gives what was refused and why. */
  async function refusals(): Promise<Record<string, string>> {
    const changes = await siege.workspace.changes()
    for (const { path } of changes) await siege.workspace.diff(path)
    await siege.workspace.checkpoint()
    const report = await siege.workspace.apply('all')
    return reasonsIn(report)
  }

  it('links to outside: absolute, climbing, through a folder, in the place of a file and of a folder', async () => {
    await inside(
      'ln -s "$VICTIM/secret.txt" absolute; ln -s ../../../../../../../etc/passwd climbing; ln -s src/../../x through; ln -s .git/config git; ln -sf "$VICTIM/secret.txt" kept.txt; rm -r src; ln -s "$VICTIM" src',
    )
    const reasons = await refusals()
    expect(reasons).to.deep.equal({
      absolute: outside(siege.victim.file),
      climbing: 'It is a link to ../../../../../../../etc/passwd, which may lead out of the project.',
      git: "It is a link to .git/config, into git's own folder.",
      'kept.txt': outside(siege.victim.file),
      src: outside(siege.victim.folder),
      through: 'It is a link to src/../../x, which may lead out of the project.',
    })
    expect(fs.readFileSync(join(siege.grounds.project, 'kept.txt'), 'utf8')).to.equal('as it was\n')
  })

  it("a folder in the place of the person's own link to outside", async () => {
    await inside('rm data && mkdir -p data/inner && echo slip > data/secret.txt && echo slip > data/inner/deep.txt')
    expect(await refusals()).to.deep.equal({})
    expect(tree(join(siege.grounds.project, 'data'))).to.have.keys('secret.txt', 'inner', 'inner/deep.txt')
    fs.rmSync(join(siege.grounds.project, 'data'), { recursive: true })
    fs.symlinkSync(siege.victim.folder, join(siege.grounds.project, 'data'))
  })

  it('what is no file, and what runs as somebody else', async () => {
    await inside(
      `mkfifo fifo src/fifo; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'; cp /bin/true setuid; chmod 4755 setuid; cp /bin/true setgid; chmod 2755 setgid; rm kept.txt; mkfifo kept.txt`,
    )
    expect(await refusals()).to.deep.equal({
      fifo: noFile,
      'kept.txt': noFile,
      setgid: setId,
      setuid: setId,
      socket: noFile,
      'src/fifo': noFile,
    })
  })

  it('names that are commands, options, ends of lines, escape sequences or no text', async () => {
    const names = [
      '-rf',
      '--',
      '$(touch pwned)',
      '`touch pwned`',
      ';touch pwned;',
      'a\nb',
      '\x1b[2J\x1b]0;x\x07',
      '\u202etxt.exe',
      '%s%n',
      '~',
      '*',
      ' ',
      '\\..\\..\\x',
      '\'"',
    ]
    for (const name of names) await siege.box.sandbox.files.write(`${siege.grounds.project}/${name}`, Buffer.from('x'))
    await inside("printf x > $'\\xff\\xfe'")
    expect(await refusals()).to.deep.equal({})
    const there = fs.readdirSync(siege.grounds.project, { encoding: 'latin1' })
    expect(there).to.include.members([...names.map((name) => Buffer.from(name).toString('latin1')), '\xff\xfe'])
    expect(there).to.not.include('pwned')
  })

  it("git's own folder under every name that some file system takes for it", async () => {
    const names = ['.GIT', 'GIT~1', '.git.', '.g\u200dit', 'src/.Git']
    for (const name of names)
      await siege.box.sandbox.files.write(`${siege.grounds.project}/${name}/hooks/pre-commit`, Buffer.from('x'))
    const expected = names.map((name) => [`${name}/hooks/pre-commit`, inGit])
    expect(await refusals()).to.deep.equal(Object.fromEntries(expected))
  })

  it("git configuration that runs programs, in the workspace's .git and beside it", async () => {
    const settings = ['core.fsmonitor', 'core.sshCommand', 'core.pager', 'diff.external', 'filter.x.clean']
    const hook = '#!/bin/sh\\ntouch "$VICTIM/pwned"\\n'
    await inside(
      [
        'git init -q . 2>/dev/null',
        ...settings.map((name) => `git config ${name} "touch $VICTIM/pwned"`),
        `mkdir -p .git/hooks; for hook in pre-commit post-checkout reference-transaction; do printf '${hook}' > .git/hooks/$hook; done; chmod +x .git/hooks/*`,
        'echo "* filter=x diff=x" > .gitattributes; printf "[include]\\n\\tpath = .git/config\\n" > .gitmodules',
      ].join('; '),
    )
    const reasons = await refusals()
    expect(Object.keys(reasons)).to.deep.equal(['.gitattributes', '.gitmodules'])
    expect(Object.keys(tree(siege.grounds.project)).filter((path) => path.startsWith('.git/hooks'))).to.deep.equal([])
  })

  it('a folder that git takes for a repository without being told', async () => {
    await inside(
      `for at in bare src/deep.git; do mkdir -p $at/objects $at/refs; echo 'ref: refs/heads/main' > $at/HEAD; touch $at/objects/x $at/refs/x; printf '[core]\\n\\trepositoryformatversion = 0\\n\\tbare = false\\n\\tworktree = ..\\n\\tfsmonitor = touch %s/pwned\\n' "$VICTIM" > $at/config; done; mkdir .hg; printf '[hooks]\\npre-status = touch %s/pwned\\n' "$VICTIM" > .hg/hgrc`,
    )
    const reasons = await refusals()
    const deep = ['HEAD', 'config', 'objects/x', 'refs/x'].map((name) => `src/deep.git/${name}`)
    expect(Object.keys(reasons)).to.deep.equal(['.hg/hgrc', 'bare/HEAD', 'bare/config', ...deep])
    for (const folder of ['bare', 'src'])
      spawnSync('git', ['status'], { cwd: join(siege.grounds.project, folder), env: { PATH: process.env.PATH } })
  })

  it('files that are one file where names are folded, and what runs outside the sandbox', async () => {
    await inside(
      'echo x > makefile; echo x > SRC; mkdir -p .vscode .github/workflows; echo x > .envrc; echo x > .vscode/tasks.json; echo x > .github/workflows/ci.yml',
    )
    const reasons = await refusals()
    expect(Object.keys(reasons)).to.deep.equal([
      '.envrc',
      '.github/workflows/ci.yml',
      '.vscode/tasks.json',
      'SRC',
      'makefile',
    ])
    for (const reason of Object.values(reasons)) expect(reason).to.match(/It wants a yes of its own\.$/)
  })

  it('a file that says it has terabytes', async () => {
    await inside(
      'for size in 10T 15G; do truncate -s $size sparse 2>/dev/null && break; done; rm src/a.txt; truncate -s 15G src/a.txt',
    )
    const began = performance.now()
    expect(await refusals()).to.deep.equal({
      sparse: 'It is larger than 1 GB.',
      'src/a.txt': 'It is larger than 1 GB.',
    })
    expect(performance.now() - began, 'ms').to.be.lessThan(patienceMs)
    await inside('rm sparse src/a.txt')
  })

  it('a file that grows while it is read', async () => {
    const ended = new AbortController()
    const growing = siege.box.sh(
      `python3 -c "
import time
with open('grows', 'wb', buffering=0) as file:
    file.write(bytes(2000000))
    while file.write(bytes(1000)): time.sleep(0.001)"`,
      { signal: ended.signal },
    )
    await inside('until [ -s grows ]; do :; done')
    const began = performance.now()
    for (let round = 0; round < 3; round++) await siege.workspace.changes()
    const { applied, conflicts } = await siege.workspace.apply('all')
    const took = performance.now() - began
    ended.abort()
    await growing
    expect(took, 'ms').to.be.lessThan(patienceMs)
    expect([...applied, ...conflicts.map(({ path }) => path)]).to.deep.equal(['grows'])
  })

  // Whoever works inside, it is the same to whoever looks: once is enough for what takes its time.
  if (siege.user.uid !== 0) {
    it('patterns and names that keep a matcher busy for ever', async () => {
      const name = 'a'.repeat(250)
      await inside(
        `python3 -c "
print('\\n'.join('*a' * n + 'b' for n in range(1, 60)))
print('\\n'.join(['**/a/**/a/**/a/**/b', '*a*a*a*b', '[', '[z-a]', '\\\\\\\\', '(((((a+)+)+)+)+)$', '{' * 400] * 3000))" > .gitignore; mkdir deep; cp .gitignore deep; for n in $(seq 60); do : > ${name}$n; : > deep/${name}$n; done; mkdir -p ${'a/'.repeat(300)}; : > ${'a/'.repeat(300)}x`,
      )
      const began = performance.now()
      const changes = await siege.workspace.changes()
      expect(performance.now() - began, 'ms').to.be.lessThan(patienceMs)
      expect(changes.length).to.be.greaterThan(1)
    })

    it('folders below each other, 10,000 of them', async () => {
      await inside(`python3 -c "
import os
for level in range(10000):
    os.mkdir('d'); os.chdir('d')
open('bottom', 'w').close()"`)
      const began = performance.now()
      const reasons = await refusals()
      expect(performance.now() - began, 'ms').to.be.lessThan(patienceMs)
      expect(Object.values(reasons)).to.deep.equal(['It lies deeper than any path may be long.'])
    })

    it(`${soak ? '1,000,000' : '20,001'} small files`, async () => {
      await inside(`python3 -c "
import os
os.mkdir('many')
for n in range(${soak ? 1_000_000 : 20_001}): os.close(os.open('many/%d' % n, os.O_CREAT | os.O_WRONLY))"`)
      const began = performance.now()
      const reasons = await refusals()
      expect(performance.now() - began, 'ms').to.be.lessThan(patienceMs)
      expect(Object.keys(reasons)).to.deep.equal(['many'])
      expect(reasons['many']).to.match(/^More than 20,000 files differ in it/)
    })
  }

  it('files that become links, pipes and folders and are files again, all the while they are looked at', async () => {
    const ended = new AbortController()
    const swapping = siege.box.sh(
      `python3 -c "
import os, shutil
siege.victim = os.environ['VICTIM']
while True:
    for path in ('swap', 'src/a.txt'):
        for make in (lambda p: open(p, 'w').write('mine'), lambda p: os.symlink(siege.victim + '/secret.txt', p), os.mkfifo, lambda p: os.symlink('/dev/zero', p)):
            try: make('next'); os.replace('next', path)
            except OSError: pass
    try: os.replace('src', 'aside')
    except OSError: pass
    try: os.symlink(siege.victim, 'src')
    except OSError: pass
    try: os.unlink('src'); os.replace('aside', 'src')
    except OSError: pass"`,
      { signal: ended.signal, env: { VICTIM: siege.victim.folder } },
    )
    const checkpoint = await siege.workspace.checkpoint()
    const began = performance.now()
    let rounds = 0
    while (performance.now() - began < (soak ? 60_000 : 1000)) {
      rounds += 1
      for (const { path } of await siege.workspace.changes())
        await siege.workspace.diff(path).catch((error: unknown) => expect(error).to.be.instanceOf(Failure))
      await siege.workspace.apply('all')
      for (const act of [
        () => siege.workspace.checkpoint(),
        () => siege.workspace.undo(checkpoint),
        () => siege.workspace.discard('all'),
      ])
        await act().catch((error: unknown) => expect(error).to.be.instanceOf(Failure))
    }
    ended.abort()
    await swapping
    expect(rounds).to.be.greaterThan(0)
    const found = Object.entries(tree(siege.grounds.project)).filter(([path]) => /^(swap|src|aside|next)/.test(path))
    for (const [path, what] of found) expect(what, path).to.match(/^(file 644|folder 755)/)
  })
})

function reasonsIn({ refused, conflicts }: ApplyReport): Record<string, string> {
  const all = [...refused, ...conflicts].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return Object.fromEntries(all.map(({ path, reason }) => [path, reason]))
}

/** The files below the folders that hold the victim's secret. */
function holders(...folders: string[]): string {
  return spawnSync('grep', ['-rlaF', '-D', 'skip', secret, ...folders], { encoding: 'utf8' }).stdout
}
