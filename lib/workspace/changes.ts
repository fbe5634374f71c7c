import type { Change } from '../core/changes.ts'
import { pathFromBytes } from '../core/paths.ts'
import type { Bases } from './bases.ts'
import { collisionsOf } from './collisions.ts'
import { hashIn, identify, isExecutable, leafOf, type Identity, type Leaf } from './leaf.ts'
import { LineCounts } from './line-counts.ts'
import { standIn } from './masks.ts'
import { conflictOf, merge, type Versions } from './merge.ts'
import { Folder, isErrno } from './nofollow.ts'
import { hugeBytes, type Objects } from './objects.ts'
import { refusal } from './refuse.ts'
import { sensitivity } from './sensitive.ts'
import { Trail } from './trail.ts'
import { unreadable, walk, type Difference, type Trees } from './walk.ts'

/** One path that the agent changed: its three versions, whose contents are in the store, and the fact made of them. */
export interface Changed extends Versions {
  path: string
  change: Change
}

export interface Collected {
  /** Sorted by path. */
  changed: Changed[]
  /** Folders that only one side has and that are not empty there: they come and go with what is in them. */
  folders: { path: string; side: 'project' | 'workspace' }[]
  /** What stands in the workspace at every path that was looked at. */
  seen: Map<string, Identity>
  ignored: string[]
  /** Deletions of an overlay below which nothing is any more. */
  stale: string[]
}

/** How it shows that a path has become something else while it was looked at, or may not be read. */
const passing = ['EACCES', 'EINVAL', 'ELOOP', 'ENOENT', 'ENOTDIR']

/** A file whose time is younger than this may change again without its times telling. In nanoseconds. */
const racyNs = 50_000_000n

/**
 * Finds the agent's changes by content. A path is one where the workspace differs both from its base and from the
 * project, and where the project does not already hold what the agent did.
 */
export class Changes {
  private readonly trees: Trees
  private readonly bases: Bases
  private readonly objects: Objects
  private readonly identities = new Map<string, { stamp: string; identity: Identity }>()
  private readonly lines: LineCounts

  constructor(trees: Trees, bases: Bases, objects: Objects) {
    this.trees = trees
    this.bases = bases
    this.objects = objects
    this.lines = new LineCounts(objects)
  }

  /** `named`: ignored paths that are wanted all the same. */
  async collect(named: readonly string[] = []): Promise<Collected> {
    this.lines.begin()
    const { differences, ignored, stale } = await walk(this.trees, named)
    const collected: Collected = { changed: [], folders: [], seen: new Map(), ignored: [], stale }
    const trails = { project: new Trail(this.trees.project), workspace: new Trail(this.trees.workspace) }
    try {
      for (const difference of differences) {
        const { path, project, workspace, empty, own } = difference
        const onlyFolder = (project ?? workspace)!.type === 'directory' && !(project && workspace)
        if (onlyFolder && !empty && difference.refused === undefined) {
          if (!own) collected.folders.push({ path, side: project ? 'project' : 'workspace' })
        } else await this.judge(difference, collected, trails)
      }
      for (const path of ignored) {
        const followed = await this.isFollowed(path.replace(/\/$/, ''), trails.workspace).catch((error: unknown) => {
          if (isErrno(error, ...passing)) return false
          throw error
        })
        if (!followed) collected.ignored.push(path)
      }
    } finally {
      await trails.project.dispose()
      await trails.workspace.dispose()
    }
    collected.changed.sort((a, b) => (a.path < b.path ? -1 : 1))
    const changes = collected.changed.map(({ change }) => change)
    const collisions = await collisionsOf(this.trees.project, changes)
    for (const change of changes) {
      const other = collisions.get(change.path)
      if (other !== undefined) change.sensitive ??= `Where file systems fold names it is the same file as ${other}.`
    }
    await this.bases.save()
    return collected
  }

  /** What the project holds at a path now, its content kept. */
  async project(path: string): Promise<Identity> {
    return along(this.trees.masks.rootOf(path), (trail) => this.identity(trail, path, true))
  }

  /** What the workspace holds at a path that may not differ from the project, its content kept; `unknown` in passing. */
  async workspace(path: string): Promise<Identity> {
    return this.workspaceNow(path).catch((error: unknown) => {
      if (isErrno(error, ...passing)) return 'unknown'
      throw error
    })
  }

  private workspaceNow(path: string): Promise<Identity> {
    return along(this.trees.workspace, async (trail) => {
      const held = await trail.holding(path)
      const stat = await held?.folder.stat(held.name)
      if (!stat) return this.trees.mode === 'copy' ? 'none' : this.project(path)
      if (this.trees.mode === 'overlay' && stat.isCharacterDevice() && stat.rdev === 0n) return 'none'
      return this.identity(trail, path, true)
    })
  }

  /**
   * The version that the workspace has for itself at a path, its content kept; undefined where it shows the project's,
   * and `blocked` where something else stands in the place of a folder above it.
   */
  async own(path: string): Promise<Identity | 'blocked' | undefined> {
    const { workspace, mode, filledNs } = this.trees
    const known = this.bases.get(path)
    const held = await Folder.holding(workspace, path).catch((error: unknown) => {
      if (isErrno(error, 'ENOTDIR', 'ELOOP')) return 'beside' as const
      throw error
    })
    if (held === 'beside')
      return (await this.isDeletedAbove(path)) ? (known === undefined ? undefined : 'none') : 'blocked'
    const stat = await held?.folder.stat(held.name).finally(() => held.folder.dispose())
    const whole = () => along(workspace, (trail) => this.identity(trail, path, true))
    if (mode === 'overlay') {
      if (!stat) return !held || known === undefined ? undefined : 'none'
      return leafOf(stat).whiteout ? 'none' : whole()
    }
    const untouched = !stat || (stat.ctimeNs < filledNs && !stat.isDirectory())
    return known === undefined && untouched ? undefined : whole()
  }

  /** True where the workspace has of a path, and of all below it, what it took over from the project. */
  private async isFollowed(path: string, trail: Trail): Promise<boolean> {
    const held = await trail.holding(path)
    const stat = await held?.folder.stat(held.name)
    if (!held || !stat) return false
    const leaf = leafOf(stat)
    if (leaf.type !== 'directory') {
      const base = this.bases.get(path)
      return base !== undefined && (leaf.whiteout ? 'none' : await this.side(trail, path, leaf, false)) === base
    }
    const folder = await held.folder.folder(held.name)
    const names = await folder.names().finally(() => folder.dispose())
    for (const name of names) if (!(await this.isFollowed(`${path}/${pathFromBytes(name)}`, trail))) return false
    return true
  }

  /** True where a folder above the path is deleted in the workspace, and nothing has taken its place. */
  private async isDeletedAbove(path: string): Promise<boolean> {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const stat = await along(this.trees.workspace, async (trail) => {
      const held = await trail.holding(parent)
      return held?.folder.stat(held.name)
    })
    return stat ? leafOf(stat).whiteout : parent !== '' && this.isDeletedAbove(parent)
  }

  private async judge(difference: Difference, collected: Collected, trails: Trails): Promise<void> {
    const { path, refused } = difference
    if (refused !== undefined) {
      const versions: Versions = { base: 'unknown', project: 'unknown', workspace: 'unknown' }
      const change = { ...plain(difference), refused }
      collected.changed.push({ path, ...versions, change })
      return
    }
    const found = await this.versions(difference, trails).catch((error: unknown) => {
      if (isErrno(error, ...passing)) return undefined
      throw error
    })
    if (!found) {
      difference.refused = unreadable
      return this.judge(difference, collected, trails)
    }
    collected.seen.set(path, found.workspace)
    if (found.workspace !== found.base) this.bases.touch(path)
    if (found.workspace === found.project) {
      this.bases.set(path, found.project)
      return
    }
    if (found.workspace === found.base) return
    const drifted = found.project !== found.base
    const merged = drifted && found.base !== 'unknown' ? await merge(found, this.objects) : undefined
    if (merged === found.project) return
    const change = await this.fact(difference, found, drifted)
    if (drifted && merged === undefined) change.conflict = conflictOf(found)
    collected.changed.push({ path, ...found, change })
  }

  private async versions(difference: Difference, trails: Trails): Promise<Versions> {
    const { path, project: below, workspace: above } = difference
    const { masks } = this.trees
    const masked = masks.has(path)
    const lower = (leaf: Leaf, keep: boolean) =>
      masked
        ? along(masks.folder, (trail) => this.side(trail, path, leaf, keep))
        : this.side(trails.project, path, leaf, keep)
    const workspace = above ? await this.side(trails.workspace, path, above, true) : 'none'
    let project = below ? await lower(below, false) : 'none'
    if (workspace !== project && below) project = await lower(below, true)
    const known = masked ? project : this.bases.get(path)
    if (known !== undefined) return { base: known, project, workspace }
    const base = difference.own ? workspace : this.baseOf(below, workspace, project)
    this.bases.set(path, base)
    return { base, project, workspace }
  }

  /** The project's version, where nobody touched it since the workspace was made from it. */
  private baseOf(below: Leaf | undefined, workspace: Identity, project: Identity): Identity {
    const untouched = !below || below.ctimeNs < this.trees.openedNs || below.type === 'directory'
    return untouched || workspace === project ? project : 'unknown'
  }

  private async side(trail: Trail, path: string, leaf: Leaf, keep: boolean): Promise<Identity> {
    if (leaf.type === 'directory') return 'dir'
    if (leaf.type === 'other') return 'other'
    return this.identity(trail, path, keep, leaf)
  }

  private async identity(trail: Trail, path: string, keep: boolean, leaf?: Leaf): Promise<Identity> {
    const key = `${trail.root}\0${path}`
    const cached = this.identities.get(key)
    if (leaf && cached?.stamp === leaf.stamp) {
      const hash = hashIn(cached.identity)
      if (!keep || !hash || (await this.objects.has(hash))) return cached.identity
    }
    const held = await trail.holding(path)
    if (!held) return 'none'
    const identity = await identify(held.folder, held.name, this.objects, keep)
    const settled = leaf && leaf.ctimeNs + racyNs < BigInt(Date.now()) * 1_000_000n
    if (settled) this.identities.set(key, { stamp: leaf.stamp, identity })
    return identity
  }

  private async fact(difference: Difference, versions: Versions, drifted: boolean): Promise<Change> {
    const before = versions.base === 'unknown' ? versions.project : versions.base
    const { workspace } = versions
    const tooLarge = [difference.project, difference.workspace].some(
      (leaf) => leaf?.type === 'file' && leaf.size > hugeBytes,
    )
    const refused = tooLarge
      ? 'It is larger than 1 GB.'
      : (this.ofMask(difference.path, workspace) ?? refusal(difference.path, workspace, difference.workspace))
    const sensitive = sensitivity(difference.path)
    const executable = workspace !== 'none' && isExecutable(workspace) !== isExecutable(before)
    const counted = await this.lines.between(before, workspace)
    return {
      ...plain(difference),
      kind: before === 'none' ? 'added' : workspace === 'none' ? 'deleted' : 'changed',
      type: typeOf(workspace === 'none' ? before : workspace),
      ...counted,
      ...(executable && hashIn(workspace) && { executable: isExecutable(workspace) }),
      drifted,
      ...(sensitive !== undefined && { sensitive }),
      ...(refused !== undefined && { refused }),
    }
  }

  /** Why what was done to a masked file, or to a copy of one, is never written to the project. */
  private ofMask(path: string, workspace: Identity): string | undefined {
    if (this.trees.masks.has(path)) return 'The project has a secret there that the sandbox was not shown.'
    return workspace === standIn ? 'It only stands for a secret that the sandbox was not shown.' : undefined
  }
}

/** The ways down both trees while all their differences are looked at, which come in their order. */
interface Trails {
  project: Trail
  workspace: Trail
}

/** One look on a way of its own. */
async function along<T>(root: string, look: (trail: Trail) => Promise<T>): Promise<T> {
  const trail = new Trail(root)
  return look(trail).finally(() => trail.dispose())
}

function plain({ path, project, workspace }: Difference): Change {
  return {
    path,
    kind: !project ? 'added' : workspace ? 'changed' : 'deleted',
    type: (workspace ?? project)!.type,
    size: workspace && workspace.type !== 'directory' ? workspace.size : 0,
    binary: false,
    drifted: false,
  }
}

function typeOf(identity: Identity): Change['type'] {
  if (identity === 'dir') return 'directory'
  if (identity.startsWith('link:')) return 'symlink'
  return hashIn(identity) || identity.startsWith('huge:') ? 'file' : 'other'
}
