import { Failure } from '../../lib/core/failure.ts'
import type { FileDoor, FileStat, Listing } from '../../lib/tui/file-door.ts'

/** The project that the facts of spec/support/facts.ts are about, with what they have changed. */
export function dateKit(): FakeFiles {
  const files = new FakeFiles({
    'src/parse.js': `import { parts } from './parts.js'\n`,
    'src/format.js': 'export const format = (date) => date.toISOString()\n',
    'src/index.js': '',
    'src/locale/de.js': '',
    'test/parse.test.js': '',
    'test/format.test.js': '',
    'node_modules/chai/index.js': '',
    '.gitignore': 'node_modules\n',
    'NOTES.md': '# Days\n',
    'package.json': '{}\n',
  })
  files.ignored.add('node_modules')
  return files
}

/** A workspace in memory: contents by path; a path that ends in `/` is an empty folder. What was asked of it is kept. */
export class FakeFiles implements FileDoor {
  readonly contents: Map<string, Buffer>
  readonly ignored = new Set<string>()
  /** Folders that may not be read. */
  readonly locked = new Set<string>()
  /** What was done, in order: `list src`, `read a.ts 0 65536`. */
  readonly calls: string[] = []
  private readonly listeners = new Set<() => void>()
  private time = 1_800_000_000_000
  private readonly times = new Map<string, number>()

  constructor(contents: Record<string, string | Buffer>) {
    this.contents = new Map(Object.entries(contents).map(([path, text]) => [path, Buffer.from(text as string)]))
  }

  /** Something else has changed the workspace. */
  tell(change: () => void): void {
    change()
    for (const listener of this.listeners) listener()
  }

  list(folder: string): Promise<Listing> {
    this.calls.push(`list ${folder}`)
    if (this.locked.has(folder))
      return failure('permission', `${folder} may not be touched by the user of the sandbox.`)
    const prefix = folder === '' ? '' : `${folder}/`
    const names = new Map<string, 'file' | 'directory'>()
    let there = folder === ''
    for (const path of this.contents.keys()) {
      if (!path.startsWith(prefix)) continue
      there = true
      const [name = '', ...below] = path.slice(prefix.length).split('/')
      if (name !== '') names.set(name, below.length > 0 ? 'directory' : 'file')
    }
    if (!there) return failure('missing', `${folder} does not exist.`)
    const entries = [...names].map(([name, type]) => ({ name, type }))
    return Promise.resolve({ entries, ignores: ({ name }) => this.ignored.has(prefix + name) })
  }

  stat(path: string): Promise<FileStat> {
    const content = this.contents.get(path)
    if (content !== undefined)
      return Promise.resolve({ type: 'file', size: content.length, mtimeMs: this.times.get(path) ?? this.time })
    const isFolder = path === '' || [...this.contents.keys()].some((one) => one.startsWith(`${path}/`))
    if (isFolder) return Promise.resolve({ type: 'directory', size: 0, mtimeMs: this.time })
    return failure('missing', `${path} does not exist.`)
  }

  read(path: string, offset: number, length: number): Promise<Buffer> {
    this.calls.push(`read ${path} ${offset} ${length}`)
    const content = this.contents.get(path)
    if (content === undefined) return failure('missing', `${path} does not exist.`)
    return Promise.resolve(content.subarray(offset, offset + length))
  }

  write(path: string, data: Uint8Array): Promise<void> {
    this.calls.push(`write ${path}`)
    this.tell(() => this.put(path, data))
    return Promise.resolve()
  }

  create(path: string): Promise<void> {
    this.calls.push(`create ${path}`)
    if (this.contents.has(path)) return failure('exists', `${path} is there already: choose another name.`)
    this.tell(() => this.put(path, Buffer.alloc(0)))
    return Promise.resolve()
  }

  move(from: string, to: string): Promise<void> {
    this.calls.push(`move ${from} ${to}`)
    if (this.contents.has(to)) return failure('exists', `${to} is there already: choose another name.`)
    this.tell(() => {
      for (const [path, content] of Array.from(this.contents)) {
        if (path !== from && !path.startsWith(`${from}/`)) continue
        this.contents.delete(path)
        this.contents.set(to + path.slice(from.length), content)
      }
    })
    return Promise.resolve()
  }

  remove(path: string): Promise<void> {
    this.calls.push(`remove ${path}`)
    this.tell(() => {
      for (const one of this.contents.keys()) if (one === path || one.startsWith(`${path}/`)) this.contents.delete(one)
    })
    return Promise.resolve()
  }

  /** Puts content at a path, at a later time than anything before. */
  put(path: string, data: string | Uint8Array): void {
    this.contents.set(path, Buffer.from(data as string))
    this.time += 1000
    this.times.set(path, this.time)
  }

  onChange(listener: () => void) {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }
}

function failure(code: 'missing' | 'exists' | 'permission', message: string): Promise<never> {
  return Promise.reject(new Failure(code, message))
}
