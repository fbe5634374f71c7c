import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import type { HostWorkspace } from './host.ts'
import { type Watch, Watcher } from './watcher.ts'

export interface LiveOptions {
  /** A workspace with its sandbox. */
  workspace: HostWorkspace
  /** The workspace has followed these paths; `altered`: the agent's changes, or their marks, may not be what they were. */
  onFollowed(paths: readonly string[], altered: boolean): void
  /** True for a file that nobody inside shall read: it is masked when it comes to be there. */
  isSecret?(path: string): boolean
  /** What does not work; the workspace stays as it is. */
  onProblem(failure: Failure): void
  /** Stands in for fs.watch. */
  watch?: Watch
}

/** Milliseconds from one refreshing on account of large ignored folders to the next. */
const refreshMs = 1000

/** Keeps a workspace living with its project: what changes there is followed as the watcher tells it. */
export class Live implements Disposable {
  private readonly options: LiveOptions
  private watcher: Watcher | undefined
  private readonly told = new Set<string>()
  private working: Promise<void> | undefined
  private refreshing: NodeJS.Timeout | undefined
  private closed = false

  private constructor(options: LiveOptions) {
    this.options = options
  }

  /** Settles once the whole project is watched. What has changed since the workspace was opened is followed first. */
  static async start(options: LiveOptions): Promise<Live> {
    const live = new Live(options)
    const { workspace, onProblem, watch } = options
    live.watcher = await Watcher.start({
      root: workspace.project,
      sinceNs: workspace.openedNs,
      thorough: workspace.mode === 'copy', // an overlay shows by itself what was written in place
      onPaths: (paths) => live.follow(paths),
      onHeavy: () => live.refreshSoon(),
      onProblem,
      watch,
    })
    return live
  }

  async dispose(): Promise<void> {
    this.closed = true
    this.watcher?.dispose()
    clearTimeout(this.refreshing)
    await this.working
  }

  /** Settles once all that was told has been followed. */
  async idle(): Promise<void> {
    while (this.working) await this.working
  }

  private follow(paths: string[]): void {
    for (const path of paths) this.told.add(path)
    this.working ??= this.workOff().finally(() => (this.working = undefined))
  }

  private async workOff(): Promise<void> {
    const { workspace, onFollowed, onProblem } = this.options
    while (this.told.size > 0 && !this.closed) {
      const paths = [...this.told]
      this.told.clear()
      try {
        await this.hideSecrets(paths)
        const altered = await workspace.follow(paths)
        if (!this.closed) onFollowed(paths, altered)
      } catch (error) {
        if (this.closed) return
        onProblem(error instanceof Failure ? error : unfollowed(error))
      }
    }
  }

  private async hideSecrets(paths: readonly string[]): Promise<void> {
    const { workspace, isSecret } = this.options
    for (const path of paths) {
      if (workspace.masked(path) || workspace.shows(path) || !isSecret?.(path)) continue
      // What cannot be masked keeps nothing else from being followed.
      await workspace.hide(path).catch((error: unknown) => this.options.onProblem(unfollowed(error)))
    }
  }

  private refreshSoon(): void {
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined
      this.options.workspace.refresh().catch((error: unknown) => this.options.onProblem(unfollowed(error)))
    }, refreshMs).unref()
  }
}

function unfollowed(cause: unknown): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `What changed in the project did not reach the sandbox: ${reason} Save the files again, or restart the session.`
  return new Failure('sandbox', message, { cause })
}
