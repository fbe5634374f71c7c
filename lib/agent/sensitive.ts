import { covers, type Change, type Selection } from '../core/changes.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Approvals } from './approval.ts'

/** Asks about what is selected and can run commands outside the sandbox. Gives the paths that were said yes to. */
export async function askSensitive(
  workspace: Workspace,
  selection: Selection,
  approvals: Approvals,
  signal: AbortSignal,
): Promise<string[]> {
  const changes: readonly Change[] = await workspace.changes()
  const sensitive = changes.filter((change) => change.sensitive !== undefined && covers(selection, change.path))
  if (sensitive.length === 0) return []
  const files = await Promise.all(sensitive.map(({ path }) => shownFile(workspace, path)))
  const { answer } = await approvals.ask(
    {
      shows: { kind: 'diff', files },
      kind: 'project',
      subject: 'sensitive',
      title: sensitive.length === 1 ? 'Apply this file?' : 'Apply these files?',
      body: sensitive.map((change) => `${change.path}: ${change.sensitive}`),
      choices: [
        { key: 'y', answer: 'once', label: 'apply' },
        { key: 'n', answer: 'no', label: 'only the others' },
      ],
    },
    signal,
  )
  return answer === 'no' ? [] : sensitive.map(({ path }) => path)
}

async function shownFile(workspace: Workspace, path: string) {
  const { hunks, note } = await workspace.diff(path)
  return { path, hunks, ...(note !== undefined && { note }) }
}
