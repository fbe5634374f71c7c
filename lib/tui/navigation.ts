import type { Action } from '../config/actions.ts'
import {
  hiding,
  opening,
  paneOf,
  sideViews,
  usual,
  viewNames,
  type Arrangement,
  type Pane,
  type ViewName,
} from './arrangement.ts'
import { paneWith, type Panes } from './panes.ts'
import { isFresh, type State } from './state.ts'
import type { View } from './view.ts'
import type { Focus } from './words.ts'

/** Columns that a key moves a divider by. */
const dividerStep = 4

export interface NavigationParts {
  state(): State
  views: ReadonlyMap<ViewName, View>
  /** The panes as they were laid out last. */
  panes(): Panes
  /** How the panes were arranged before, and who hears how they are. */
  arrangement: Arrangement | undefined
  arranged(arrangement: Arrangement): void
  /** The focus leaves the prompt. */
  leaves(): void
}

/** Where the person is: what has the focus, which panes stand, and the ways from one to another. */
export class Navigation {
  focus: Focus = 'composer'
  /** The pane that is looked at, where there is room for one. */
  at: Pane = 'conversation'
  zoomed = false
  arrangement: Arrangement
  private readonly parts: NavigationParts

  constructor(parts: NavigationParts) {
    this.parts = parts
    this.arrangement = parts.arrangement ?? usual
  }

  /** Does what an action says about panes and focus. False where it is about something else. */
  act(action: Action): boolean {
    const run = this.acts[action]
    run?.()
    return run !== undefined
  }

  /** Moves the focus. The composer stands under whatever is looked at. */
  goTo(focus: Focus): void {
    this.focus = focus
    if (focus === 'composer') return
    this.at = paneWith(focus)
    this.parts.leaves()
  }

  /** To the prompt, and to the conversation over it. */
  back(): void {
    this.goTo('composer')
    this.at = 'conversation'
  }

  readonly arrange = (arrangement: Arrangement): void => {
    this.arrangement = arrangement
    this.parts.arranged(arrangement)
  }

  /** Shows a view and goes to it; where that is so already, hides it. */
  open(name: ViewName): void {
    if (!this.parts.views.has(name)) return
    if (this.focus === name) return this.hide()
    this.show(name)
    this.goTo(name)
  }

  /** Shows a view where it stands, and leaves the focus where it is. */
  show(name: ViewName): void {
    this.arrange(opening(this.arrangement, name))
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'focus.next': () => this.moveFocus(1),
    'focus.previous': () => this.moveFocus(-1),
    'conversation.open': () => this.goTo('transcript'),
    'prompt.open': () => this.back(),
    ...Object.fromEntries(viewNames.map((name) => [`${name}.open` satisfies Action, () => this.open(name)])),
    'pane.hide': () => this.hide(),
    'pane.zoom': () => {
      this.zoomed = !this.zoomed
      this.at = paneWith(this.focus)
    },
    'pane.wider': () => this.widen(dividerStep),
    'pane.narrower': () => this.widen(-dividerStep),
  }

  private hide(): void {
    const pane = paneWith(this.focus)
    if (this.zoomed) this.zoomed = false
    else if (pane !== 'conversation' && this.parts.panes().beside) this.arrange(hiding(this.arrangement, pane))
    this.back()
  }

  private widen(by: number): void {
    const panes = this.parts.panes()
    const pane = paneWith(this.focus)
    if (pane !== 'conversation') panes.resize(pane, by)
    else panes.resize(panes.isShown('side') ? 'side' : 'files', -by)
  }

  private moveFocus(by: -1 | 1): void {
    const panes = this.parts.panes()
    const order = this.order(panes)
    const next = order[(order.indexOf(this.focus) + by + order.length) % order.length]!
    if (!panes.beside && this.parts.views.has(next as ViewName)) this.show(next as ViewName)
    this.goTo(next)
    if (next === 'composer') this.at = 'conversation'
  }

  /** Everything that may have the focus. Of the panes beside the conversation those that are seen; of tabs all. */
  private order(panes: Panes): Focus[] {
    const state = this.parts.state()
    const order: Focus[] = ['composer']
    if (state.setup !== undefined) order.push('setup')
    if (state.setup === undefined || !isFresh(state)) order.push('transcript')
    const names: ViewName[] = panes.beside ? [this.arrangement.view, 'files'] : ['files', ...sideViews]
    for (const name of names)
      if (this.parts.views.has(name) && (!panes.beside || panes.isShown(paneOf(name)))) order.push(name)
    return order
  }
}
