import type { Question } from '../core/events.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Approvals, Permission } from './approval.ts'

/** Which of the project's secrets the person lets into the sandbox, and for how long. */
export class ShownSecrets {
  private readonly approvals: Approvals
  private readonly keep: (path: string) => void
  /** Shown until the turn ends. */
  private readonly once = new Set<string>()

  /** `keep` remembers for good that a file of this project is shown. */
  constructor(approvals: Approvals, keep: (path: string) => void) {
    this.approvals = approvals
    this.keep = keep
  }

  /** Asks for one masked file where the policy wants that; `wanted` says what for. */
  async permit(path: string, wanted: string, signal: AbortSignal): Promise<Permission> {
    const verdict = this.approvals.decide('secrets', path)
    if (verdict === 'deny') return { allowed: false, reason: 'the policy denies it (policy.secrets = "deny").' }
    if (verdict === 'allow') return { allowed: true }
    const { answer } = await this.approvals.ask({ ...question(path, wanted), subject: path }, signal)
    if (answer === 'no') return { allowed: false, reason: 'the person said no.' }
    if (answer === 'project') this.keep(path)
    if (answer === 'once') this.once.add(path)
    return { allowed: true }
  }

  /** Masks again what was shown for a turn. */
  async cover(workspace: Workspace): Promise<void> {
    const paths = [...this.once]
    this.once.clear()
    for (const path of paths) await workspace.hide(path)
  }
}

function question(path: string, wanted: string): Omit<Question, 'id'> {
  return {
    kind: 'secrets',
    title: `Show ${path} in the sandbox?`,
    body: [
      `${path} looks like a secret, and is masked. Shown, the model and every program in the sandbox can read it.`,
      `What wants it: ${wanted}`,
    ],
    choices: [
      { key: 'y', answer: 'once', label: 'once: until the turn ends' },
      { key: 's', answer: 'session', label: 'this session' },
      { key: 'p', answer: 'project', label: 'this project' },
      { key: 'n', answer: 'no', label: 'no' },
    ],
  }
}
