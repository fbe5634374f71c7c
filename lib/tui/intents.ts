import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import { modes, type Answer, type Question, type SetupChoice } from '../core/events.ts'
import type { Navigation } from './navigation.ts'
import type { State } from './state.ts'
import type { Composer } from './widgets/composer.ts'
import type { Transcript } from './widgets/transcript.ts'

/** Within this, a second press of the same key is meant as one with the first. */
const twiceMs = 2_000

export interface IntentsParts {
  bus: Bus
  keymap: Keymap
  /** Milliseconds since 1970. */
  now(): number
  state(): State
  composer: Composer
  transcript: Transcript
  navigation: Navigation
  say(message: string): void
}

/** What the person wants of the session, put on the bus: at once, or after the line that is still asked for. */
export class Intents {
  /** The choice that a secret is asked for. */
  wanting: SetupChoice | undefined
  private interruptedAt = -Infinity
  private readonly parts: IntentsParts

  constructor(parts: IntentsParts) {
    this.parts = parts
  }

  /** Does what an action says about the session. False where it is about something else. */
  act(action: Action): boolean {
    const run = this.acts[action]
    run?.()
    return run !== undefined
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'app.quit': () => this.parts.bus.emit('app.quit', {}),
    'app.interrupt': () => this.interrupt(),
    'turn.cancel': () => this.cancel(),
    'turn.undo': () => this.parts.bus.emit('turn.undo', { to: 'back' }),
    'turn.redo': () => this.parts.bus.emit('turn.undo', { to: 'forward' }),
    'mode.next': () => {
      const mode = modes[(modes.indexOf(this.parts.state().mode) + 1) % modes.length]!
      this.parts.bus.emit('mode.choose', { mode })
    },
    'commits.fetch': () => this.parts.bus.emit('commits.fetch', {}),
    'port.open': () => {
      const { bus, say, state } = this.parts
      const { ports } = state()
      const next = ports.find(({ local }) => local === undefined)
      if (next !== undefined) bus.emit('port.open', { port: next.port })
      else say(ports.length === 0 ? 'no port listens in the sandbox' : 'every port answers already')
    },
  }

  /** Sends a prompt or a command. False where nobody could answer: it stays until somebody can. */
  send(text: string, kind: 'prompt' | 'command'): boolean {
    const { bus, navigation, transcript, say } = this.parts
    const { setup, model } = this.parts.state()
    if (kind === 'prompt' && setup !== undefined && model === '') {
      navigation.goTo('setup')
      say('choose how to begin first')
      return false
    }
    transcript.toEnd()
    navigation.at = 'conversation'
    if (kind === 'command') bus.emit('command.submit', { command: text })
    else bus.emit('prompt.submit', { text })
    return true
  }

  /** Chooses how to begin without a model; a secret is asked for first. */
  choose(choice: SetupChoice): void {
    const { bus, composer } = this.parts
    if (choice.secret !== true) return bus.emit('setup.choose', { key: choice.key })
    this.wanting = choice
    composer.ask('secret', (secret = '') => {
      this.wanting = undefined
      if (secret !== '') bus.emit('setup.choose', { key: choice.key, secret })
    })
  }

  /** Hands an answer on; a no to a call waits for a line that the model is told. */
  answer({ id, call }: Question, answer: Answer): void {
    const { bus, composer } = this.parts
    if (answer !== 'no' || call === undefined || composer.asks !== undefined)
      return bus.emit('approval.answer', { id, answer })
    composer.ask('remark', (remark = '') =>
      bus.emit('approval.answer', remark === '' ? { id, answer } : { id, answer, remark }),
    )
  }

  /** Cancels the turn, and every question with it; a question that no turn asked is answered no. */
  private cancel(): void {
    const { bus, composer, navigation } = this.parts
    const { questions, turn } = this.parts.state()
    const [question] = questions
    if (composer.giveUp()) return
    if (turn !== undefined) bus.emit('turn.cancel', {})
    else if (question !== undefined) bus.emit('approval.answer', { id: question.id, answer: 'no' })
    else if (navigation.focus !== 'setup') navigation.goTo('composer')
  }

  private interrupt(): void {
    const { bus, composer, keymap, say } = this.parts
    const now = this.parts.now()
    if (now - this.interruptedAt < twiceMs) return bus.emit('app.quit', {})
    this.interruptedAt = now
    if (this.parts.state().turn !== undefined) bus.emit('turn.cancel', {})
    else composer.clear()
    const [key] = keymap.keysFor('app.interrupt')
    say(`${key} again quits`)
  }
}
