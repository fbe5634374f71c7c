import type { Theme } from '../config/theme.ts'
import type { FileDiff } from '../core/changes.ts'

/** What the screen reads besides the facts on the bus. `main` supplies it. */
export interface Source {
  /** The diff of one changed file of the workspace. */
  diff(path: string): Promise<FileDiff>
  /** The models that the configuration names, as `provider/model`. */
  models(): string[]
  /** The themes by name, and the one that holds; choosing one keeps it for the person. Failure `config`, `disk`. */
  themes(): { names: string[]; current: string }
  chooseTheme(name: string): Theme
}
