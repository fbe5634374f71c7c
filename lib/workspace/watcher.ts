import * as fs from 'node:fs'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import { pathFromBytes, pathToBytes } from '../core/paths.ts'
import { IgnoreRules } from './ignored.ts'
import { Folder, isErrno } from './nofollow.ts'
import { Patience } from './patterns.ts'

export interface WatcherOptions {
  /** Absolute path of the folder that is watched, with all that is in it. */
  root: string
  /** What is younger than this is told at the beginning; nanoseconds of the file system's clock. */
  sinceNs: bigint
  /** Then what was written in place is told too, for which all files have to be looked at, not just the folders. */
  thorough: boolean
  /**
   * Hears where something may not be what it was: relative paths of files and folders, everything in new folders too. One
   * that ends in `/` was a folder that is gone, or another one by now.
   */
  onPaths(paths: string[]): void
  /** Something changed in an ignored folder that is too large to be watched: its path. */
  onHeavy(path: string): void
  /** Told once, where the system lets no more folders be watched. */
  onProblem(failure: Failure): void
  /** Stands in for fs.watch. */
  watch?: Watch
}

/** Hears of one folder's entries: `moved` where one may have come or gone. Throws what fs.watch throws. */
export type Watch = (folder: Buffer, hear: (name: Buffer, moved: boolean) => void) => Disposable

/** An ignored folder with more folders in it than this is watched from above only. */
const lightFolders = 100
/** Milliseconds that more is waited for after a change, and at most: an editor's save is several events. */
const quietMs = 25
const patienceMs = 150
/** After so many events at once the kernel may have dropped some (its queue has 16,384 places). */
const floodEvents = 4000
/** Milliseconds between two looks, at least; and how many times as long as a look takes. */
const lookMs = 1000
const lookShare = 10
/** The file system's clock is behind that of the day. In nanoseconds. */
const slackNs = 50_000_000n
/** Milliseconds of work at one go. */
const sliceMs = 5

/** A folder that is watched. */
interface Watched {
  ino: bigint
  /** Those that hold for the folder itself, and for what is in it. */
  above: IgnoreRules
  rules: IgnoreRules
  inner: Map<string, Watched>
  handle?: Disposable
  /** The ignored folder that this one is or lies in. */
  ignored?: { path: string; top: Watched; left: number }
  /** Ignored and large: nothing in it is watched. */
  heavy: boolean
  gone: boolean
}

/**
 * Hears what changes in a folder tree: one inotify watch a folder, which is what the kernel asks for, and no file is
 * looked at. `.git` is left out, and what lies in large ignored folders (node_modules). Where the system gives no more
 * watches, the times of all files are looked at in intervals.
 */
export class Watcher implements Disposable {
  private readonly options: WatcherOptions
  private readonly root: Watched
  private readonly patience: Patience
  private readonly pending = new Set<string>()
  private readonly heavy = new Set<string>()
  private events = 0
  /** Milliseconds since 1970 of the first change that was not told yet. */
  private since = 0
  /** All that is older is told. */
  private toldNs: bigint
  private timer: NodeJS.Timeout | undefined
  private looking = false
  private closed = false
  private sliceBegan = performance.now()

  private constructor(options: WatcherOptions, root: Watched, patience: Patience) {
    this.options = options
    this.patience = patience
    this.root = root
    this.toldNs = options.sinceNs
  }

  /** Settles once everything is watched; what changes meanwhile is told too. */
  static async start(options: WatcherOptions): Promise<Watcher> {
    const { ino } = fs.lstatSync(options.root, { bigint: true })
    const patience = new Patience()
    const watcher = new Watcher(options, newFolder(ino, new IgnoreRules(patience)), patience)
    await watcher.enter('', watcher.root, false)
    await watcher.look(options.thorough)
    return watcher
  }

  dispose(): void {
    this.closed = true
    clearTimeout(this.timer)
    unwatch(this.root)
  }

  /** Watches a folder and all below it; `tell`: what is found is new. */
  private async enter(path: string, folder: Watched, tell: boolean): Promise<void> {
    this.listen(path, folder)
    if (folder.heavy) return
    const entries = this.entriesOf(path)
    if (entries.has('.gitignore')) folder.rules = await this.rulesIn(path, folder.above)
    for (const [name, isFolder] of entries) {
      if (folder.gone) return
      if (name === '.git') continue
      if (tell) this.tell(join(path, name))
      if (isFolder) await this.enterInner(path, folder, name, tell)
      await this.breathe()
    }
  }

  private async enterInner(parentPath: string, parent: Watched, name: string, tell: boolean): Promise<void> {
    const path = join(parentPath, name)
    const stat = this.stat(path)
    if (!stat?.isDirectory()) return
    const folder = newFolder(stat.ino, parent.rules)
    parent.inner.set(name, folder)
    if (parent.ignored) folder.ignored = parent.ignored
    else if (parent.rules.ignores(path, true)) folder.ignored = { path, top: folder, left: lightFolders }
    if (folder.ignored && folder.ignored.left-- <= 0) this.leaveOut(folder.ignored)
    else await this.enter(path, folder, tell)
  }

  /** An ignored folder has turned out to be large. */
  private leaveOut({ path, top }: NonNullable<Watched['ignored']>): void {
    for (const inner of top.inner.values()) unwatch(inner)
    top.inner.clear()
    top.heavy = true
    for (const known of this.pending) if (known.startsWith(`${path}/`)) this.pending.delete(known)
  }

  private listen(path: string, folder: Watched): void {
    if (this.looking || folder.gone || folder.handle) return
    const watch = this.options.watch ?? watchFolder
    try {
      folder.handle = watch(this.at(path), (name, moved) => this.hear(path, folder, pathFromBytes(name), moved))
    } catch (error) {
      if (isErrno(error, 'ENOSPC', 'EMFILE', 'ENFILE')) this.lookFromNowOn()
      else if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) throw error
    }
  }

  private hear(path: string, folder: Watched, name: string, moved: boolean): void {
    if (this.closed || folder.gone) return
    this.events += 1
    if (name === '.git') return
    if (folder.heavy) {
      this.heavy.add(path)
      return this.schedule()
    }
    this.tell(join(path, name))
    if (moved) this.compare(path, folder, name)
    if (name === '.gitignore') this.renew(path, folder)
  }

  /** Follows a folder that has come, gone, or is another one than it was. */
  private compare(path: string, folder: Watched, name: string): void {
    const stat = this.stat(join(path, name))
    const known = folder.inner.get(name)
    if (known?.ino === (stat?.isDirectory() ? stat.ino : undefined)) return
    if (known) {
      unwatch(known)
      this.tell(`${join(path, name)}/`)
    }
    folder.inner.delete(name)
    this.begin(this.enterInner(path, folder, name, true))
  }

  /** What a .gitignore says has changed: what was left out may be in now. */
  private renew(path: string, folder: Watched): void {
    for (const inner of folder.inner.values()) unwatch(inner)
    folder.inner.clear()
    this.begin(this.enter(path, folder, false))
  }

  /** A folder that cannot be entered now is looked at again. */
  private begin(work: Promise<void>): void {
    work.catch(() => this.look())
  }

  private tell(path: string): void {
    this.pending.add(path)
    this.schedule()
  }

  private schedule(): void {
    if (this.since === 0) this.since = Date.now()
    clearTimeout(this.timer)
    const left = Math.max(0, this.since + patienceMs - Date.now())
    if (!this.closed) this.timer = setTimeout(() => this.flush(), Math.min(quietMs, left))
  }

  private flush(): void {
    const { onPaths, onHeavy } = this.options
    const [paths, heavy] = [[...this.pending], [...this.heavy]]
    const flooded = this.events > floodEvents
    this.pending.clear()
    this.heavy.clear()
    this.since = this.events = 0
    this.patience.leftMs = new Patience().leftMs
    if (flooded) this.begin(this.look())
    else if (!this.looking) this.toldNs = nowNs()
    for (const path of heavy) onHeavy(path)
    if (paths.length > 0) onPaths(paths)
  }

  private lookFromNowOn(): void {
    this.looking = true
    unwatch(this.root, false)
    const message =
      'The system lets no more folders be watched (fs.inotify.max_user_watches): what you change in the project reaches the sandbox after seconds, not at once.'
    this.options.onProblem(new Failure('limit', message))
    void this.lookAgain(lookMs)
  }

  private async lookAgain(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms).unref())
    if (this.closed) return
    const began = performance.now()
    await this.look().catch(() => undefined) // the next one comes
    void this.lookAgain(Math.max(lookMs, lookShare * (performance.now() - began)))
  }

  /** Tells of all that is younger than what was told. */
  private async look(thorough = true): Promise<void> {
    const youngerNs = this.toldNs
    this.toldNs = nowNs()
    await this.lookIn('', this.root, youngerNs, thorough)
  }

  private async lookIn(path: string, folder: Watched, youngerNs: bigint, thorough: boolean): Promise<void> {
    const self = this.stat(path)
    if (!self || folder.gone || folder.heavy || this.closed) return
    await this.breathe()
    if (self.mtimeNs >= youngerNs)
      this.tell(path) // something in it has gone, perhaps
    else if (!thorough) {
      for (const [name, inner] of folder.inner) await this.lookIn(join(path, name), inner, youngerNs, thorough)
      return
    }
    const entries = this.entriesOf(path)
    for (const name of folder.inner.keys()) if (!entries.get(name)) this.compare(path, folder, name)
    for (const [name, isFolder] of entries) {
      if (name === '.git') continue
      const inner = join(path, name)
      const stat = this.stat(inner)
      if (stat && stat.ctimeNs >= youngerNs && !isFolder) this.tell(inner)
      const known = folder.inner.get(name)
      if (isFolder && known?.ino === stat?.ino) await this.lookIn(inner, known!, youngerNs, thorough)
      else if (isFolder) {
        this.tell(inner)
        this.compare(path, folder, name)
      }
      await this.breathe()
    }
  }

  /** Names in a folder, and which of them are folders. */
  private entriesOf(path: string): Map<string, boolean> {
    try {
      const entries = fs.readdirSync(this.at(path), { withFileTypes: true, encoding: 'buffer' })
      return new Map(entries.map((entry) => [pathFromBytes(entry.name), entry.isDirectory()]))
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return new Map()
      throw error
    }
  }

  private stat(path: string): fs.BigIntStats | undefined {
    try {
      return fs.lstatSync(this.at(path), { bigint: true, throwIfNoEntry: false })
    } catch (error) {
      if (isErrno(error, 'ENOTDIR', 'EACCES', 'ELOOP')) return undefined
      throw error
    }
  }

  private async rulesIn(path: string, above: IgnoreRules): Promise<IgnoreRules> {
    const folder = await Folder.open(this.at(path)).catch(() => undefined)
    if (!folder) return above
    return above.within(path === '' ? '' : `${path}/`, folder).finally(() => folder.dispose())
  }

  private at(path: string): Buffer {
    return pathToBytes(path === '' ? this.options.root : `${this.options.root}/${path}`)
  }

  /** Lets others have their turn. */
  private async breathe(): Promise<void> {
    if (performance.now() - this.sliceBegan < sliceMs) return
    await new Promise((resolve) => setImmediate(resolve))
    this.sliceBegan = performance.now()
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n - slackNs
}

function newFolder(ino: bigint, above: IgnoreRules): Watched {
  return { ino, above, rules: above, inner: new Map(), heavy: false, gone: false }
}

/** `gone`: it is not only unwatched, but no more. */
function unwatch(folder: Watched, gone = true): void {
  folder.handle?.dispose()
  folder.handle = undefined
  folder.gone = gone
  for (const inner of folder.inner.values()) unwatch(inner, gone)
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

const watchFolder: Watch = (folder, hear) => {
  const options = { encoding: 'buffer', persistent: false } as const
  const handle = fs.watch(folder, options, (kind, name) => name && hear(name, kind === 'rename'))
  handle.on('error', () => handle.close())
  return { dispose: () => handle.close() }
}
