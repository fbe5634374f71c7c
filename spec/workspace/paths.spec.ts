import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { RunOptions, Exit } from '../../lib/sandbox/sandbox.ts'
import { workspacePaths } from '../../lib/workspace/paths.ts'
import { projectPaths } from '../../lib/workspace/project-paths.ts'
import { Folder } from '../support/folder.ts'

/** Runs programs here, as a sandbox would inside; of `missing` ones it has none. */
function sandbox(...missing: string[]) {
  return {
    run: ([program, ...args]: string[], { cwd, env, signal, onOutput }: RunOptions) =>
      new Promise<Exit>((resolve) => {
        const ended = (code: number | null) => resolve({ code, signal: null, reason: 'exited', ms: 0 })
        if (missing.some((name) => name === program || args.join(' ').includes(`exec ${name}`))) return ended(127)
        const child = spawn(program!, args, { cwd, env: { ...process.env, ...env }, signal })
        child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk, 'stdout'))
        child.on('error', () => ended(null))
        child.on('close', ended)
      }),
  }
}

describe('workspace/paths', () => {
  const folder = new Folder()
  const never = new AbortController().signal

  function fill(): void {
    folder.write('.gitignore', 'node_modules/\n*.log\n')
    folder.write('a.ts', '')
    folder.write('src/größe name.ts', '')
    folder.write('src/.gitignore', 'made\n!kept.log\n')
    folder.write('src/made', '')
    folder.write('src/kept.log', '')
    folder.write('b.log', '')
    folder.write('node_modules/x/index.js', '')
    folder.write('.git.d/x', '')
    symlinkSync('/', folder.at('root'))
  }

  const seen = ['.git.d/x', '.gitignore', 'a.ts', 'root', 'src/.gitignore', 'src/größe name.ts', 'src/kept.log']

  function git(...args: string[]): void {
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder.path, stdio: 'ignore' })
  }

  it('are what git tells: tracked or new, present, and not ignored', async () => {
    fill()
    git('init')
    folder.write('src/gone.ts', '')
    git('add', '.')
    rmSync(folder.at('src/gone.ts'))
    folder.write('new.ts', '')
    expect((await workspacePaths(sandbox(), folder.path, never))?.toSorted()).to.deep.equal(
      [...seen, 'new.ts'].toSorted(),
    )
  })

  it('are not those of a repository above', async () => {
    git('init')
    mkdirSync(folder.at('below'))
    expect(await workspacePaths(sandbox('rg'), folder.at('below'), never)).to.equal(undefined)
  })

  it('are the same from ripgrep where there is no repository', async function () {
    try {
      execFileSync('rg', ['--version'])
    } catch {
      this.skip()
    }
    fill()
    const files = seen.filter((path) => path !== 'root') // it tells no links
    expect((await workspacePaths(sandbox(), folder.path, never))?.toSorted()).to.deep.equal(files.toSorted())
  })

  it('are unknown inside where neither is', async () => {
    expect(await workspacePaths(sandbox('git', 'rg'), folder.path, never)).to.equal(undefined)
  })

  it('are the same on this machine, without a program, a link followed or an ignored folder entered', async () => {
    fill()
    mkdirSync(folder.at('.git'))
    writeFileSync(folder.at('.git/config'), '')
    expect((await projectPaths(folder.path, never)).toSorted()).to.deep.equal(seen.toSorted())
  })

  it('are no longer listed once nobody wants them', async () => {
    fill()
    const ended = AbortSignal.abort(new Error('enough'))
    for (const listing of [workspacePaths(sandbox(), folder.path, ended), projectPaths(folder.path, ended)]) {
      const outcome = await listing.then(String, (error: Error) => error.message)
      expect(outcome).to.equal('enough')
    }
  })
})
