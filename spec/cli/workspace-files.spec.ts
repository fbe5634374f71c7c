import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { WorkspaceFiles } from '../../lib/cli/workspace-files.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Failure } from '../../lib/core/failure.ts'
import { pathFromBytes, pathToBytes } from '../../lib/core/paths.ts'
import { startLocal } from '../../lib/sandbox/local.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { Folder } from '../support/folder.ts'

describe('cli/workspace-files', () => {
  const folder = new Folder()
  let files: WorkspaceFiles
  let bus: Bus
  let sandbox: Sandbox | undefined
  let looked = 0

  beforeEach(() => {
    looked = 0
    bus = new Bus((error) => {
      throw error
    })
    files = new WorkspaceFiles({
      bus,
      project: folder.path,
      opened: () => sandbox && { sandbox, root: folder.path },
      look: () => Promise.resolve(void (looked += 1)),
      signal: new AbortController().signal,
    })
  })

  afterEach(async () => {
    await files.dispose()
    await sandbox?.dispose()
    sandbox = undefined
  })

  async function inside(): Promise<void> {
    mkdirSync(folder.at('.home'))
    sandbox = await startLocal({
      project: folder.path,
      source: folder.path,
      user: { uid: process.getuid!(), gid: process.getgid!() },
      home: folder.at('.home'),
      limits: { memory: 2 ** 30, cpus: 1, pids: 500 },
      env: {},
      tools: { path: process.env.PATH!, home: folder.at('.home') },
    } as Parameters<typeof startLocal>[0])
  }

  async function failure(act: Promise<unknown>): Promise<string> {
    const error = await act.then(
      () => undefined,
      (reason: unknown) => reason as Failure,
    )
    // What is loaded late has a class of its own here.
    if (error?.name !== 'Failure') throw new Error(`it gave no Failure but ${String(error)}`)
    return `${error.code}: ${error.message.replaceAll(folder.path, '~')}`
  }

  async function names(path: string): Promise<string[]> {
    const { entries, ignores } = await files.list(path)
    return entries.map((entry) => `${entry.type} ${entry.name}${ignores(entry) ? ' (ignored)' : ''}`).toSorted()
  }

  for (const where of ['of the project', 'in the sandbox'] as const) {
    it(`lists, stats and reads ${where}, whatever names say; ignore files of every folder count`, async () => {
      folder.write('.gitignore', 'dist\n*.log\n')
      folder.write('src/.gitignore', '!keep.log\n')
      folder.write('src/keep.log', 'kept')
      folder.write('src/a.log', 'gone')
      folder.write('dist/x', '')
      folder.write('two\nlines', '0123456789')
      const broken = pathFromBytes(Buffer.from([0x66, 0xff]))
      writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), pathToBytes(broken)]), 'x')
      symlinkSync('/etc/passwd', folder.at('link'))
      if (where === 'in the sandbox') await inside()
      expect((await names('')).filter((name) => !name.includes('.home'))).to.deep.equal(
        [
          'directory dist (ignored)',
          'directory src',
          'file .gitignore',
          `file ${broken}`,
          'file two\nlines',
          'symlink link',
        ].toSorted(),
      )
      expect(await names('src')).to.deep.equal(['file .gitignore', 'file a.log (ignored)', 'file keep.log'])
      expect((await files.read('two\nlines', 3, 4)).toString()).to.equal('3456')
      expect((await files.read(broken, 0, 10)).toString()).to.equal('x')
      const { type, size, target } = await files.stat('link')
      expect([type, size > 0, target]).to.deep.equal(['symlink', true, '/etc/passwd'])
      expect(await failure(files.list('none'))).to.match(/^missing: .*none does not exist\.$/)
    })
  }

  it('never follows a link of the project, nor waits for the other end of a pipe', async () => {
    symlinkSync('/etc/passwd', folder.at('link'))
    execFileSync('mkfifo', [folder.at('pipe')])
    expect(await failure(files.read('link', 0, 10))).to.match(/^permission: link is a link/)
    expect(await failure(files.read('pipe', 0, 10))).to.equal('permission: pipe is not a regular file.')
  })

  it('changes nothing before there is a sandbox', async () => {
    folder.write('a', '1')
    for (const act of [files.create('b'), files.move('a', 'b'), files.remove('a'), files.write('a', Buffer.from('2'))])
      expect(await failure(act)).to.match(/^busy: There is no sandbox yet/)
    expect(readFileSync(folder.at('a'), 'utf8')).to.equal('1')
  })

  it('makes, moves, writes and removes in the sandbox, never over what is there, and has the changes looked at', async () => {
    folder.write('a', '1')
    await inside()
    await files.create('new/deep/b')
    await files.create('folder/')
    await files.write('a', Buffer.from('2'))
    await files.move('a', 'new/c')
    expect(await failure(files.create('new/c'))).to.equal('exists: new/c is there already: choose another name.')
    expect(await failure(files.move('new/deep/b', 'new/c'))).to.match(/^exists: /)
    expect(await failure(files.move('new', 'new/deep/new'))).to.equal('exists: new cannot be moved into itself.')
    await files.remove('new/deep')
    expect(await names('new')).to.deep.equal(['file c'])
    expect(await names('folder')).to.deep.equal([])
    expect(readFileSync(folder.at('new/c'), 'utf8')).to.equal('2')
    expect(looked).to.be.greaterThan(4)
  })

  it('takes no path out of the workspace', async () => {
    await inside()
    for (const path of ['../x', '/etc/x', 'a/../../x', '..', ''])
      expect(await failure(files.create(path))).to.match(/^usage: /)
  })

  it('tells of what may have changed', () => {
    let told = 0
    files.onChange(() => (told += 1))
    bus.emit('workspace.followed', { paths: ['a'] })
    bus.emit('workspace.changed', { changes: [] })
    bus.emit('text.delta', { turn: 1, kind: 'text', text: 'x' })
    expect(told).to.equal(2)
  })
})
