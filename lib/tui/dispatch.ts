import type { Action, Context } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { SetupChoice } from '../core/events.ts'
import { Chord, type Meaning } from './chord.ts'
import type { KeyEvent } from './events.ts'
import type { Navigation } from './navigation.ts'
import type { State } from './state.ts'
import type { View } from './view.ts'
import type { Approval } from './widgets/approval.ts'
import type { Composer } from './widgets/composer.ts'
import type { Picker } from './widgets/picker.ts'
import type { Welcome } from './widgets/welcome.ts'

/** What has the focus and answers for itself. */
export type Focused = Pick<View, 'contexts' | 'act' | 'grabs' | 'key' | 'paste'>

export interface DispatchParts {
  keymap: Keymap
  state(): State
  navigation: Navigation
  view(): Focused | undefined
  picker: Picker
  composer: Composer
  approval: Approval
  welcome: Welcome
  act(action: Action): void
  choose(choice: SetupChoice): void
}

/** Hands keys and what is pasted to what they are for: a list, a question, the view that has the focus, or the prompt. */
export class Dispatch {
  private readonly chord = new Chord()
  private readonly parts: DispatchParts

  constructor(parts: DispatchParts) {
    this.parts = parts
  }

  key(event: KeyEvent): void {
    const { picker, composer } = this.parts
    const view = this.parts.view()
    const isGrabbed = view?.grabs === true && !picker.isOpen && composer.asks === undefined
    const grabs = isGrabbed ? (one: KeyEvent) => view.key!(one) : undefined
    const action = this.chord.press(event, (pressed) => this.meaning(pressed), grabs)
    if (action === 'over') return
    if (picker.isOpen) {
      if (action === undefined) picker.key(event)
      else picker.act(action)
    } else if (!this.answers(event, action) && !this.chooses(event)) {
      if (action !== undefined) this.parts.act(action)
      else if (composer.asks !== undefined || view?.key?.(event) !== true) this.type(event)
    }
  }

  paste(text: string): void {
    const { picker, composer, navigation, state } = this.parts
    if (picker.isOpen) return picker.paste(text)
    if (composer.asks === undefined && state().questions.length === 0) {
      if (this.parts.view()?.paste?.(text) === true) return
      navigation.goTo('composer')
    }
    composer.paste(text)
  }

  /** Whether a key was for the question that stands; what was on its way to the prompt arrives there. */
  private answers(event: KeyEvent, action: Action | undefined): boolean {
    const { approval, composer, state } = this.parts
    const [question] = state().questions
    if (question === undefined || composer.asks === 'remark') return false
    if (action !== undefined && !action.startsWith('approval.')) return false
    const heard = approval.key(question, action, event.text)
    if (!heard && event.text !== undefined) composer.insert(event.text)
    return true
  }

  /** Whether a key was that of a way to begin. */
  private chooses({ text }: KeyEvent): boolean {
    const { composer, navigation, welcome, state } = this.parts
    if (navigation.focus !== 'setup' || composer.asks !== undefined || text === undefined) return false
    const choice = welcome.at(state().setup ?? [], text)
    if (choice !== undefined) this.parts.choose(choice)
    return choice !== undefined
  }

  /** Whoever types means the composer, wherever the focus is. */
  private type({ key, text }: KeyEvent): void {
    const { composer, navigation } = this.parts
    if (text === undefined || key === 'tab') return
    if (composer.asks !== undefined || navigation.focus === 'composer') return composer.type(text)
    navigation.goTo('composer')
    composer.insert(text)
  }

  private meaning(pressed: readonly string[]): Meaning {
    const { keymap, picker, composer, state } = this.parts
    if (picker.isOpen) return keymap.action('picker', pressed)
    // While a turn is at work, what cancels it cancels it everywhere.
    const always = keymap.action('global', pressed)
    const own = keymap.action(this.contexts(), pressed)
    const cancels = always === 'turn.cancel' && state().turn !== undefined && composer.asks === undefined
    return cancels && !composer.leaves(own) ? always : own
  }

  /** Where a key is looked up, one after the other. */
  private contexts(): readonly Context[] {
    const { composer, navigation, state } = this.parts
    if (composer.asks === 'remark') return ['composer']
    if (state().questions.length > 0) return ['approval']
    if (composer.asks !== undefined) return ['composer']
    if (navigation.focus === 'setup') return ['list']
    return this.parts.view()?.contexts ?? composer.contexts
  }
}
