import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure, type FailureCode } from '../../lib/core/failure.ts'
import type { Entry, Exit, Files, RunOptions, Sandbox, Shell } from '../../lib/sandbox/sandbox.ts'
import type { ToolContext } from '../../lib/tools/tool.ts'
import type { Workspace } from '../../lib/workspace/workspace.ts'

const codes: Record<string, FailureCode> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EEXIST: 'exists',
  EISDIR: 'directory',
  EACCES: 'permission',
  ENOSPC: 'disk',
  ENAMETOOLONG: 'missing',
}

/**
 * A stand-in for a sandbox: the files of a temporary folder and programs of this machine, without any walls. What is
 * asked of `/tmp/drydock` happens in a folder of its own. Only for calls that this spec makes.
 */
export class LocalSandbox implements Sandbox {
  readonly label = 'local'
  readonly base: string
  readonly root: string
  readonly home: string
  /** Where programs run instead of on this machine: a container that has the folder at the same path. */
  private readonly programs: Sandbox | undefined
  /** Set to hide programs from `run`. */
  path: string | undefined
  /** Requests made of the files, by name. */
  readonly asked: string[] = []
  readonly files: Files = this.makeFiles()

  constructor(parent = tmpdir(), programs?: Sandbox) {
    this.base = realpathSync(mkdtempSync(join(parent, 'drydock-tools-')))
    this.root = join(this.base, 'project')
    this.home = join(this.base, 'home')
    this.programs = programs
    mkdirSync(this.root)
    mkdirSync(this.home)
  }

  dispose(): void {
    rmSync(this.base, { recursive: true, force: true })
  }

  onJobs() {
    return { dispose: () => {} }
  }

  onShell() {
    return { dispose: () => {} }
  }

  onLost() {
    return { dispose: () => {} }
  }

  /** Where a path of the sandbox really is. */
  real(path: string): string {
    return path.replaceAll(/\/tmp\/drydock(?=\/|$)/g, join(this.base, 'kept'))
  }

  run(argv: string[], options: RunOptions): Promise<Exit> {
    const real = argv.map((argument) => this.real(argument))
    if (this.programs && this.path === undefined) return this.programs.run(real, options)
    return this.start(real, options)
  }

  async stream(): Promise<never> {
    throw new Error('never asked for')
  }

  stats(): never {
    throw new Error('never asked for')
  }

  shell(): Promise<Shell> {
    let cwd = this.root
    const shell: Shell = {
      get cwd() {
        return cwd
      },
      run: async (command, { signal, timeoutMs, onOutput }) => {
        const mark = join(this.base, 'cwd')
        const decoder = new TextDecoder()
        const exit = await this.start(['bash', '-c', `trap 'pwd >${mark}' EXIT\n${command}`], {
          signal,
          timeoutMs,
          cwd,
          onOutput: (chunk) => onOutput?.(decoder.decode(chunk, { stream: true })),
        })
        if (existsSync(mark)) cwd = (await this.files.read(mark)).toString().trim()
        return exit
      },
      jobs: [],
      input: () => {},
      resize: () => {},
      output: () => ({ dispose: () => {} }),
      pause: () => {},
      takeKeyboard: () => {},
      giveKeyboard: () => {},
      onKeyboard: () => ({ dispose: () => {} }),
      dispose: () => {},
    }
    return Promise.resolve(shell)
  }

  private start(argv: string[], { signal, timeoutMs, cwd, onOutput }: RunOptions): Promise<Exit> {
    const started = performance.now()
    const env = { PATH: this.path ?? '/usr/bin:/bin', HOME: this.home, LANG: 'C.UTF-8' }
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: cwd ?? this.root,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let reason: Exit['reason'] = 'exited'
    const end = (why: Exit['reason']) => {
      reason = why
      process.kill(-child.pid!, 'SIGKILL')
    }
    const onAbort = () => end('cancelled')
    signal.addEventListener('abort', onAbort, { once: true })
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk, 'stdout'))
    child.stderr.on('data', (chunk: Buffer) => onOutput?.(chunk, 'stderr'))
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, killedBy) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        const own = reason !== 'exited'
        resolve({ code: own ? null : code, signal: own ? null : killedBy, reason, ms: performance.now() - started })
      })
    })
  }

  private makeFiles(): Files {
    const door =
      <A extends unknown[], T>(name: string, act: (path: string, ...rest: A) => T) =>
      async (path: string, ...rest: A): Promise<T> => {
        this.asked.push(name)
        try {
          return await act(this.real(path), ...rest)
        } catch (error) {
          const code = codes[(error as NodeJS.ErrnoException).code ?? '']
          if (error instanceof Failure || code === undefined) throw error
          throw new Failure(code, `${path} ${(error as Error).message}`, { cause: error })
        }
      }
    return {
      read: door('read', readRange),
      write: door('write', (path: string, data: Uint8Array, options?: { mode?: number }) => {
        mkdirSync(dirname(path), { recursive: true })
        const kept = existsSync(path) ? statSync(path).mode & 0o777 : 0o644
        writeFileSync(path, data)
        chmodSync(path, options?.mode ?? kept)
      }),
      remove: door('remove', (path: string, options?: { recursive?: boolean }) => {
        if (lstatSync(path).isDirectory() && !options?.recursive)
          throw new Failure('directory', `${path} is a directory.`)
        rmSync(path, { recursive: true })
      }),
      move: door('move', (from: string, to: string) => renameSync(from, this.real(to))),
      link: door('link', (path: string, target: string) => symlinkSync(target, path)),
      list: door('list', (path: string) => readdirSync(path).map((name) => entryOf(join(path, name), name))),
      stat: door('stat', (path: string) => entryOf(path, path.split('/').at(-1)!)),
    }
  }
}

function readRange(path: string, range: { offset?: number; length?: number } = {}): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = statSync(path)
    const length = Math.max(0, Math.min(range.length ?? size, size - (range.offset ?? 0)))
    const data = Buffer.alloc(length)
    if (statSync(path).isDirectory()) throw new Failure('directory', `${path} is a directory.`)
    return data.subarray(0, readSync(descriptor, data, 0, length, range.offset ?? 0))
  } finally {
    closeSync(descriptor)
  }
}

function entryOf(path: string, name: string): Entry {
  const stat = lstatSync(path)
  const type = stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : stat.isFile() ? 'file' : 'other'
  const entry: Entry = { name, type, size: stat.size, mode: stat.mode & 0o777, mtimeMs: stat.mtimeMs }
  if (type === 'symlink') entry.target = readlinkSync(path)
  return entry
}

const unused = () => Promise.reject(new Error('The tools do not ask the workspace for this.'))

/** A workspace of which the tools use nothing but where it is. */
export function workspaceAt(root: string): Workspace {
  return {
    root,
    changes: unused,
    ignored: unused,
    diff: unused,
    apply: unused,
    discard: unused,
    checkpoint: unused,
    checkpoints: unused,
    undoing: unused,
    undo: unused,
    restore: unused,
    fit: unused,
    atWork: unused,
    arrivals: () => 0,
    masked: (path) => path === '.env',
    show: unused,
    hide: unused,
    dispose: () => {},
  }
}

/** A context on a sandbox; `output` holds what the tools let be heard. */
export function contextOn(
  sandbox: Sandbox,
  root: string,
): ToolContext & { output: string[]; controller: AbortController } {
  const output: string[] = []
  const controller = new AbortController()
  return {
    sandbox,
    workspace: workspaceAt(root),
    signal: controller.signal,
    onOutput: (text) => void output.push(text),
    output,
    controller,
  }
}
