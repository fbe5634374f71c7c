import type { Restoration } from '../core/checkpoints.ts'
import { inOrder } from './apply.ts'
import type { Changes, Collected } from './changes.ts'
import type { Moment } from './checkpoint.ts'
import type { Turn } from './inside.ts'
import type { PlannedStep } from './journal.ts'
import { hashIn, type Identity } from './leaf.ts'
import { merge } from './merge.ts'
import type { Objects } from './objects.ts'
import type { Records } from './records.ts'
import type { Trees } from './walk.ts'

/** What has to be done to stand where the workspace stood at a moment. */
export interface Undo {
  /** In the workspace, and the folders there that go where they are left empty. */
  turns: Turn[]
  folders: string[]
  /** In the project. */
  steps: PlannedStep[]
  left: Restoration['left']
}

export interface UndoParts {
  finder: Changes
  trees: Pick<Trees, 'masks'>
  records: Records
  objects: Objects
}

/**
 * Plans the way back to a moment (or forward again): the workspace holds what it held, and what was written to the
 * project since is taken back where it still is as it was written. Nothing is written here.
 */
export async function planUndo(then: Moment, collected: Collected, parts: UndoParts): Promise<Undo> {
  const { finder, records, objects, trees } = parts
  const undo: Undo = { turns: [], folders: [...then.gone], steps: [], left: [] }
  const written = records.ledger.since(then.ledger)
  const project = new Map<string, Identity>()
  const edited = new Map<string, { base: Identity; project: Identity }>()
  for (const [path, { before, after }] of written) {
    if (trees.masks.has(path)) {
      undo.left.push({ path, reason: 'It is a secret that the sandbox is not shown.' })
      continue
    }
    const now = await finder.project(path)
    project.set(path, before)
    if (now === before) continue
    if (now !== after) {
      if (before !== after) undo.left.push({ path, reason: 'It was changed in the project since it was applied.' })
      edited.set(path, { base: after, project: now })
    } else if (await isKept(before, objects)) {
      undo.steps.push({ path, before: now, after: before, base: then.bases.get(path) ?? null })
    } else undo.left.push({ path, reason: 'What the project held before is not kept.' })
    if (after === 'dir' && before === 'none') undo.folders.push(path)
  }
  undo.steps = inOrder(undo.steps)
  for (const path of records.bases.firsts().keys()) {
    const from = collected.seen.get(path) ?? (await finder.workspace(path))
    const untouched = written.has(path) ? (project.get(path) ?? 'none') : await finder.project(path)
    // A masked file never becomes what it was while it was shown.
    const held = trees.masks.has(path) ? await finder.project(path) : (then.entries.get(path) ?? untouched)
    const since = edited.get(path)
    // What the person has edited since it was applied stays, with only the agent's part taken out.
    const to = (since && (await merge({ ...since, workspace: held }, objects))) ?? held
    if (from === to) continue
    if (await isKept(to, objects)) undo.turns.push({ path, from, to })
    else undo.left.push({ path, reason: 'What the workspace held then is not kept.' })
  }
  return undo
}

/** The same as data, for whoever is to agree to it. */
export function restorationOf(checkpoint: string, { turns, steps, left }: Undo): Restoration {
  return {
    checkpoint,
    workspace: turns.map(({ path }) => path).toSorted(),
    project: filesOf(steps).toSorted(),
    left,
  }
}

/** The paths of the steps but for those of folders, which come and go with what is in them. */
export function filesOf(steps: readonly PlannedStep[]): string[] {
  return steps.flatMap(({ path, before, after }) => ([before, after].includes('dir') ? [] : [path]))
}

/** What can be brought back: there, or known to be not there, with its content in the store. */
export async function isKept(identity: Identity, objects: Objects): Promise<boolean> {
  const hash = hashIn(identity)
  return hash ? objects.has(hash) : /^(?:none|dir|link:.+)$/s.test(identity)
}
