import { covers, type Change, type Selection } from '../core/changes.ts'
import type { Approvals } from './approval.ts'

/** Asks about what is selected and can run commands outside the sandbox. Gives the paths that were said yes to. */
export async function askSensitive(
  changes: readonly Change[],
  selection: Selection,
  approvals: Approvals,
  signal: AbortSignal,
): Promise<string[]> {
  const sensitive = changes.filter((change) => change.sensitive !== undefined && covers(selection, change.path))
  if (sensitive.length === 0) return []
  const { answer } = await approvals.ask(
    {
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
