import type { ApplyReport, Change, Selection } from '../core/changes.ts'
import type { ApplyMode } from '../core/events.ts'
import type { ApplyOptions, Workspace } from '../workspace/workspace.ts'
import type { Publish } from './publish.ts'

/** Tells of the workspace's changes and brings them to the project. Says nothing twice. */
export class Changes {
  private readonly publish: Publish
  private known = '[[],[]]'
  private troubles = '[]'

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

  /** Applies and says what came of it; by itself (`turn`, `live`) only where there is something new to say. */
  async apply(workspace: Workspace, selection: Selection, by: ApplyMode, options?: ApplyOptions): Promise<void> {
    if (by !== 'review' && (await this.look(workspace)).length === 0) return
    const report = await workspace.apply(selection, { ...options, unseen: by !== 'review' })
    const troubles = troublesOf(report)
    if (by === 'review' || report.applied.length > 0 || troubles !== this.troubles) {
      this.publish('changes.applied', { report, by })
    }
    this.troubles = troubles
    await this.look(workspace)
  }

  async discard(workspace: Workspace, selection: Selection): Promise<void> {
    this.publish('changes.discarded', await workspace.discard(selection))
    await this.look(workspace)
  }
}

function troublesOf({ conflicts, refused }: ApplyReport): string {
  return JSON.stringify([...conflicts, ...refused])
}
