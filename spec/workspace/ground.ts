import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from '../../lib/core/failure.ts'
import { pathFromBytes, pathToBytes } from '../../lib/core/paths.ts'
import type { WorkspaceMount } from '../../lib/sandbox/container.ts'
import type { Entry, Files, RunOptions, Sandbox } from '../../lib/sandbox/sandbox.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { readWorkspace } from '../../lib/workspace/open.ts'
import type { OnAct } from '../../lib/workspace/place.ts'

export type Mode = 'overlay' | 'copy'

/** Overlays are mounted by the spec itself: that wants root. */
export const modes: Mode[] = process.getuid?.() === 0 ? ['overlay', 'copy'] : ['copy']

/** A project and the store of its workspace in a temporary folder, with sessions on them that need no engine. */
export class Ground {
  readonly folder = fs.mkdtempSync(join(tmpdir(), 'drydock-workspace-'))
  readonly project: string
  readonly store = join(this.folder, 'store')
  /** What all workspaces of the project share. */
  readonly shared: string
  readonly mode: Mode
  /** Where the workspace is seen as from inside. */
  inside = ''
  workspace!: HostWorkspace
  private sandbox: Sandbox | undefined
  private mounted = false

  /** `beside`: another workspace of the same project. */
  constructor(mode: Mode, files: Record<string, string> = {}, beside?: Ground) {
    this.mode = mode
    this.project = beside?.project ?? join(this.folder, 'project')
    this.shared = beside?.shared ?? join(this.folder, 'shared')
    if (!beside) for (const folder of [this.project, this.shared]) fs.mkdirSync(folder)
    for (const [path, content] of Object.entries(files)) this.write(this.project, path, content)
  }

  async open(options: { onAct?: OnAct; diskLimit?: number } = {}): Promise<HostWorkspace> {
    const opened = await openWorkspace({
      ...this.kept,
      owner: { uid: process.getuid!(), gid: process.getgid!() },
      signal: new AbortController().signal,
      start: async (mount) => this.start(mount),
      ...options,
    })
    this.sandbox = opened.sandbox
    this.workspace = opened.workspace
    return opened.workspace
  }

  /** Ends the session; what it made is kept. */
  async end(): Promise<void> {
    await this.sandbox?.dispose()
    await this.workspace?.dispose()
    this.sandbox = undefined
  }

  /** Ends the session and looks at what it left, without a sandbox. */
  async read(options: { onAct?: OnAct } = {}): Promise<HostWorkspace> {
    await this.end()
    this.workspace = await readWorkspace({ ...this.kept, ...options })
    return this.workspace
  }

  /** Where it lies. */
  get kept(): { project: string; store: string; shared: string } {
    const { project, store, shared } = this
    return { project, store, shared }
  }

  async remove(): Promise<void> {
    await this.end()
    command('rm', ['-rf', this.folder])
  }

  /** The agent's hand: writes in the workspace, making folders. */
  edit(path: string, content: string | Buffer): void {
    this.write(this.inside, path, content)
  }

  /** The person's hand: replaces a file as editors do. */
  save(path: string, content: string): void {
    this.write(this.project, `${path}.saving`, content)
    fs.renameSync(at(this.project, `${path}.saving`), at(this.project, path))
  }

  delete(path: string): void {
    fs.rmSync(at(this.inside, path), { recursive: true })
  }

  private write(root: string, path: string, content: string | Buffer): void {
    fs.mkdirSync(dirnameOf(root, path), { recursive: true })
    fs.writeFileSync(at(root, path), content)
  }

  private start(mount: WorkspaceMount): Sandbox {
    if (mount.kind === 'overlay') {
      if (this.mode === 'copy') throw new Failure('sandbox', 'This engine mounts no overlay.')
      this.inside = join(this.folder, 'inside')
      fs.mkdirSync(this.inside, { recursive: true })
      const layers = `lowerdir=${mount.lower},upperdir=${mount.upper},workdir=${mount.work},userxattr`
      command('mount', ['-t', 'overlay', 'overlay', '-o', layers, this.inside])
      this.mounted = true
    } else this.inside = mount.source
    return {
      label: 'spec',
      files: new PlainFiles(this.project, this.inside),
      shell: () => Promise.reject(new Error('not here')),
      run: (argv, options) => this.run(argv, options),
      stream: () => Promise.reject(new Error('not here')),
      stats: () => {
        throw new Error('not here')
      },
      refresh: async () => {
        if (this.mounted) command('mount', ['-o', 'remount', 'overlay', this.inside])
      },
      onJobs: () => ({ dispose: () => {} }),
      onShell: () => ({ dispose: () => {} }),
      onLost: () => ({ dispose: () => {} }),
      dispose: () => {
        if (this.mounted) command('umount', [this.inside])
        this.mounted = false
      },
    }
  }

  private async run(argv: string[], options: RunOptions) {
    const [program, ...words] = argv.map((word) => (word === this.project ? this.inside : word))
    const input = Buffer.from(options.input ?? '')
      .toString('latin1')
      .replaceAll("'/project/", `'${this.project}/`)
    const { status, stderr } = spawnSync(program!, words, { input: Buffer.from(input, 'latin1') })
    options.onOutput?.(stderr, 'stderr')
    return { code: status, signal: null, reason: 'exited' as const, ms: 0 }
  }
}

/** Files of a folder under another name, as the file channel gives them. */
class PlainFiles implements Files {
  private readonly from: string
  private readonly to: string

  constructor(from: string, to: string) {
    this.from = from
    this.to = to
  }

  async read(path: string): Promise<Buffer> {
    return named(() => fs.readFileSync(this.at(path)))
  }

  async write(path: string, data: Uint8Array, options: { mode?: number; replace?: boolean } = {}): Promise<void> {
    const target = this.at(path)
    if (options.replace && fs.lstatSync(target, { throwIfNoEntry: false })?.isDirectory())
      fs.rmSync(target, { recursive: true })
    const mode = options.mode ?? fs.statSync(target, { throwIfNoEntry: false })?.mode ?? 0o644
    const draft = Buffer.concat([target, Buffer.from('.draft')])
    named(() => {
      fs.mkdirSync(dirname(target.toString('latin1')), { recursive: true })
      fs.writeFileSync(draft, data)
      fs.chmodSync(draft, mode & 0o777)
      fs.renameSync(draft, target)
    })
  }

  async remove(path: string, options: { recursive?: boolean } = {}): Promise<void> {
    named(() => fs.rmSync(this.at(path), { recursive: options.recursive ?? false }))
  }

  async move(from: string, to: string): Promise<void> {
    named(() => fs.renameSync(this.at(from), this.at(to)))
  }

  async link(path: string, target: string): Promise<void> {
    fs.rmSync(this.at(path), { force: true })
    named(() => fs.symlinkSync(pathToBytes(target), this.at(path)))
  }

  async list(path: string): Promise<Entry[]> {
    const names = named(() => fs.readdirSync(this.at(path), { encoding: 'buffer' }))
    return Promise.all(names.map((name) => this.stat(`${path}/${pathFromBytes(name)}`)))
  }

  async stat(path: string): Promise<Entry> {
    const stat = named(() => fs.lstatSync(this.at(path)))
    const type = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'other'
    const name = path.slice(path.lastIndexOf('/') + 1)
    return { name, type, size: stat.size, mode: stat.mode & 0o777, mtimeMs: stat.mtimeMs }
  }

  private at(path: string): Buffer {
    return pathToBytes(this.to + path.slice(this.from.length))
  }
}

/** Every path of a tree with what it is: two that print the same are the same. `.git` and owners too. */
export function tree(root: string): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (folder: Buffer, prefix: string) => {
    for (const name of fs.readdirSync(folder, { encoding: 'buffer' })) {
      const file = Buffer.concat([folder, Buffer.from('/'), name])
      const path = prefix + pathFromBytes(name)
      const stat = fs.lstatSync(file)
      const about = `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}`
      if (stat.isSymbolicLink()) found[path] = `link ${stat.uid}:${stat.gid} ${fs.readlinkSync(file)}`
      else if (stat.isDirectory()) {
        found[path] = `folder ${about}`
        visit(file, `${path}/`)
      } else if (stat.isFile()) {
        const hash = createHash('sha256').update(fs.readFileSync(file)).digest('hex').slice(0, 12)
        found[path] = `file ${about} ${hash}`
      } else found[path] = `other ${about}`
    }
  }
  visit(Buffer.from(root), '')
  return found
}

export function at(root: string, path: string): Buffer {
  return pathToBytes(`${root}/${path}`)
}

export function text(root: string, path: string): string {
  return fs.readFileSync(at(root, path), 'utf8')
}

export function command(program: string, argv: string[]): void {
  const { status, stderr } = spawnSync(program, argv)
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')}: ${stderr.toString()}`)
}

function dirnameOf(root: string, path: string): Buffer {
  const end = path.lastIndexOf('/')
  return end < 0 ? Buffer.from(root) : at(root, path.slice(0, end))
}

function named<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Failure('missing', 'It does not exist.', { cause: error })
    throw error
  }
}
