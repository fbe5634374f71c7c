import type { FileDiff } from '../core/changes.ts'

/** What the screen reads besides the facts on the bus. `main` supplies it. */
export interface Source {
  /** The diff of one changed file of the workspace. */
  diff(path: string): Promise<FileDiff>
}
