import type { Action } from '../../../config/actions.ts'
import { seeking, viMotions, type Operator } from './motions.ts'
import { textObjects } from './objects.ts'

/** What works on a motion, a text object, whole lines, or on what is selected. */
export const operators: Readonly<Partial<Record<Action, Operator>>> = {
  'vi.delete': 'delete',
  'vi.change': 'change',
  'vi.yank': 'yank',
}

/** A whole command. */
export interface Command {
  count: number | undefined
  operator: Operator | undefined
  /** What it does, or where the operator leads; `lines` for an operator given twice. */
  action: Action | 'lines'
  /** The character that was asked for after the action. */
  letter: string
}

/** No count does more than this. */
const mostTimes = 10_000

/** What has been typed of a command: counts, an operator, and what waits for a character. */
export class Typed {
  private before = ''
  private digits = ''
  private waits: Action | undefined
  private operates: Operator | undefined

  /** Nothing of a command stands. */
  get isEmpty(): boolean {
    return this.digits === '' && this.before === '' && this.waits === undefined && this.operates === undefined
  }

  /** The next key is a character, whatever it is bound to. */
  get wantsLetter(): boolean {
    return this.waits !== undefined
  }

  get operator(): Operator | undefined {
    return this.operates
  }

  /** As it is shown: counts and the operator's word. */
  get shown(): string {
    return [this.before, this.operates, this.digits, this.waits && '…'].filter((part) => part).join(' ')
  }

  clear(): void {
    this.before = this.digits = ''
    this.waits = this.operates = undefined
  }

  /** Takes a character that nothing is bound to. `more`: it goes on; undefined: there is no such command. */
  type(text: string): Command | 'more' | undefined {
    const { waits } = this
    if (waits !== undefined) return this.whole(waits, text)
    if (!/^\d$/.test(text)) return this.drop()
    this.digits = (this.digits + text).slice(-5)
    return 'more'
  }

  /** Takes an action; `visual`: something is selected. `more`: it goes on; undefined: it is none of a command's. */
  act(action: Action, visual: boolean): Command | 'more' | undefined {
    if (this.waits !== undefined) return this.drop()
    // The key that is a digit, too.
    if (action === 'cursor.line-start' && this.digits !== '') return this.type('0')
    const operator = operators[action]
    if (operator !== undefined && !visual) return this.operate(operator)
    if (seeking[action] !== undefined || (action === 'vi.replace' && this.operates === undefined)) {
      this.waits = action
      return 'more'
    }
    if (this.operates !== undefined && !reaches(action)) return this.drop()
    return this.whole(action, '')
  }

  private operate(operator: Operator): Command | 'more' | undefined {
    if (this.operates === operator) return this.whole('lines', '')
    if (this.operates !== undefined) return this.drop()
    this.operates = operator
    this.before = this.digits
    this.digits = ''
    return 'more'
  }

  private whole(action: Command['action'], letter: string): Command {
    const { before, digits, operates } = this
    this.clear()
    // Counts before and after an operator multiply.
    const counted = before !== '' || digits !== ''
    const count = counted ? Math.min(Number(before || 1) * Number(digits || 1), mostTimes) : undefined
    return { count, operator: operates, action, letter }
  }

  private drop(): undefined {
    this.clear()
    return undefined
  }
}

/** Whether an operator can take what an action leads to. */
export function reaches(action: Action): boolean {
  return viMotions[action] !== undefined || textObjects[action] !== undefined || again[action] !== undefined
}

/** Looks once more for the letter that was looked for last: the same way, or back. */
export const again: Readonly<Partial<Record<Action, 'same' | 'back'>>> = {
  'vi.find-again': 'same',
  'vi.find-again-back': 'back',
}
