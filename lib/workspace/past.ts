import type { Occasion, Restoration } from '../core/checkpoints.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { settle } from './apply.ts'
import type { Changes, Collected } from './changes.ts'
import type { Checkpoints, Moment } from './checkpoint.ts'
import { bringInside, type Turn } from './inside.ts'
import type { Journal } from './journal.ts'
import type { Identity } from './leaf.ts'
import type { Objects } from './objects.ts'
import type { OnAct } from './place.ts'
import type { Records } from './records.ts'
import { filesOf, isKept, planUndo, type Undo } from './undo.ts'
import type { Trees } from './walk.ts'

export interface PastParts {
  /** Absolute path of the workspace, as the sandbox sees it. */
  root: string
  trees: Trees
  finder: Changes
  records: Records
  objects: Objects
  checkpoints: Checkpoints
  journal: Journal
  onAct?: OnAct
}

/** What an undo would do, from how things stand. */
export interface Planned {
  undo: Undo
  moment: Moment
  collected: Collected
}

/** The moments that a workspace was kept at, and the way back to them. One caller at a time. */
export class Past {
  private readonly parts: PastParts

  constructor(parts: PastParts) {
    this.parts = parts
  }

  /** Keeps what the workspace holds of its own. Gives the checkpoint's name. Errors: `Failure` `limit`, `disk`. */
  async keep(collected: Collected, occasion?: Occasion): Promise<string> {
    const { objects, checkpoints, finder } = this.parts
    const { bases, ledger } = this.parts.records
    const entries = new Map<string, Identity>()
    for (const path of bases.firsts().keys()) {
      const identity = collected.seen.get(path) ?? (await finder.workspace(path))
      // What is as it was based on is the project's, and follows that.
      if (identity !== bases.get(path) && (await isKept(identity, objects))) entries.set(path, identity)
    }
    const gone = collected.folders.flatMap(({ path, side }) => (side === 'project' ? [path] : []))
    const moment: Moment = { entries, bases: bases.all(), gone, ledger: ledger.end }
    return checkpoints.keep(moment, bases.identities(), occasion)
  }

  /** Errors: `Failure` `missing` for no such checkpoint. */
  async plan(checkpoint: string): Promise<Planned> {
    const moment = await this.parts.checkpoints.moment(checkpoint)
    const collected = await this.parts.finder.collect()
    return { undo: await planUndo(moment, collected, this.parts), moment, collected }
  }

  /** Goes back or forward as planned, workspace and project. Gives what was done to the project, and what was left. */
  async go(
    checkpoint: string,
    { undo, moment, collected }: Planned,
    sandbox: Sandbox,
  ): Promise<Pick<Restoration, 'project' | 'left'>> {
    const { records, checkpoints, journal, onAct } = this.parts
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
    const failed = settle({ applied: [], conflicts: [], refused: [] }, outcomes, new Set(filesOf(undo.steps)))
    return { project: failed.applied, left: [...undo.left, ...failed.conflicts, ...failed.refused] }
  }

  /** Gives the workspace what it held then; the project stays as it is. */
  async restore(checkpoint: string, sandbox: Sandbox): Promise<void> {
    const { checkpoints, finder, records, trees, objects } = this.parts
    const { entries, bases } = await checkpoints.moment(checkpoint)
    const collected = await finder.collect()
    const turns: Turn[] = []
    for (const [path, first] of records.bases.firsts()) {
      const to = trees.masks.has(path) ? await finder.project(path) : (entries.get(path) ?? bases.get(path) ?? first)
      const from = collected.seen.get(path) ?? (await finder.workspace(path))
      if (await isKept(to, objects)) turns.push({ path, from, to })
    }
    await this.bring(sandbox, turns, collected)
  }

  /** Makes paths of the workspace hold something else, and the folders go that are empty by that. */
  async bring(sandbox: Sandbox, turns: Turn[], collected: Collected, made: string[] = []): Promise<void> {
    const added = collected.folders.flatMap(({ path, side }) => (side === 'workspace' ? [path] : []))
    const emptied = added.filter((folder) =>
      turns.some(({ path, to }) => to === 'none' && path.startsWith(`${folder}/`)),
    )
    await bringInside(sandbox, this.parts.root, turns, [...emptied, ...made], this.parts.objects)
    await this.parts.finder.collect()
  }
}
