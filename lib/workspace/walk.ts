import type { BigIntStats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { Failure } from '../core/failure.ts'
import { pathBelow, pathFromBytes, pathToBytes } from '../core/paths.ts'
import { IgnoreRules } from './ignored.ts'
import { leafOf, type Identity, type Leaf } from './leaf.ts'
import { letOwnerIn } from './let-in.ts'
import type { Masks } from './masks.ts'
import { Folder, isErrno } from './nofollow.ts'
import { Patience } from './patterns.ts'

/** A path that may differ: what stands there on each side. A folder is told of only where one side has it. */
export interface Difference {
  path: string
  project?: Leaf
  workspace?: Leaf
  /** For a folder: nothing is in it. */
  empty: boolean
  /** Why it is not looked at any further, as a sentence. */
  refused?: string
  /** As far as times tell, the person did it, not the agent. */
  own: boolean
}

/** The two trees, and what is known of when they were the same. */
export interface Trees {
  /** The project's own folder. */
  project: string
  /** The overlay's upper folder, which holds only what was touched, or the whole copy. */
  workspace: string
  mode: 'overlay' | 'copy'
  /** What stands for the project's secrets, for the sandbox and for us: the project's side of a masked path is the mask. */
  masks: Masks
  /** Before this moment (nanoseconds of the file system's clock) the project was what the workspace started from. */
  openedNs: bigint
  /** Nothing in a copy was touched before it. */
  filledNs: bigint
  /** Folders that a copy was made without: all that is in them there is the agent's, and it has deleted nothing. */
  apart: readonly string[]
  /**
   * True where an overlay's folder hides what the project has below it. `hidden` are the project's names that the upper
   * folder does not have; the first of them is older than the workspace. `self` tells the upper folder from any other that
   * stands or stood at its path.
   */
  opaque(path: string, hidden: string[], self: string): Promise<boolean>
  /** What the workspace's version of a path is known to be based on. */
  base(path: string): Identity | undefined
}

export const unreadable = 'It may not be read: its permissions forbid it.'

/** Linux takes no longer path, in bytes: what lies deeper is out of reach for programs. */
const longestPath = 4096

/** More than this in one folder, with all below it, nobody looks at one by one. */
const mostInFolder = 20_000
const tooMany = `More than ${mostInFolder.toLocaleString('en')} files differ in it: too many to be shown, applied or undone one by one. Delete what is not wanted, or name it in a .gitignore.`

/** So many entries of a folder are asked about at a time. */
const batch = 512

export interface Walked {
  differences: Difference[]
  /** Paths left out because a .gitignore names them; a folder stands for all that is in it. */
  ignored: string[]
  /** Deletions of an overlay below which nothing is any more. */
  stale: string[]
}

interface Place {
  prefix: string
  workspace?: Folder
  project?: Folder
  /** What the workspace's folder does not hold is not there. */
  complete: boolean
  /** It lies in a folder that was not copied. */
  apart: boolean
  /** Nor did it when the project had nothing there: what that has now is new. */
  anew: boolean
  rules: IgnoreRules
  /** How many differences there were before this folder. */
  start: number
}

/**
 * Finds every path that may differ, in the order of the walk: all of an overlay's upper folder, or what was touched in
 * a copy. `.git` is left out at every depth, and so is what is ignored unless `named` has it or a folder above it. Where
 * too much differs in a folder, the folder alone stands for it. Failure `limit` where that is the project itself.
 */
export async function walk(trees: Trees, named: readonly string[] = []): Promise<Walked> {
  const walker = new Walker(trees, named)
  await letOwnerIn(trees.workspace, 0o500)
  const workspace = await Folder.open(trees.workspace)
  try {
    const project = await Folder.open(trees.project)
    try {
      await walker.visit({
        prefix: '',
        workspace,
        project,
        complete: trees.mode === 'copy',
        rules: new IgnoreRules(new Patience()),
        apart: false,
        anew: false,
        start: 0,
      })
    } finally {
      await project.dispose()
    }
  } finally {
    await workspace.dispose()
  }
  if (walker.isFull(0)) throw new Failure('limit', `The workspace could not be looked at. ${tooMany}`)
  return walker.walked
}

class Walker {
  readonly walked: Walked = { differences: [], ignored: [], stale: [] }
  private readonly trees: Trees
  private readonly named: readonly string[]
  private readonly wanted: string[] = []

  constructor(trees: Trees, named: readonly string[]) {
    this.trees = trees
    this.named = named
  }

  async visit(place: Place): Promise<void> {
    const { prefix, workspace, project } = place
    const ruled = workspace && (place.complete || (await workspace.stat(Buffer.from('.gitignore'))) !== undefined)
    const rules = await place.rules.within(prefix, ruled ? workspace : project)
    const inside = { ...place, rules }
    const own = new Set<string>()
    for await (const some of workspace?.someNames() ?? []) {
      for (const names of batches(some)) {
        const found = await Promise.all(names.map((bytes) => workspace!.stat(bytes)))
        for (const [index, bytes] of names.entries()) {
          const stat = found[index]
          const name = pathFromBytes(bytes)
          if (this.isFull(place.start)) return
          // What is made anew while the folder is read may come twice.
          if (own.has(name)) continue
          own.add(name)
          if (stat) await this.enter(inside, name, bytes, leafOf(stat))
        }
      }
    }
    const below = await this.namesBelow(place, own)
    for (const [name, bytes] of below) {
      if (this.isFull(place.start)) return
      if (!own.has(name)) await this.enter(inside, name, bytes, undefined)
    }
  }

  /** Whether more differs than anybody looks at, since there were `start` differences. */
  isFull(start: number): boolean {
    return this.walked.differences.length - start > mostInFolder
  }

  /** The project's names that the workspace's folder does not have and that are gone in the workspace. */
  private async namesBelow(place: Place, own: ReadonlySet<string>): Promise<Map<string, Buffer>> {
    const { workspace, project } = place
    const none = new Map<string, Buffer>()
    if (!project) return none
    if (place.complete) {
      if (workspace && this.trees.mode === 'copy' && (await workspace.self()).ctimeNs < this.trees.filledNs) return none
      return namesOf(project)
    }
    if (!workspace || place.prefix === '' || place.apart) return none
    const names = await namesOf(project)
    const hidden = [...names].filter(([name]) => !own.has(name))
    for (const [index, [, bytes]] of hidden.entries()) {
      const stat = await project.stat(bytes)
      // What the person added since may be unseen in the merged folder all the same.
      if (!stat || stat.ctimeNs >= this.trees.openedNs) continue
      const opaque = await this.trees.opaque(
        place.prefix.slice(0, -1),
        hidden.slice(index).map(([name]) => name),
        nameOf(await workspace.self()),
      )
      return opaque ? names : none
    }
    return none
  }

  private async enter(place: Place, name: string, bytes: Buffer, found: Leaf | undefined): Promise<void> {
    if (name === '.git') return
    const path = place.prefix + name
    const overlay = this.trees.mode === 'overlay'
    const whiteout = overlay && found?.whiteout === true
    const workspace = whiteout ? undefined : found
    const apart = place.apart || this.trees.apart.includes(path)
    if (apart && !workspace) return
    const untouched = workspace !== undefined && !apart && this.isUntouched(workspace)
    if (untouched && workspace.type !== 'directory') return
    const { masks } = this.trees
    const masked = masks.has(path)
    const stat = masked
      ? await fs.lstat(pathBelow(masks.folder, path), { bigint: true })
      : await place.project?.stat(bytes)
    const project = stat && leafOf(stat)
    if (whiteout && !project) this.walked.stale.push(path)
    if (!project && !workspace) return
    const isFolder = (workspace ?? project)!.type === 'directory'
    if (place.rules.ignores(path, isFolder) && !this.isWanted(path)) {
      if (overlay || !project || (workspace && !untouched)) this.walked.ignored.push(isFolder ? `${path}/` : path)
      return
    }
    const difference: Difference = { path, project, workspace, empty: false, own: false }
    const anew = place.anew || (whiteout && this.trees.base(path) === 'none')
    difference.own = anew || (!whiteout && !masked && !apart && this.isOwn(difference))
    if (path.length + this.trees.project.length > longestPath / 4 && this.isTooDeep(path)) {
      this.walked.differences.push({ ...difference, refused: 'It lies deeper than any path may be long.' })
      return
    }
    if (isFolder || project?.type === 'directory') return this.descend({ ...place, apart, anew }, bytes, difference)
    this.walked.differences.push(difference)
  }

  private isTooDeep(path: string): boolean {
    return pathToBytes(`${this.trees.project}/${path}`).length >= longestPath
  }

  private isOwn({ path, project, workspace }: Difference): boolean {
    if (this.trees.base(path) !== undefined) return false
    if (!workspace) return project!.ctimeNs >= this.trees.openedNs
    return this.isUntouched(workspace)
  }

  /** As it was when the workspace was filled, by a copy. */
  private isUntouched({ ctimeNs }: Leaf): boolean {
    return this.trees.mode === 'copy' && ctimeNs < this.trees.filledNs
  }

  private async descend(place: Place, name: Buffer, difference: Difference): Promise<void> {
    const { path, project, workspace } = difference
    const both = project?.type === 'directory' && workspace?.type === 'directory'
    const opened: Folder[] = []
    const open = async (folder: Folder | undefined, leaf: Leaf | undefined) => {
      if (!folder || leaf?.type !== 'directory') return undefined
      const inner = await folder.folder(name)
      opened.push(inner)
      return inner
    }
    try {
      const inner: Place = {
        prefix: `${path}/`,
        workspace: await open(place.workspace, workspace),
        project: await open(place.project, project),
        complete: !place.apart && (place.complete || workspace?.type !== 'directory'),
        apart: place.apart,
        anew: place.anew,
        rules: place.rules,
        start: this.walked.differences.length,
      }
      if (!both) {
        const only = inner.workspace ?? inner.project
        const empty = await only!.isEmpty()
        this.walked.differences.push({ ...difference, empty })
      }
      await this.visit(inner)
      if (this.isFull(inner.start)) {
        this.walked.differences.length = inner.start
        this.walked.differences.push({ ...difference, refused: tooMany })
      }
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return
      if (!isErrno(error, 'EACCES')) throw error
      this.walked.differences.push({ ...difference, refused: unreadable })
    } finally {
      for (const folder of opened) await folder.dispose()
    }
  }

  /** True where an ignored path was asked for by its own name, or holds or lies in such a one. */
  private isWanted(path: string): boolean {
    if (this.named.includes(path)) this.wanted.push(path)
    const inside = this.wanted.some((name) => path === name || path.startsWith(`${name}/`))
    return inside || this.named.some((name) => name.startsWith(`${path}/`))
  }
}

/** Where a file system does not know when something was made, by what changes at least then. */
function nameOf({ dev, ino, birthtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs || ctimeNs}`
}

function* batches<T>(items: T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += batch) yield items.slice(at, at + batch)
}

async function namesOf(folder: Folder): Promise<Map<string, Buffer>> {
  return new Map((await folder.names()).map((name) => [pathFromBytes(name), name]))
}
