import type { ApplyReport, Change, FileDiff, Selection } from '../core/changes.ts'
import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { planOf, settle } from './apply.ts'
import type { Bases } from './bases.ts'
import { Changes, type Changed, type Collected } from './changes.ts'
import { Checkpoints } from './checkpoint.ts'
import { diffOf } from './diff.ts'
import { bringInside, type Turn } from './inside.ts'
import { Journal } from './journal.ts'
import type { Identity } from './leaf.ts'
import type { Lock } from './lock.ts'
import type { Objects } from './objects.ts'
import type { OnAct } from './place.ts'
import { asFailure } from './store.ts'
import type { Trees } from './walk.ts'
import type { Workspace } from './workspace.ts'

/** What a workspace is made of; `sandbox` is absent where no session runs. */
export interface HostParts {
  trees: Trees
  bases: Bases
  objects: Objects
  checkpoints: Checkpoints
  journal: Journal
  lock: Lock
  /** The folder in which all of it is kept, for messages. */
  store: string
  sandbox?: Sandbox
  /** Heard before each act of an application that changes the disk. */
  onAct?: OnAct
}

/** A workspace on this machine: what it holds is read here without following anything, and written only inside. */
export class HostWorkspace implements Workspace {
  readonly root: string
  private readonly parts: HostParts
  private readonly finder: Changes
  /** What each path held when its diff was last shown: nothing else is applied. */
  private readonly shown = new Map<string, Identity>()
  /** The changes as they were found last: one that still is so needs no second look at all the others. */
  private found = new Map<string, Changed>()
  private queue: Promise<unknown> = Promise.resolve()

  constructor(parts: HostParts) {
    this.parts = parts
    this.root = parts.trees.project
    this.finder = new Changes(parts.trees, parts.bases, parts.objects)
  }

  changes(): Promise<Change[]> {
    return this.inTurn(async () => {
      const { changed } = await this.finder.collect()
      for (const { path, workspace } of changed) if (this.shown.get(path) !== workspace) this.shown.delete(path)
      this.found = new Map(changed.map((one) => [one.path, one]))
      return changed.map(({ change }) => change)
    })
  }

  ignored(): Promise<string[]> {
    return this.inTurn(async () => (await this.finder.collect()).ignored.toSorted())
  }

  diff(path: string): Promise<FileDiff> {
    return this.inTurn(async () => {
      const known = this.found.get(path)
      const found =
        known && (await this.stillIs(known))
          ? known
          : (await this.finder.collect([path])).changed.find((changed) => changed.path === path)
      if (!found) throw new Failure('missing', `${path} has no change.`, { file: path })
      this.shown.set(path, found.workspace)
      return diffOf(found, this.parts.objects)
    })
  }

  apply(selection: Selection): Promise<ApplyReport> {
    return this.inTurn(() => this.applyNow(selection))
  }

  discard(selection: Selection): Promise<{ paths: string[]; checkpoint: string }> {
    return this.inTurn(async () => {
      const sandbox = this.needSandbox()
      const collected = await this.finder.collect(pathsOf(selection))
      const checkpoint = await this.checkpointNow(collected)
      const { selected, missing } = select(collected.changed, selection)
      if (missing[0] !== undefined) throw new Failure('missing', `${missing[0]} has no change to discard.`)
      const turns = selected.flatMap(({ path, workspace, project }): Turn[] =>
        isKept(project) ? [{ path, from: workspace, to: project }] : [],
      )
      await this.bring(sandbox, turns, collected)
      return { paths: turns.map(({ path }) => path), checkpoint }
    })
  }

  checkpoint(): Promise<string> {
    return this.inTurn(async () => this.checkpointNow(await this.finder.collect()))
  }

  restore(checkpoint: string): Promise<void> {
    return this.inTurn(async () => {
      const sandbox = this.needSandbox()
      const then = await this.parts.checkpoints.entries(checkpoint)
      const collected = await this.finder.collect()
      const turns: Turn[] = []
      for (const [path, first] of this.parts.bases.firsts()) {
        const to = then.get(path) ?? first
        const from = collected.seen.get(path) ?? (await this.finder.workspace(path))
        if (isKept(to)) turns.push({ path, from, to })
      }
      await this.bring(sandbox, turns, collected)
    })
  }

  async dispose(): Promise<void> {
    await this.inTurn(async () => {
      await this.parts.bases.save()
      await this.parts.lock.release()
    })
  }

  private async stillIs({ path, workspace, project }: Changed): Promise<boolean> {
    try {
      return (await this.finder.workspace(path)) === workspace && (await this.finder.project(path)) === project
    } catch {
      return false // it cannot be read now: the whole look says so
    }
  }

  private async applyNow(selection: Selection): Promise<ApplyReport> {
    const { bases, objects, journal, sandbox } = this.parts
    const collected = await this.finder.collect(pathsOf(selection))
    const { selected, missing } = select(collected.changed, selection)
    const stale = selected.filter(({ path, workspace }) => (this.shown.get(path) ?? workspace) !== workspace)
    const fresh = selected.filter((changed) => !stale.includes(changed))
    const { steps, report } = await planOf(fresh, collected.folders, objects)
    for (const { path } of stale)
      report.conflicts.push({ path, reason: 'It changed after its diff was shown: look at it again.' })
    for (const path of missing) report.refused.push({ path, reason: 'It has no change.' })
    const outcomes = await journal.commit(steps, this.parts.onAct)
    for (const { step, failure } of outcomes) {
      if (failure !== undefined) continue
      this.shown.delete(step.path)
      if (!step.merged) bases.set(step.path, step.after)
      else if (sandbox) {
        // The workspace gets what the person had changed meanwhile; without a sandbox it stays behind the project.
        const from = collected.seen.get(step.path)!
        await bringInside(sandbox, this.root, [{ path: step.path, from, to: step.after }], [], objects)
        bases.set(step.path, step.after)
      }
    }
    await bases.save()
    return settle(report, outcomes, new Set(fresh.map(({ path }) => path)))
  }

  private async checkpointNow(collected: Collected): Promise<string> {
    const { bases, checkpoints } = this.parts
    const entries = new Map<string, Identity>()
    for (const path of bases.firsts().keys()) {
      const identity = collected.seen.get(path) ?? (await this.finder.workspace(path))
      if (isKept(identity)) entries.set(path, identity)
    }
    return checkpoints.keep(entries, bases.identities())
  }

  private async bring(sandbox: Sandbox, turns: Turn[], collected: Collected): Promise<void> {
    const added = collected.folders.flatMap(({ path, side }) => (side === 'workspace' ? [path] : []))
    const emptied = added.filter((folder) =>
      turns.some(({ path, to }) => to === 'none' && path.startsWith(`${folder}/`)),
    )
    await bringInside(sandbox, this.root, turns, emptied, this.parts.objects)
    this.shown.clear()
    await this.finder.collect()
  }

  private needSandbox(): Sandbox {
    if (this.parts.sandbox) return this.parts.sandbox
    throw new Failure('sandbox', 'The workspace is changed only from inside its sandbox: start a session to do this.')
  }

  /** One at a time: each reads and writes the same records. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work)
    this.queue = done.catch(() => undefined)
    return done.catch((error: unknown) => {
      throw asFailure(error, this.parts.store, this.root)
    })
  }
}

/** What can be brought back: there, or known to be not there, with its content in the store. */
function isKept(identity: Identity): boolean {
  return /^(?:none|dir)$|^(?:file|exec|link):/.test(identity)
}

function pathsOf(selection: Selection): string[] {
  return selection === 'all' ? [] : selection.paths.map(plainPath)
}

/** `./src/` means `src`. */
function plainPath(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
}

function within(path: string, folder: string): boolean {
  return folder === '' || folder === '.' || path === folder || path.startsWith(`${folder}/`)
}

function select(changed: Changed[], selection: Selection): { selected: Changed[]; missing: string[] } {
  if (selection === 'all') return { selected: changed, missing: [] }
  const wanted = pathsOf(selection)
  const selected = changed.filter(({ path }) => wanted.some((folder) => within(path, folder)))
  return { selected, missing: wanted.filter((folder) => !selected.some(({ path }) => within(path, folder))) }
}
