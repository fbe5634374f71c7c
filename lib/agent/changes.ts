import type { ApplyReport, Change, Selection } from '../core/changes.ts'
import type { ApplyMode } from '../core/events.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { inDoubt } from '../workspace/doubt.ts'
import type { ApplyOptions, Workspace } from '../workspace/workspace.ts'
import type { Publish } from './publish.ts'

/** Tells of the workspace's changes and brings them to the project. Says nothing twice. */
export class Changes {
  private readonly publish: Publish
  private known = '[[],[]]'
  private troubles = '[]'
  /** In which there was work since the person decided last. */
  private readonly sandboxes = new Set<Sandbox>()
  /** Commands have left something running. */
  jobs = false

  constructor(publish: Publish) {
    this.publish = publish
  }

  /** Looks at what differs now, and publishes it where it is not what was known. */
  async look(workspace: Workspace): Promise<Change[]> {
    const changes = await workspace.changes()
    const ignored = await workspace.ignored()
    const seen = JSON.stringify([changes, ignored])
    if (seen !== this.known) {
      this.publish('workspace.changed', ignored.length > 0 ? { changes, ignored } : { changes })
      this.known = seen
    }
    return changes
  }

  /** Something in this sandbox may change the workspace from now on. */
  async workIn(sandbox: Sandbox, workspace: Workspace): Promise<void> {
    this.sandboxes.add(sandbox)
    await workspace.atWork(true)
  }

  /** All calls have ended. Where nothing runs on and no sandbox was lost, nothing is half done. */
  async rest(workspace: Workspace): Promise<void> {
    if (this.jobs) return
    const answers = await Promise.allSettled(this.answers(workspace))
    if (answers.every(({ status }) => status === 'fulfilled')) await workspace.atWork(false)
  }

  /**
   * Applies and says what came of it; by itself (`turn`, `live`) only where there is something new to say. Failure
   * `sandbox` where one was lost: what was at work in it may have left a file half written, and the person looks first.
   */
  async apply(workspace: Workspace, selection: Selection, by: ApplyMode, options?: ApplyOptions): Promise<void> {
    if (by !== 'review') {
      if ((await this.look(workspace)).length === 0) return
      await Promise.all(this.answers(workspace))
    }
    const report = await workspace.apply(selection, { ...options, unseen: by !== 'review' })
    const troubles = troublesOf(report)
    if (by === 'review' || report.applied.length > 0 || troubles !== this.troubles) {
      this.publish('changes.applied', { report, by })
    }
    this.troubles = troubles
    if (by === 'review') this.sandboxes.clear()
    await this.look(workspace)
  }

  async discard(workspace: Workspace, selection: Selection): Promise<void> {
    this.publish('changes.discarded', await workspace.discard(selection))
    this.sandboxes.clear()
    await this.look(workspace)
  }

  private answers(workspace: Workspace): Promise<void>[] {
    return [...this.sandboxes].map((sandbox) => stillAnswers(sandbox, workspace))
  }
}

async function stillAnswers(sandbox: Sandbox, { root }: Workspace): Promise<void> {
  await sandbox.files.stat(root).catch((cause: unknown) => {
    throw inDoubt('the sandbox went away while there was work in it', { cause })
  })
}

function troublesOf({ conflicts, refused }: ApplyReport): string {
  return JSON.stringify([...conflicts, ...refused])
}
