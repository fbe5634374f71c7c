import type { ApplyReport } from '../core/changes.ts'
import { Failure } from '../core/failure.ts'
import type { Changed, Collected } from './changes.ts'
import type { Outcome, PlannedStep } from './journal.ts'
import { conflictOf, merge } from './merge.ts'
import type { Objects } from './objects.ts'
import type { Step } from './place.ts'

export interface Plan {
  steps: PlannedStep[]
  report: ApplyReport
}

/**
 * What has to be written to the project for the selected changes. Nothing is written here. Of paths, `allowed`
 * are the sensitive ones that there was a yes to, `over` those that become what the workspace has where it does not merge,
 * and of `partial` ones the workspace holds more than what is selected.
 */
export async function planOf(
  selected: Changed[],
  folders: Collected['folders'],
  objects: Objects,
  { allowed, over, partial }: Record<'allowed' | 'over' | 'partial', ReadonlySet<string>>,
): Promise<Plan> {
  const report: ApplyReport = { applied: [], conflicts: [], refused: [] }
  const steps: PlannedStep[] = []
  for (const changed of selected) {
    const { path, project, workspace, change } = changed
    if (change.refused !== undefined) {
      report.refused.push({ path, reason: change.refused })
      continue
    }
    if (change.sensitive !== undefined && !allowed.has(path)) {
      report.refused.push({ path, reason: `${change.sensitive} It wants a yes of its own.` })
      continue
    }
    const merged = changed.base === 'unknown' ? undefined : await merge(changed, objects)
    const after = merged ?? (over.has(path) ? workspace : undefined)
    if (after === undefined) report.conflicts.push({ path, reason: conflictOf(changed) })
    else
      steps.push({
        path,
        before: project,
        after,
        ...((partial.has(path) || after === workspace) && { base: workspace }),
      })
  }
  return { steps: withFolders(steps, folders), report }
}

/** Adds to the report how the steps ended. */
export function settle(report: ApplyReport, outcomes: Outcome[], changes: ReadonlySet<string>): ApplyReport {
  for (const { step, failure } of outcomes) {
    const { path } = step
    if (!changes.has(path)) continue
    if (failure === undefined) report.applied.push(path)
    else if (failure instanceof Failure && failure.code === 'conflict')
      report.conflicts.push({ path, reason: failure.message })
    else report.refused.push({ path, reason: reasonOf(failure) })
  }
  report.applied.sort()
  return report
}

/** The steps with those of the folders that come and go with them, in the order in which they can be done. */
function withFolders(steps: PlannedStep[], folders: Collected['folders']): PlannedStep[] {
  const needed = folders.flatMap(({ side, path }): PlannedStep[] => {
    const gone = side === 'project'
    const within = steps.filter((step) => step.path.startsWith(`${path}/`))
    if (!within.some(({ after }) => gone === (after === 'none'))) return []
    return [gone ? { path, before: 'dir', after: 'none' } : { path, before: 'none', after: 'dir' }]
  })
  return inOrder([...steps, ...needed])
}

/** Removals first, from the deepest up, then what is written, from the top. */
export function inOrder<T extends Step>(steps: T[]): T[] {
  const up = steps.filter(({ after }) => after === 'none').toSorted((a, b) => (a.path < b.path ? 1 : -1))
  const down = steps.filter(({ after }) => after !== 'none').toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return [...up, ...down]
}

const reasons: Record<string, string> = {
  EACCES: 'The project does not let it be written: permission denied.',
  EPERM: 'The project does not let it be written: permission denied.',
  EROFS: 'The project lies on a file system that is read-only.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk quota is used up.',
  ENAMETOOLONG: 'Its name is too long for the project.',
}

function reasonOf(failure: unknown): string {
  if (failure instanceof Failure) return failure.message
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : ''
  const reason = reasons[code]
  if (reason) return reason
  throw failure
}
