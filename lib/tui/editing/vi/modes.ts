import type { Editor } from '../editor.ts'
import type { Operator } from './motions.ts'
import type { Taken } from './objects.ts'
import type { Register } from './register.ts'

export type Mode = 'insert' | 'normal' | 'visual' | 'visual line'

/** What a command works with: the text, and the modes it leads to. Places are counted in UTF-16 units. */
export interface Modes {
  readonly editor: Editor
  readonly register: Register
  beginInsert(at: number): void
  /** Selects from the cursor on. */
  beginVisual(mode: 'visual' | 'visual line'): void
  /** Selects by the other kind; by the same, no more. */
  switchVisual(mode: 'visual' | 'visual line'): void
  /** Exchanges the ends of the selection. */
  turn(): void
  toNormal(at: number): void
  /** What is selected, the character at the cursor with it; `lines`: the lines of it whole. */
  selected(lines?: boolean): Taken
  /** Operates on a range, and leaves the cursor at a place; `undefined`: nothing was reached. */
  operate(operator: Operator, taken: Taken | undefined, cursor?: number): void
  /** So many lines from the cursor on. */
  linesFrom(count: number): Taken
  /** Does the last change once more. */
  repeat(count: number | undefined): void
}
