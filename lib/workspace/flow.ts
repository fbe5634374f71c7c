import { Failure } from '../core/failure.ts'
import { pathFromBytes } from '../core/paths.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Bases } from './bases.ts'
import type { Changes } from './changes.ts'
import { makeFolder, unlessMissing, type Write, writeInside } from './inside.ts'
import { hashIn, isExecutable, targetIn, type Identity } from './leaf.ts'
import { merge } from './merge.ts'
import { Folder, isErrno } from './nofollow.ts'
import type { Objects } from './objects.ts'
import type { Trees } from './walk.ts'

export interface FlowParts {
  trees: Trees
  finder: Changes
  bases: Bases
  objects: Objects
  sandbox: Sandbox
  /** Absolute path of the workspace inside. */
  root: string
}

/** A file to be written, from what the workspace held when that was decided; `base` is what it is based on then. */
interface Pending extends Write {
  from: Identity | undefined
  base: Identity
}

/** Larger files are not copied, in bytes: an overlay shows them once it is refreshed. */
const largest = 64 * 1024 * 1024
/** Bytes that are held at a time. */
const heldBytes = 32 * 1024 * 1024

/** Paths that are looked at side by side. */
const atOnce = 16

/** Names that an application of ours gives to what it has not finished. */
const ours = /(?:^|\/)\.drydock-[0-9a-f]{16}$/

/**
 * Brings what changes in the project into the workspace, through the sandbox. It is written there even where an overlay
 * shows it by itself: what the kernel remembers of a file that was replaced, deleted or missing would stay, and nobody
 * who watches inside would hear of it. The caller sees to it that nothing else changes the records meanwhile.
 */
export class Flow {
  /** How often something came in at a path. */
  readonly arrivals = new Map<string, number>()
  private readonly parts: FlowParts
  private pending: Pending[] = []
  private heldBytes = 0
  private stale = false
  private altered = false
  private failure: Failure | undefined

  constructor(parts: FlowParts) {
    this.parts = parts
  }

  /**
   * Makes the workspace follow the project at these paths, as the watcher tells them: what only the project changed is
   * taken over, what both changed is merged; what does not merge stays as it is in the workspace. True where the agent's
   * changes may not be what they were. Where some paths may not be written inside, the others are all the same, and then
   * a Failure says why; an overlay shows the project's version of those.
   */
  async follow(paths: readonly string[]): Promise<boolean> {
    this.altered = false
    this.failure = undefined
    const gone = paths.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1))
    if (gone.length > 0) await this.refresh()
    for (const path of gone) await this.tolerant(() => this.tellGone(path))
    const all = new Set([...gone, ...paths.filter((path) => !path.endsWith('/'))])
    // Folders first, for what is in them; the rest side by side: each is a little reading.
    const [folders, others] = foldersAmong([...all].toSorted())
    for (const path of folders) await this.followOne(path)
    for (let at = 0; at < others.length; at += atOnce)
      await Promise.all(others.slice(at, at + atOnce).map((path) => this.followOne(path)))
    await this.write()
    if (this.stale) await this.refresh()
    await this.parts.bases.save()
    if (this.failure) throw this.failure
    return this.altered
  }

  private async followOne(path: string): Promise<void> {
    const { masks, apart } = this.parts.trees
    const leftOut = apart.some((folder) => path === folder || path.startsWith(`${folder}/`))
    if (!leftOut && !masks.has(path) && !ours.test(path)) await this.tolerant(() => this.settle(path))
  }

  /** What goes while it is looked at, or may not be read or written, does not keep the rest. */
  private async tolerant(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => {
      if (error instanceof Failure && error.code !== 'sandbox') this.fails(error)
      else if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EINVAL')) throw error
    })
  }

  private fails(failure: Failure): void {
    const { trees, sandbox } = this.parts
    if (trees.mode === 'overlay' && sandbox.refresh) this.stale = true
    else this.failure ??= failure
  }

  private async settle(path: string): Promise<void> {
    const { finder, bases, objects } = this.parts
    if (path === '') return this.settleFolder(path)
    if (await this.isLarge(path)) return
    const project = await finder.project(path)
    if (project === 'dir') return this.settleFolder(path)
    if (project !== 'none' && !hashIn(project) && !targetIn(project)) return
    const workspace = await finder.own(path)
    if (workspace === 'dir') return this.settleReplaced(path, project)
    const base = bases.get(path)
    if (workspace === undefined || workspace === base) return this.put(path, project, workspace, project)
    this.altered = true
    if (workspace === project) bases.set(path, project)
    if (workspace === project || project === base || base === undefined || workspace === 'blocked') return
    bases.touch(path)
    const merged = base === 'unknown' ? undefined : await merge({ base, project, workspace }, objects)
    if (merged !== undefined) await this.put(path, merged, workspace, project)
  }

  private async isLarge(path: string): Promise<boolean> {
    const large = ((await this.stat(path))?.size ?? 0n) > largest
    this.stale ||= large
    return large
  }

  /** A folder of the project: what is inside and no more in the project goes; what is in the project is told of itself. */
  private async settleFolder(path: string): Promise<void> {
    const { finder, bases, sandbox, trees, root } = this.parts
    const own = path === '' ? 'dir' : await finder.own(path)
    if (own !== undefined && own !== 'dir' && own !== bases.get(path)) return // the agent has made something else of it
    const folder = `${root}/${path}`
    const inside = path === '' ? 'directory' : (await sandbox.files.stat(folder).catch(unlessMissing))?.type
    if (inside !== 'directory') {
      if (inside !== undefined) await sandbox.files.remove(folder)
      await makeFolder(sandbox, folder)
      return bases.release(path)
    }
    const names = await namesIn(trees.project, path)
    for (const name of await this.namesInside(path))
      if (name !== '.git' && !names.has(name)) await this.followOne(path === '' ? name : `${path}/${name}`)
  }

  /** The workspace has a folder of its own where the project has something else, or nothing any more. */
  private async settleReplaced(path: string, project: Identity): Promise<void> {
    const names = new Set([...(await this.namesInside(path)), ...(await namesIn(this.parts.trees.workspace, path))])
    for (const name of names) await this.followOne(`${path}/${name}`)
    if ((await this.namesInside(path)).length === 0) return this.put(path, project, 'dir', project)
    this.altered = true
  }

  private async put(path: string, to: Identity, from: Identity | undefined, base: Identity): Promise<void> {
    const { sandbox, root, objects, bases } = this.parts
    const target = `${root}/${path}`
    const hash = hashIn(to)
    if (from === to) return bases.set(path, base)
    if (hash) {
      const data = await objects.get(hash)
      this.pending.push({ path, data, mode: await this.modeOf(path, to), from, base })
      this.heldBytes += data.length
      return this.heldBytes > heldBytes ? this.write() : undefined
    }
    const removed = await sandbox.files.remove(target, { recursive: true }).then(() => true, unlessMissing)
    if (to !== 'none') await sandbox.files.link(target, to.slice('link:'.length))
    if (removed || to !== 'none') this.arrived(path, base)
  }

  /** Writes what is pending, but for what the agent has written meanwhile: that is looked at again. */
  private async write(): Promise<void> {
    const { sandbox, root, finder } = this.parts
    const writes: Pending[] = []
    const again: string[] = []
    const taken = this.pending
    this.pending = []
    this.heldBytes = 0
    for (const one of taken)
      if ((await finder.own(one.path)) === one.from) writes.push(one)
      else again.push(one.path)
    const failed = new Set<string>()
    await writeInside(sandbox, root, writes, (path, failure) => {
      failed.add(path)
      this.fails(failure)
    })
    for (const { path, base } of writes) if (!failed.has(path)) this.arrived(path, base)
    for (const path of again) await this.followOne(path)
    if (this.pending.length > 0) await this.write()
  }

  private arrived(path: string, base: Identity): void {
    this.parts.bases.set(path, base)
    this.arrivals.set(path, (this.arrivals.get(path) ?? 0) + 1)
  }

  /** As the project has it, where it has the file. */
  private async modeOf(path: string, to: Identity): Promise<number> {
    const stat = await this.stat(path)
    const mode = stat?.isFile() ? Number(stat.mode & 0o777n) : 0o644
    return isExecutable(to) ? mode | ((mode & 0o444) >> 2) : mode & ~0o111
  }

  private async stat(path: string) {
    const held = await Folder.holding(this.parts.trees.project, path)
    return held?.folder.stat(held.name).finally(() => held.folder.dispose())
  }

  /** What the sandbox sees in a folder. */
  private async namesInside(path: string): Promise<string[]> {
    const { sandbox, root } = this.parts
    const entries = await sandbox.files.list(`${root}/${path}`).catch(unlessMissing)
    return (entries ?? []).map(({ name }) => name)
  }

  private async refresh(): Promise<void> {
    this.stale = false
    if (this.parts.trees.mode === 'overlay') await this.parts.sandbox.refresh?.()
  }

  /** The kernel forgets a folder that has gone below an overlay without a word: who watches inside hears of it so. */
  private async tellGone(path: string): Promise<void> {
    const { sandbox, trees, finder, root } = this.parts
    if (trees.mode === 'copy' || !sandbox.refresh || ours.test(path)) return
    if ((await finder.project(path)) !== 'none' || (await finder.own(path)) !== undefined) return
    const { files } = sandbox
    const folder = `${root}/${path}`
    const parent = await files.stat(folder.slice(0, folder.lastIndexOf('/'))).catch(unlessMissing)
    if (parent?.type !== 'directory' || (await files.stat(folder).catch(unlessMissing))) return
    await makeFolder(sandbox, folder)
    await files.remove(folder, { recursive: true })
  }
}

/** Of sorted paths those that others lie below, and those others. */
function foldersAmong(paths: string[]): [folders: string[], others: string[]] {
  const above = new Set<string>([''])
  for (const path of paths)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) above.add(path.slice(0, end))
  return [paths.filter((path) => above.has(path)), paths.filter((path) => !above.has(path))]
}

async function namesIn(root: string, path: string): Promise<Set<string>> {
  const held = await Folder.holding(root, path === '' ? '.' : `${path}/.`)
  if (!held) return new Set()
  return new Set((await held.folder.names().finally(() => held.folder.dispose())).map(pathFromBytes))
}
