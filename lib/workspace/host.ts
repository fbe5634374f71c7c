import type { ApplyReport, Change, FileDiff, Selection } from '../core/changes.ts'
import type { Checkpoint, Occasion, Restoration } from '../core/checkpoints.ts'
import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { planOf, settle } from './apply.ts'
import { Changes, type Changed, type Collected } from './changes.ts'
import { Checkpoints, type Moment } from './checkpoint.ts'
import { diffOf } from './diff.ts'
import { diskUse, tooLarge } from './disk.ts'
import type { Doubt } from './doubt.ts'
import { Flow } from './flow.ts'
import { someHunks } from './hunks.ts'
import { bringInside, type Turn } from './inside.ts'
import { Journal } from './journal.ts'
import type { Identity } from './leaf.ts'
import type { Lock } from './lock.ts'
import type { Objects } from './objects.ts'
import type { OnAct } from './place.ts'
import type { Records } from './records.ts'
import { withRenames } from './renames.ts'
import { pathsOf, plainPath, select } from './selection.ts'
import { hide, show } from './show.ts'
import { asFailure } from './as-failure.ts'
import { filesOf, isKept, planUndo, restorationOf, type Undo } from './undo.ts'
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
      const checkpoint = await this.checkpointNow(collected)
      const { selected, missing } = select(collected.changed, selection)
      if (missing[0] !== undefined) throw new Failure('missing', `${missing[0]} has no change to discard.`)
      const turns: Turn[] = []
      for (const { path, workspace, project } of selected)
        if (await isKept(project, this.parts.objects)) turns.push({ path, from: workspace, to: project })
      await this.bring(sandbox, turns, collected)
      await this.parts.doubt.clear()
      return { paths: turns.map(({ path }) => path), checkpoint }
    })
  }

  checkpoint(occasion?: Occasion): Promise<string> {
    return this.inTurn(async () => this.checkpointNow(await this.finder.collect(), occasion))
  }

  checkpoints(): Promise<Checkpoint[]> {
    return this.inTurn(() => this.parts.checkpoints.list())
  }

  undoing(checkpoint: string): Promise<Restoration> {
    return this.inTurn(async () => {
      const { undo } = await this.undoTo(checkpoint)
      return restorationOf(checkpoint, undo)
    })
  }

  undo(checkpoint: string): Promise<Restoration> {
    return this.writing(async () => {
      const { records, checkpoints, journal, onAct } = this.parts
      const sandbox = this.needSandbox()
      const { undo, moment, collected } = await this.undoTo(checkpoint)
      await this.checkpointNow(collected)
      await this.bring(sandbox, undo.turns, collected, undo.folders)
      const outcomes = await journal.commit(undo.steps, onAct)
      await records.note(outcomes)
      for (const { path } of undo.turns) {
        // What is left in the project as it was applied is still what the workspace's version is based on.
        if (undo.left.some((one) => one.path === path)) continue
        const base = moment.bases.get(path)
        if (base === undefined) records.bases.release(path)
        else records.bases.set(path, base)
      }
      await records.save()
      await checkpoints.moveTo(checkpoint)
      await this.collectMerged()
      const failed = settle({ applied: [], conflicts: [], refused: [] }, outcomes, new Set(filesOf(undo.steps)))
      const left = [...undo.left, ...failed.conflicts, ...failed.refused]
      return { ...restorationOf(checkpoint, undo), project: failed.applied, left }
    })
  }

  restore(checkpoint: string): Promise<void> {
    return this.inTurn(async () => {
      const sandbox = this.needSandbox()
      const { entries, bases } = await this.parts.checkpoints.moment(checkpoint)
      const collected = await this.finder.collect()
      const turns: Turn[] = []
      for (const [path, first] of this.parts.records.bases.firsts()) {
        const masked = this.parts.trees.masks.has(path)
        const to = masked ? await this.finder.project(path) : (entries.get(path) ?? bases.get(path) ?? first)
        const from = collected.seen.get(path) ?? (await this.finder.workspace(path))
        if (await isKept(to, this.parts.objects)) turns.push({ path, from, to })
      }
      await this.bring(sandbox, turns, collected)
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

  private async undoTo(checkpoint: string): Promise<{ undo: Undo; moment: Moment; collected: Collected }> {
    const moment = await this.parts.checkpoints.moment(checkpoint)
    const collected = await this.finder.collect()
    const undo = await planUndo(moment, collected, { ...this.parts, finder: this.finder })
    return { undo, moment, collected }
  }

  private async checkpointNow(collected: Collected, occasion?: Occasion): Promise<string> {
    const { objects, checkpoints } = this.parts
    const { bases, ledger } = this.parts.records
    const entries = new Map<string, Identity>()
    for (const path of bases.firsts().keys()) {
      const identity = collected.seen.get(path) ?? (await this.finder.workspace(path))
      // What is as it was based on is the project's, and follows that.
      if (identity !== bases.get(path) && (await isKept(identity, objects))) entries.set(path, identity)
    }
    const gone = collected.folders.flatMap(({ path, side }) => (side === 'project' ? [path] : []))
    const moment: Moment = { entries, bases: bases.all(), gone, ledger: ledger.end }
    return checkpoints.keep(moment, bases.identities(), occasion)
  }

  private async bring(sandbox: Sandbox, turns: Turn[], collected: Collected, made: string[] = []): Promise<void> {
    const added = collected.folders.flatMap(({ path, side }) => (side === 'workspace' ? [path] : []))
    const emptied = added.filter((folder) =>
      turns.some(({ path, to }) => to === 'none' && path.startsWith(`${folder}/`)),
    )
    await bringInside(sandbox, this.root, turns, [...emptied, ...made], this.parts.objects)
    this.shown.clear()
    await this.finder.collect()
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
