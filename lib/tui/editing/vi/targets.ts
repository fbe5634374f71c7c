import type { Action } from '../../../config/actions.ts'
import { columns } from '../../width.ts'
import { graphemeAfter, graphemeBefore, lineStart } from '../motions.ts'
import { again, type Command } from './command.ts'
import { seeking, viMotions, type Target } from './motions.ts'

/** Where motions lead, with what they remember from one to the next. */
export class Targets {
  /** The character that was sought last, and how. */
  private sought: { action: Action; letter: string } | undefined
  /** The column that moving by lines keeps to, while the cursor is where that led. */
  private goal = { at: -1, column: 0 }

  /** Where a motion leads from a place of a text; undefined where it leads nowhere. */
  of(text: string, at: number, { action, count, letter, operator }: Command): Target | undefined {
    const turned = again[action as Action]
    if (turned !== undefined) return this.again(text, at, count, turned)
    const seeks = seeking[action as Action]
    if (seeks !== undefined) this.sought = { action: action as Action, letter }
    if (this.goal.at !== at) this.goal = { at, column: columns(text.slice(lineStart(text, at), at)) }
    const motion = seeks ?? viMotions[action as Action]
    return motion?.(text, at, { count, letter, operator, column: this.goal.column })
  }

  /** Moving by lines has led here: the next time keeps to the same column. */
  arrive(at: number): void {
    this.goal.at = at
  }

  private again(text: string, at: number, count: number | undefined, turned: 'same' | 'back'): Target | undefined {
    const { sought } = this
    if (sought === undefined) return undefined
    const action = turned === 'same' ? sought.action : opposite[sought.action]!
    // `t` and `T` from where they stopped would find the same once more.
    const next =
      action === 'vi.till' ? graphemeAfter(text, at) : action === 'vi.till-back' ? graphemeBefore(text, at) : at
    const passes = next !== at && text.startsWith(sought.letter, next) && (count ?? 1) === 1
    return seeking[action]!(text, passes ? next : at, { count, letter: sought.letter, operator: undefined, column: 0 })
  }
}

const opposite: Partial<Record<Action, Action>> = {
  'vi.find': 'vi.find-back',
  'vi.find-back': 'vi.find',
  'vi.till': 'vi.till-back',
  'vi.till-back': 'vi.till',
}
