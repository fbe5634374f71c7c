import type { Action } from '../config/actions.ts'
import { keySets, type Keymap, type KeySet } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import { modes, type ApplyMode } from '../core/events.ts'
import { sideViews, type ViewName } from './arrangement.ts'
import { commandsOf, helpOf, slashName } from './commands.ts'
import type { Screen } from './screen.ts'
import type { SlashCommand } from './slash.ts'
import type { Source } from './source.ts'
import type { State } from './state.ts'
import type { View } from './view.ts'
import type { Choice, Offer } from './widgets/picker.ts'

export interface OffersParts {
  keymap: Keymap
  source: Source
  bus: Bus
  screen: Screen
  state(): State
  views(): ReadonlyMap<ViewName, View>
  /** Every file of the workspace. */
  files(): Offer
  /** Does what an action says. */
  act(action: Action): void
}

/** What there is to choose from: in lists over the panes, and by name after a `/`. */
export class Offers {
  private readonly parts: OffersParts

  constructor(parts: OffersParts) {
    this.parts = parts
  }

  /** The list that an action opens, if it opens one. */
  of(action: Action): Offer | undefined {
    return this.lists[action]?.()
  }

  /** Everything that can be done from anywhere, and what a session takes, by name. */
  slash(): SlashCommand[] {
    const commands = this.commands()
    const all = commands.map(({ action }) => action)
    const { bus } = this.parts
    const mode: SlashCommand = {
      name: 'mode',
      detail: 'Choose what happens to your files: plan, review, turn, live',
      values: () => modes,
      run: (value) => (value === undefined ? this.parts.act('mode.next') : bus.emit('mode.choose', { mode: value as ApplyMode })),
    } // prettier-ignore
    return [
      ...commands.map(({ action, label }): SlashCommand => {
        const named = { name: slashName(action, all), detail: label, also: [action] }
        const valued = this.valued[action]
        const run = (value?: string) => (value === undefined ? this.parts.act(action) : valued?.choose(value))
        return valued === undefined ? { ...named, run } : { ...named, run, values: valued.values }
      }),
      mode,
    ]
  }

  private readonly lists: Partial<Record<Action, () => Offer>> = {
    'palette.open': () => ({
      title: 'Commands',
      hint: 'what is to be done?',
      choices: this.commands().map(({ action, ...choice }) => ({ ...choice, run: () => this.parts.act(action) })),
    }),
    'help.open': () => ({ title: 'Keys', hint: 'a key, or what it is to do', choices: helpOf(this.parts.keymap) }),
    'file.open': () => this.parts.files(),
    'model.open': () => ({
      title: 'Models',
      hint: 'which model?',
      choices: this.choices('model.open', this.parts.state().model),
    }),
    'theme.open': () => ({
      title: 'Colours',
      hint: 'which colours?',
      choices: this.choices('theme.open', this.parts.source.themes().current),
    }),
    'keys.open': () => ({
      title: 'Keys',
      hint: 'which set of keys?',
      choices: this.choices('keys.open', this.parts.keymap.set),
    }),
  }

  /** Actions that can be told at once what they would ask for. */
  private readonly valued: Partial<Record<Action, { values: () => string[]; choose: (value: string) => void }>> = {
    'model.open': {
      values: () => {
        const { model } = this.parts.state()
        return [...new Set([...(model === '' ? [] : [model]), ...this.parts.source.models()])]
      },
      choose: (model) => this.parts.bus.emit('model.choose', { model }),
    },
    'theme.open': {
      values: () => this.parts.source.themes().names,
      choose: (name) => this.parts.screen.setTheme(this.parts.source.chooseTheme(name)),
    },
    'keys.open': {
      values: () => [...keySets],
      choose: (set) => this.parts.source.chooseKeys(set as KeySet),
    },
  }

  private choices(action: Action, current: string): Choice[] {
    const { values, choose } = this.valued[action]!
    return values().map((name) => ({ label: name, current: name === current, run: () => choose(name) }))
  }

  /** What only shows a view that there is not is left out. */
  private commands() {
    const absent = ['files', ...sideViews].filter((name) => !this.parts.views().has(name as ViewName))
    return commandsOf(this.parts.keymap).filter(({ action }) => !absent.some((name) => action === `${name}.open`))
  }
}
