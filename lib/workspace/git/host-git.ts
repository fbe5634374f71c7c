import { spawn } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import type { Disposable } from '../../core/dispose.ts'
import { Failure } from '../../core/failure.ts'
import { findHostTool, hostPath } from '../../sandbox/host-tools.ts'
import { removeTree } from '../remove-tree.ts'
import { readPlain, type Repository } from './repository.ts'

/** Characters kept of what git says. */
const keep = 1_000_000

/**
 * This machine's git in an empty repository of our own, which reads a project's objects and nothing else of it: no
 * configuration, hook, attribute or ref that a project or an agent wrote has a say. Whoever makes one disposes it.
 */
export class HostGit implements Disposable {
  readonly folder: string
  private readonly program: string
  private readonly signal: AbortSignal

  private constructor(folder: string, program: string, signal: AbortSignal) {
    this.folder = folder
    this.program = program
    this.signal = signal
  }

  /** `parent`: a folder of ours. Failure `missing` where this machine has no git. */
  static async make(
    parent: string,
    { common }: Repository,
    { format, signal }: { format: 'sha1' | 'sha256'; signal: AbortSignal },
  ): Promise<HostGit> {
    const program = findHostTool('git')
    if (program === undefined)
      throw new Failure('missing', 'Fetching commits needs git on this machine: install it and try again.')
    const folder = await fs.mkdtemp(join(parent, 'fetch-'))
    for (const name of ['refs/heads', 'objects/info', 'objects/pack'])
      await fs.mkdir(join(folder, name), { recursive: true })
    // By a link of a plain name: a path with signs of its own would have to be quoted.
    await fs.symlink(join(common, 'objects'), join(folder, 'project'))
    await fs.writeFile(join(folder, 'objects', 'info', 'alternates'), '../project\n')
    await fs.writeFile(join(folder, 'HEAD'), 'ref: refs/heads/none\n')
    const version = format === 'sha256' ? 1 : 0
    const extension = version === 1 ? '[extensions]\n\tobjectformat = sha256\n' : ''
    await fs.writeFile(
      join(folder, 'config'),
      `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n${extension}`,
    )
    const shallow = await readPlain(common, 'shallow')
    if (shallow !== undefined) await fs.writeFile(join(folder, 'shallow'), shallow)
    return new HostGit(folder, program, signal)
  }

  /** What it prints, and how it ended. `input`: a file, or a text, as its standard input. Throws the signal's reason. */
  async run(
    args: string[],
    input: string | fs.FileHandle = '',
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(this.program, args, {
      cwd: this.folder,
      signal: this.signal,
      killSignal: 'SIGKILL',
      stdio: [typeof input === 'string' ? 'pipe' : input.fd, 'pipe', 'pipe'],
      env: {
        PATH: hostPath,
        LC_ALL: 'C',
        HOME: this.folder,
        GIT_DIR: this.folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_NO_REPLACE_OBJECTS: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_ALLOW_PROTOCOL: '',
      },
    })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name]!.setEncoding('utf8').on(
        'data',
        (text: string) => void (said[name] = (said[name] + text).slice(-keep)),
      )
    if (typeof input === 'string') {
      child.stdin!.on('error', () => {})
      child.stdin!.end(input)
    }
    const code = await new Promise<number | null>((resolve) => {
      child.on('error', (error) => void (said.stderr += error.message))
      child.on('close', resolve)
    })
    this.signal.throwIfAborted()
    return { code, ...said }
  }

  dispose(): Promise<void> {
    return removeTree(this.folder)
  }
}
