import { posix } from 'node:path'
import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Facts } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { FileDoor, FileEntry, FileStat, Listing } from '../tui/file-door.ts'
import type { IgnoreRules } from '../workspace/ignored.ts'

/** After these the workspace may hold something else. */
export const telling: (keyof Facts)[] = [
  'sandbox.status',
  'tool.ended',
  'turn.ended',
  'workspace.changed',
  'workspace.followed',
  'turn.undone',
]

const ignoreFile = '.gitignore'
/** Bytes of an ignore file that are read. */
const mostRules = 256 * 1024

export interface WorkspaceFilesOptions {
  bus: Bus
  project: string
  /** The sandbox and where the workspace is in it, once there is one. */
  opened(): { sandbox: Sandbox; root: string } | undefined
  /** Has the changes looked at anew: the person has made one. */
  look(): Promise<void>
  signal: AbortSignal
}

/** The workspace's files through the sandbox's door; until that is open, the project's, to be read only. */
export class WorkspaceFiles implements FileDoor, Disposable {
  private readonly options: WorkspaceFilesOptions
  private readonly listeners = new Set<() => void>()
  private readonly owned = new Disposables()
  /** What the ignore file of a folder said when the folder was listed last. */
  private readonly rules = new Map<string, string>()

  constructor(options: WorkspaceFilesOptions) {
    this.options = options
    for (const fact of telling) this.owned.add(options.bus.on(fact, () => this.tell()))
  }

  async list(folder: string): Promise<Listing> {
    const inside = this.inside()
    const entries: FileEntry[] = inside
      ? (await inside.sandbox.files.list(inside.at(folder))).map(({ name, type }) => ({ name, type }))
      : await (await this.project()).list(folder)
    const said = entries.some(({ name, type }) => name === ignoreFile && type === 'file')
    this.rules.set(folder, said ? await this.readRules(folder) : '')
    const rules = await this.rulesOf(folder)
    const prefix = folder === '' ? '' : `${folder}/`
    return { entries, ignores: ({ name, type }) => rules.ignores(prefix + name, type === 'directory') }
  }

  async stat(path: string): Promise<FileStat> {
    const inside = this.inside()
    if (!inside) return (await this.project()).stat(path)
    const { type, size, mtimeMs, target } = await inside.sandbox.files.stat(inside.at(path))
    return target === undefined ? { type, size, mtimeMs } : { type, size, mtimeMs, target }
  }

  async read(path: string, offset: number, length: number): Promise<Buffer> {
    const inside = this.inside()
    if (!inside) return (await this.project()).read(path, offset, length)
    await inside.sandbox.confine?.(inside.at(path))
    return inside.sandbox.files.read(inside.at(path), { offset, length })
  }

  async write(path: string, data: Uint8Array): Promise<void> {
    await this.change([path], ({ sandbox, at }) => sandbox.files.write(at(path), data))
  }

  async create(path: string): Promise<void> {
    const name = path.replace(/\/+$/, '')
    await this.change([name], async ({ sandbox, at }) => {
      await vacant(sandbox, at(name), name)
      if (name === path) return sandbox.files.write(at(name), new Uint8Array())
      const { code } = await sandbox.run(['mkdir', '-p', '--', at(name)], { signal: this.options.signal })
      if (code !== 0)
        throw new Failure('permission', `${name} could not be made: a folder on the way cannot be written.`)
    })
  }

  async move(from: string, to: string): Promise<void> {
    const name = to.replace(/\/+$/, '')
    await this.change([from, name], async ({ sandbox, at }) => {
      if (name.startsWith(`${from}/`)) throw new Failure('exists', `${from} cannot be moved into itself.`)
      await vacant(sandbox, at(name), name)
      await sandbox.files.move(at(from), at(name))
    })
  }

  async remove(path: string): Promise<void> {
    await this.change([path], ({ sandbox, at }) => sandbox.files.remove(at(path), { recursive: true }))
  }

  onChange(listener: () => void): Disposable {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }

  async dispose(): Promise<void> {
    this.listeners.clear()
    await this.owned.dispose()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  /** Loaded with what it needs when it is first looked at: no first frame waits for it. */
  private async project() {
    const { ProjectFolder } = await import('./project-folder.ts')
    return new ProjectFolder(this.options.project)
  }

  private inside() {
    const opened = this.options.opened()
    return opened && { ...opened, at: (path: string) => (path === '' ? opened.root : `${opened.root}/${path}`) }
  }

  /** Does something to paths of the workspace, and lets everybody know. */
  private async change(
    paths: string[],
    act: (inside: NonNullable<ReturnType<WorkspaceFiles['inside']>>) => Promise<void>,
  ): Promise<void> {
    for (const path of paths) check(path)
    const inside = this.inside()
    if (!inside) throw new Failure('busy', 'There is no sandbox yet: until there is, the project is only to be read.')
    for (const path of paths) await inside.sandbox.confine?.(inside.at(path))
    try {
      await act(inside)
    } finally {
      await this.options.look()
      this.tell()
    }
  }

  /** The rules that hold in a folder: those of its ignore file, and of all above it. */
  private async rulesOf(folder: string): Promise<IgnoreRules> {
    const [{ IgnoreRules }, { Patience }] = await Promise.all([
      import('../workspace/ignored.ts'),
      import('../workspace/patterns.ts'),
    ])
    const names = folder === '' ? [] : folder.split('/')
    let rules = new IgnoreRules(new Patience())
    for (let depth = 0; depth <= names.length; depth++) {
      const at = names.slice(0, depth).join('/')
      if (!this.rules.has(at)) this.rules.set(at, await this.readRules(at))
      rules = rules.with(at === '' ? '' : `${at}/`, this.rules.get(at)!)
    }
    return rules
  }

  private async readRules(folder: string): Promise<string> {
    const path = folder === '' ? ignoreFile : `${folder}/${ignoreFile}`
    // What cannot be read says nothing.
    return (await this.read(path, 0, mostRules).catch(() => '')).toString()
  }
}

/** A path that a person typed has to be one of the workspace's. */
function check(path: string): void {
  const inner = path !== '' && !path.startsWith('/') && posix.normalize(path) === path && !path.startsWith('../')
  if (inner && path !== '..' && path !== '.') return
  throw new Failure('usage', `"${path}" is no path in the workspace: give it from its root, without "." and "..".`)
}

async function vacant(sandbox: Sandbox, at: string, path: string): Promise<void> {
  const there = await sandbox.files.stat(at).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Failure && error.code === 'missing') return false
      throw error
    },
  )
  if (there) throw new Failure('exists', `${path} is there already: choose another name.`)
}
