import type { ApplyReport, Change, FileDiff, Selection } from '../core/changes.ts'
import type { Checkpoint, Occasion, Restoration } from '../core/checkpoints.ts'
import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { planOf, settle } from './apply.ts'
import { Changes, type Changed, type Collected } from './changes.ts'
import type { Checkpoints } from './checkpoint.ts'
import { diffOf } from './diff.ts'
import { diskUse, tooLarge } from './disk.ts'
import type { Doubt } from './doubt.ts'
import { Flow } from './flow.ts'
import { someHunks } from './hunks.ts'
import { bringInside, type Turn } from './inside.ts'
import type { Journal } from './journal.ts'
import type { Identity } from './leaf.ts'
import type { Lock } from './lock.ts'
import type { Objects } from './objects.ts'
import { Past } from './past.ts'
import type { OnAct } from './place.ts'
import type { Records } from './records.ts'
import { withRenames } from './renames.ts'
import { pathsOf, plainPath, select } from './selection.ts'
import { hide, show } from './show.ts'
import { asFailure } from './as-failure.ts'
import { isKept, restorationOf } from './undo.ts'
import type { Trees } from './walk.ts'
import type { ApplyOptions, Workspace } from './workspace.ts'
import type { WriteLock } from './write-lock.ts'

/** What a workspace is made of; `sandbox` is absent where no session runs. */
export interface HostParts {
  /** Absolute path of the workspace, as the sandbox sees it. */
  root: string
  trees: Trees
  records: Records
  objects: Objects
  checkpoints: Checkpoints
  journal: Journal
  lock: Pick<Lock, 'release'>
  doubt: Doubt
  /** Held while the project is written. */
  writing: WriteLock
  /** The folder in which all of it is kept, for messages. */
  store: string
  sandbox?: Sandbox
  /** Bytes that all of it may take on the disk. */
  diskLimit?: number
  /** Heard before each act of an application that changes the disk. */
  onAct?: OnAct
}

/** Paths that are followed at one go: whoever else wants the workspace does not wait for a whole burst. */
const followedAtOnce = 500

/** A workspace on this machine: what it holds is read here without following anything, and written only inside. */
export class HostWorkspace implements Workspace {
  readonly root: string
  /** Absolute path of the project. */
  readonly project: string
  /** When it was opened, or when a copy was filled; nanoseconds of the file system's clock. */
  readonly openedNs: bigint
  readonly mode: Trees['mode']
  private readonly parts: HostParts
  private readonly finder: Changes
  private readonly flow: Flow | undefined
  private readonly past: Past
  /** What each path held when its diff was last shown: nothing else is applied. */
  private readonly shown = new Map<string, Identity>()
  /** The changes as they were found last: one that still is so needs no second look at all the others. */
  private found = new Map<string, Changed>()
  /** The same as they were told: with renames seen. */
  private told: Change[] = []
  private readonly shownSecrets = new Set<string>()
  private queue: Promise<unknown> = Promise.resolve()

  constructor(parts: HostParts) {
    this.parts = parts
    this.root = parts.root
    this.project = parts.trees.project
    this.openedNs = parts.trees.openedNs
    this.mode = parts.trees.mode
    const { trees, objects, sandbox } = parts
    const { bases } = parts.records
    this.finder = new Changes(trees, bases, objects)
    this.past = new Past({ ...parts, finder: this.finder })
    this.flow = sandbox && new Flow({ trees, finder: this.finder, bases, objects, sandbox, root: this.root })
  }

  changes(): Promise<Change[]> {
    return this.inTurn(async () => {
      const { changed } = await this.collectMerged()
      this.found = new Map(changed.map((one) => [one.path, one]))
      this.told = withRenames(changed)
      return this.told
    })
  }

  /**
   * Makes the workspace follow the project at these paths, which the watcher told. True where the changes may not be
   * what they were.
   */
  async follow(paths: readonly string[]): Promise<boolean> {
    let altered = false
    for (let at = 0; at < paths.length; at += followedAtOnce) {
      const slice = paths.slice(at, at + followedAtOnce)
      altered = (await this.inTurn(() => this.needFlow().follow(slice))) || altered
    }
    return altered
  }

  /** Makes an overlay show the folders that have come and gone in the project, where the kernel remembers others. */
  async refresh(): Promise<void> {
    if (this.parts.trees.mode === 'overlay') await this.parts.sandbox?.refresh?.()
  }

  ignored(): Promise<string[]> {
    return this.inTurn(async () => (await this.finder.collect()).ignored.toSorted())
  }

  diff(path: string, context?: number): Promise<FileDiff> {
    return this.inTurn(async () => {
      const known = this.found.get(path)
      const still = known !== undefined && (await this.stillIs(known))
      const changed = still ? [known] : (await this.finder.collect([path])).changed
      const found = changed.find((one) => one.path === path)
      if (!found) throw new Failure('missing', `${path} has no change.`, { file: path })
      this.shown.set(path, found.workspace)
      const all = still ? this.told : withRenames(changed)
      const renamed = all.find((change) => change.path === path && change.from !== undefined)
      return diffOf(renamed ? { ...found, change: renamed } : found, this.parts.objects, context)
    })
  }

  apply(selection: Selection, options: ApplyOptions = {}): Promise<ApplyReport> {
    return this.writing(async () => {
      const { doubt } = this.parts
      if (options.unseen) doubt.check()
      const report = await this.applyNow(selection, options)
      if (!options.unseen) await doubt.clear()
      return report
    })
  }

  discard(selection: Selection): Promise<{ paths: string[]; checkpoint: string }> {
    return this.inTurn(async () => {
      const sandbox = this.needSandbox()
      const collected = await this.finder.collect(pathsOf(selection))
      const checkpoint = await this.past.keep(collected)
      const { selected, missing } = select(collected.changed, selection)
      if (missing[0] !== undefined) throw new Failure('missing', `${missing[0]} has no change to discard.`)
      const turns: Turn[] = []
      for (const { path, workspace, project } of selected)
        if (await isKept(project, this.parts.objects)) turns.push({ path, from: workspace, to: project })
      await this.past.bring(sandbox, turns, collected)
      this.shown.clear()
      await this.parts.doubt.clear()
      return { paths: turns.map(({ path }) => path), checkpoint }
    })
  }

  checkpoint(occasion?: Occasion): Promise<string> {
    return this.inTurn(async () => this.past.keep(await this.finder.collect(), occasion))
  }

  checkpoints(): Promise<Checkpoint[]> {
    return this.inTurn(() => this.parts.checkpoints.list())
  }

  undoing(checkpoint: string): Promise<Restoration> {
    return this.inTurn(async () => restorationOf(checkpoint, (await this.past.plan(checkpoint)).undo))
  }

  undo(checkpoint: string): Promise<Restoration> {
    return this.writing(async () => {
      const sandbox = this.needSandbox()
      const planned = await this.past.plan(checkpoint)
      await this.past.keep(planned.collected)
      const done = await this.past.go(checkpoint, planned, sandbox)
      this.shown.clear()
      await this.collectMerged()
      return { ...restorationOf(checkpoint, planned.undo), ...done }
    })
  }

  restore(checkpoint: string): Promise<void> {
    return this.inTurn(async () => {
      const sandbox = this.needSandbox()
      await this.past.restore(checkpoint, sandbox)
      this.shown.clear()
    })
  }

  fit(): Promise<void> {
    const { store, diskLimit = Infinity, objects, checkpoints, records } = this.parts
    return this.inTurn(async () => {
      let used = await diskUse(store)
      if (used <= diskLimit) return
      const kept = [...(await objects.sizes()).values()].reduce((sum, size) => sum + size, 0)
      // On the disk a small file takes more than it holds: where what is over was not enough, all that can go does.
      for (const cap of [Math.max(0, kept - (used - diskLimit)), 0]) {
        await checkpoints.trim(records.bases.identities(), cap)
        used = await diskUse(store)
        if (used <= diskLimit) return
      }
      throw tooLarge(used, diskLimit)
    })
  }

  atWork(on: boolean): Promise<void> {
    return this.orFailure(this.parts.doubt.atWork(on))
  }

  /** Where nothing differs, nothing is half done. */
  async doubtOnlyChanges(): Promise<void> {
    const { doubt } = this.parts
    if (doubt.isLeft && (await this.changes()).length === 0) await this.orFailure(doubt.clear())
  }

  arrivals(path: string): number {
    return this.flow?.arrivals.get(path) ?? 0
  }

  masked(path: string): boolean {
    return this.parts.trees.masks.has(path)
  }

  /** True for a secret that the sandbox is shown in this session. */
  shows(path: string): boolean {
    return this.shownSecrets.has(path)
  }

  show(path: string): Promise<void> {
    return this.inTurn(async () => {
      if (!this.masked(path)) return
      await show(path, this.showing())
      this.shownSecrets.add(path)
    })
  }

  hide(path: string): Promise<void> {
    return this.inTurn(async () => {
      this.shownSecrets.delete(path)
      if (!this.masked(path)) await hide(path, this.showing())
    })
  }

  async dispose(): Promise<void> {
    await this.inTurn(async () => {
      await this.parts.records.save()
      await this.parts.lock.release()
    })
  }

  /** With what both sides changed merged, where it merges. */
  private async collectMerged(): Promise<Collected> {
    const collected = await this.finder.collect()
    const behind = collected.changed.filter(({ change }) => change.drifted && change.conflict === undefined)
    if (!this.flow || behind.length === 0) return collected
    await this.flow.follow(behind.map(({ path }) => path))
    return this.finder.collect()
  }

  private async stillIs({ path, workspace, project }: Changed): Promise<boolean> {
    try {
      return (await this.finder.workspace(path)) === workspace && (await this.finder.project(path)) === project
    } catch {
      return false // it cannot be read now: the whole look says so
    }
  }

  private async applyNow(
    selection: Selection,
    { allowed = [], over = [], unseen = false }: ApplyOptions,
  ): Promise<ApplyReport> {
    const { records, objects, journal, sandbox } = this.parts
    const collected = await this.finder.collect(pathsOf(selection))
    const { selected, missing } = select(collected.changed, selection)
    const isStale = ({ path, workspace }: Changed) => (this.shown.get(path) ?? workspace) !== workspace
    const stale = unseen ? [] : selected.filter(isStale)
    const fresh = selected.filter((changed) => !stale.includes(changed))
    const parts = new Map(
      selection === 'all' ? [] : selection.parts?.map(({ path, hunks }) => [plainPath(path), hunks]),
    )
    const wanted = await Promise.all(
      fresh.map((changed) => {
        const hunks = parts.get(changed.path)
        return hunks === undefined ? changed : someHunks(changed, hunks, objects)
      }),
    )
    const decisions = { allowed: new Set(allowed), over: new Set(over), partial: new Set(parts.keys()) }
    const { steps, report } = await planOf(wanted, collected.folders, objects, decisions)
    for (const { path } of stale)
      report.conflicts.push({ path, reason: 'It changed after its diff was shown: look at it again.' })
    for (const path of missing) report.refused.push({ path, reason: 'It has no change.' })
    const outcomes = await journal.commit(steps, this.parts.onAct)
    await records.note(outcomes)
    for (const { step, failure } of outcomes) {
      if (failure !== undefined) continue
      this.shown.delete(step.path)
      const from = collected.seen.get(step.path)
      if (sandbox && step.base === undefined && from !== undefined && from !== step.after) {
        // The workspace gets what the person had changed meanwhile; without a sandbox it stays behind the project.
        await bringInside(sandbox, this.root, [{ path: step.path, from, to: step.after }], [], objects)
        records.bases.set(step.path, step.after)
      }
    }
    await records.save()
    return settle(report, outcomes, pathsIn(fresh))
  }

  private showing(): Parameters<typeof show>[1] {
    return { ...this.parts, finder: this.finder, sandbox: this.needSandbox() }
  }

  private needSandbox(): Sandbox {
    if (this.parts.sandbox) return this.parts.sandbox
    throw new Failure('sandbox', 'The workspace is changed only from inside its sandbox: start a session to do this.')
  }

  private needFlow(): Flow {
    this.needSandbox()
    return this.flow!
  }

  /** The same for what writes to the project, where other workspaces of it may write too. */
  private writing<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(() => this.parts.writing.during(work))
  }

  /** One at a time: each reads and writes the same records. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work)
    this.queue = done.catch(() => undefined)
    return this.orFailure(done)
  }

  private orFailure<T>(done: Promise<T>): Promise<T> {
    return done.catch((error: unknown) => {
      throw asFailure(error, this.parts.store, this.parts.trees.project)
    })
  }
}

function pathsIn(items: readonly { path: string }[]): Set<string> {
  return new Set(items.map(({ path }) => path))
}
