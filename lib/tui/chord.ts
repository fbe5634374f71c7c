import type { Action } from '../config/actions.ts'
import type { KeyEvent } from './events.ts'

/** What keys mean that were pressed one after the other. */
export type Meaning = Action | 'pending' | undefined

/** The keys that were pressed one after the other and may go on to mean something. */
export class Chord {
  private pressed: string[] = []

  /**
   * One more key. `meaning` says what all of them mean, `grabs` takes a key before it means anything. Gives the action, or
   * undefined where they mean none; `'over'` where nothing is to be done: more keys may follow, or it was taken.
   */
  press(
    event: KeyEvent,
    meaning: (pressed: readonly string[]) => Meaning,
    grabs?: (event: KeyEvent) => boolean,
  ): Action | 'over' | undefined {
    if (grabs?.(event) === true) {
      this.pressed = []
      return 'over'
    }
    this.pressed.push(event.key)
    const means = meaning(this.pressed)
    if (means === 'pending') return 'over'
    this.pressed = []
    return means
  }
}
