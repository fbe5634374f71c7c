import type { Config } from '../config/schema.ts'
import { find, type Destination, type Restoration } from '../core/checkpoints.ts'
import { Failure } from '../core/failure.ts'
import type { UserMessage } from '../core/messages.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Approvals } from './approval.ts'

export interface UndoParts {
  approvals: Approvals
  policy: () => Config['policy']
}

/**
 * Goes to an earlier or a later moment of the workspace, after a yes to the list of what that touches. Undefined after
 * a no. Failure `missing` where there is no such moment, `policy` where the project would be written and may not be.
 */
export async function undo(
  workspace: Workspace,
  to: Destination,
  { approvals, policy }: UndoParts,
  signal: AbortSignal,
): Promise<Restoration | undefined> {
  const checkpoint = find(await workspace.checkpoints(), to)
  if (checkpoint === undefined) throw new Failure('missing', nowhere(to))
  const { left, ...touched } = await workspace.undoing(checkpoint)
  if (touched.project.length > 0 && policy().project === 'deny')
    throw new Failure('policy', 'Nothing was undone: what was applied would be taken back, and the policy denies it.')
  const body = [
    ...touched.workspace.map((path) => `workspace  ${path}`),
    ...touched.project.map((path) => `project    ${path}`),
    ...left.map(({ path, reason }) => `left       ${path}: ${reason}`),
  ]
  const title = to === 'forward' ? 'Go forward again? These files change:' : 'Go back? These files change:'
  const permission = await approvals.permit({ kind: 'discard', subject: 'undo', title, body }, signal)
  return permission.allowed ? workspace.undo(checkpoint) : undefined
}

/** What the model is told of it: it remembers edits that are no more. */
export function noteOf({ workspace }: Restoration): UserMessage {
  const text = `I took the workspace to another moment. These files are no longer as you left them; read them again before you rely on them:\n${workspace.join('\n')}`
  return { role: 'user', parts: [{ type: 'text', text }] }
}

function nowhere(to: Destination): string {
  if (to === 'back') return 'There is no turn to undo.'
  if (to === 'forward') return 'There is nothing to go forward to.'
  return `There is no checkpoint ${to.checkpoint}: \`agent checkpoints\` lists those that there are.`
}
