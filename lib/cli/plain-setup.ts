import type { Bus } from '../core/bus.ts'
import type { Intents, SetupChoice } from '../core/events.ts'
import type { Store } from '../tui/store.ts'
import type { Teller } from './teller.ts'

export interface PlainSetupOptions {
  bus: Bus
  store: Store
  teller: Teller
  /** Asks for a line that is not echoed; undefined where it was given up. */
  askSecret(): Promise<string | undefined>
}

/** The ways to begin without a model, line by line. */
export class PlainSetup {
  private readonly options: PlainSetupOptions
  /** What was said is not said again when more is found. */
  private readonly told = new Set<string>()

  constructor(options: PlainSetupOptions) {
    this.options = options
    options.bus.on('setup.offered', ({ choices }) => this.tell(choices))
  }

  /** Whether a line chooses how to begin: there is no model yet that could be asked anything. */
  get isOpen(): boolean {
    const { setup, model } = this.options.store.state
    return setup !== undefined && model === ''
  }

  /** Takes a line; resolves when another is waited for. */
  async take(text: string): Promise<void> {
    const { teller } = this.options
    const choices = this.options.store.state.setup ?? []
    const choice = choices.find(({ key }) => key === text.toLowerCase())
    if (choice === undefined) {
      const keys = choices.map(({ key }) => key).join(', ')
      return teller.note(`No model is chosen yet: type one of ${keys}, or /model PROVIDER/MODEL.`)
    }
    if (choice.secret !== true) return this.choose({ key: choice.key })
    // Before it is said: whoever answers at once is not to be echoed either.
    const asked = this.options.askSecret()
    teller.note('Paste the key, then Enter; it is not shown. Ctrl-C gives up.')
    const secret = (await asked)?.trim() ?? ''
    if (secret === '') return teller.note('No key was given.')
    teller.note('The key is tried.')
    return this.choose({ key: choice.key, secret })
  }

  /** Until a model is chosen, or why not is said; the demo ends this conversation. */
  private choose(choice: Intents['setup.choose']): Promise<void> {
    const { bus } = this.options
    return new Promise((resolve) => {
      const heard = [bus.on('model.chosen', done), bus.on('app.failed', done)]
      function done() {
        for (const one of heard) one.dispose()
        resolve()
      }
      bus.emit('setup.choose', choice)
    })
  }

  private tell(choices: readonly SetupChoice[]): void {
    const { teller } = this.options
    const fresh = choices.filter(({ key }) => !this.told.has(key))
    if (this.told.size === 0) teller.note('No model is configured yet. Choose how to begin by its letter:')
    for (const { key, label, detail } of fresh) {
      this.told.add(key)
      teller.note(`${key}: ${label}, ${detail}`)
    }
  }
}
