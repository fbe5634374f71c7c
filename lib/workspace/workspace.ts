import type { ApplyReport, Change, FileDiff, Selection } from '../core/changes.ts'
import type { Checkpoint, Occasion, Restoration } from '../core/checkpoints.ts'
import type { Disposable } from '../core/dispose.ts'

export interface ApplyOptions {
  /** The sensitive paths that there was a yes to; no other is applied. */
  allowed?: readonly string[]
  /** Paths of which the project gets the workspace's version where the two do not merge. */
  over?: readonly string[]
  /**
   * What has changed since its diff was shown is applied all the same: nobody looks. Failure `sandbox` where what there is
   * may be half done (`atWork`).
   */
  unseen?: boolean
}

/**
 * The person's project as the agent sees it: a copy-on-write copy whose differences are looked at, applied to the
 * project or thrown away. Paths are relative to the project, with `/`, coded as in lib/core/paths.ts.
 */
export interface Workspace extends Disposable {
  /** Absolute path inside the sandbox: the project's own, but without walls that of the copy. */
  readonly root: string
  /** What differs from the project now, sorted by path. Cost follows the number of changes, not the project's size. */
  changes(): Promise<Change[]>
  /**
   * What differs and is left out of `changes` because a .gitignore names it (a folder, ending in `/`, for all in it).
   * Applied and discarded only where a selection names it.
   */
  ignored(): Promise<string[]>
  /**
   * The lines that differ in one file, with so many equal lines around them (3 unless said). Hunks are chosen by their
   * index in what is given with 3. Failure `missing` where the path has no change.
   */
  diff(path: string, context?: number): Promise<FileDiff>
  /**
   * Writes the selected changes to the project: only what still is as the workspace was based on, or what merges
   * without a conflict; never outside, never through a link, never into `.git`.
   */
  apply(selection: Selection, options?: ApplyOptions): Promise<ApplyReport>
  /** Makes the selected paths equal to the project's again; gives the paths and the checkpoint that brings them back. */
  discard(selection: Selection): Promise<{ paths: string[]; checkpoint: string }>
  /**
   * Something is at work in it from now on, or all that was has ended in order. Where nobody was left to say the latter, what
   * is found at the next opening may be half done, until the person applies or discards.
   */
  atWork(on: boolean): Promise<void>
  /** How often the person's version of a path has come in while this session ran. */
  arrivals(path: string): number
  /** True where the project has a secret and the sandbox sees a file that stands for it. */
  masked(path: string): boolean
  /** Puts a masked file's content into the workspace. Failure `permission` where it may not be read. */
  show(path: string): Promise<void>
  /** Masks a file of the project. What was changed of it while it was shown stays shown. */
  hide(path: string): Promise<void>
  /** Keeps this moment by content, outside the project; gives its name. */
  checkpoint(occasion?: Occasion): Promise<string>
  /** The moments that are kept, sorted by time. */
  checkpoints(): Promise<Checkpoint[]>
  /** Brings back what the workspace held at a checkpoint. Failure `missing` where there is none of that name. */
  restore(checkpoint: string): Promise<void>
  /** What `undo` would do now. Failure `missing`. */
  undoing(checkpoint: string): Promise<Restoration>
  /**
   * Goes to a checkpoint, back or forward: the workspace holds what it held, and what was written to the project since
   * is taken back where it still is as it was written. The present moment is kept first. Failure `missing`.
   */
  undo(checkpoint: string): Promise<Restoration>
  /**
   * Keeps what the workspace takes on the disk within its limit: the oldest checkpoints go first. Failure `disk` where
   * that is not enough; nothing else is ever thrown away for it.
   */
  fit(): Promise<void>
}
