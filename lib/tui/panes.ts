import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import type { SetupChoice } from '../core/events.ts'
import { paneOf, type Arrangement, type Pane, type ViewName } from './arrangement.ts'
import type { Canvas } from './canvas.ts'
import type { MouseEvent } from './events.ts'
import { wrap } from './format/wrap.ts'
import { paintFrame, type FrameLook } from './frame.ts'
import { Grip, isInside, within } from './grip.ts'
import { layOut, moved, smallest, widestDialog, type Divider, type Layout } from './layout.ts'
import type { Pane as ScreenPane, Rectangle } from './pane.ts'
import type { Screen } from './screen.ts'
import { isFresh, type State } from './state.ts'
import { wheelRows, type View, type ViewMouse } from './view.ts'
import type { Approval } from './widgets/approval.ts'
import type { Composer } from './widgets/composer.ts'
import { Hits } from './widgets/hits.ts'
import type { Picker } from './widgets/picker.ts'
import type { Status } from './widgets/status.ts'
import type { Transcript } from './widgets/transcript.ts'
import type { Welcome } from './widgets/welcome.ts'
import { composerLabel, hintsFor, placeholder, type Focus } from './words.ts'

export interface Widgets {
  composer: Composer
  transcript: Transcript
  approval: Approval
  welcome: Welcome
  status: Status
  picker: Picker
  views: ReadonlyMap<ViewName, View>
}

/** What is to be shown besides what the widgets know. */
export interface Shown {
  state: State
  focus: Focus
  /** The pane that is looked at, where there is room for one. */
  at: Pane
  zoomed: boolean
  arrangement: Arrangement
  /** Said on the status line for a moment. */
  message: string | undefined
  /** The choice that a secret is asked for. */
  wanting: SetupChoice | undefined
}

export interface PanesOptions {
  screen: Screen
  keymap: Keymap
  home: string
  now: () => number
  act: (action: Action) => void
  /** Takes the arrangement that the mouse has made. */
  arrange: (arrangement: Arrangement) => void
}

/** Columns of the list over the panes. */
const widestPicker = 84

/** Puts the widgets on the screen: where each is, what it paints, and which of them the mouse is for. */
export class Panes implements Disposable {
  private readonly owned = new Disposables()
  private readonly frameHits = new Hits()
  private readonly moving: ScreenPane[]
  private readonly inSight = new Set<View>()
  private layout: Layout | null = null
  private readonly grip = new Grip()
  private readonly options: PanesOptions
  private readonly widgets: Widgets
  private readonly shown: () => Shown

  constructor(options: PanesOptions, widgets: Widgets, shown: () => Shown) {
    this.options = options
    this.widgets = widgets
    this.shown = shown
    const { screen } = options
    const whole = (): Rectangle => {
      this.layout = this.layOut()
      this.tellSeen()
      return { left: 0, top: 0, width: screen.cols, height: screen.rows }
    }
    this.owned.add(screen.pane(whole, (canvas) => this.paintFrame(canvas)))
    this.add('files', (canvas) => this.paintView(canvas, 'files'))
    const conversation = this.add('conversation', (canvas) => this.paintConversation(canvas))
    this.add('side', (canvas) => this.paintView(canvas, this.shown().arrangement.view))
    this.add('composer', (canvas) => this.paintComposer(canvas))
    const status = this.add('status', (canvas) => this.paintStatus(canvas))
    this.add('dialog', (canvas) => this.paintDialog(canvas))
    this.owned.add(
      screen.pane(
        () => this.completionsPlace(),
        (canvas) => widgets.composer.completions.paint(canvas),
      ),
    )
    this.owned.add(
      screen.pane(
        () => this.pickerPlace(),
        (canvas) => widgets.picker.paint(canvas),
      ),
    )
    this.moving = [conversation, status]
  }

  async dispose(): Promise<void> {
    for (const view of this.inSight) view.seen?.(false)
    await this.owned.dispose()
  }

  /** Whether a pane stands on the screen as it was laid out last. */
  isShown(pane: Pane): boolean {
    return this.layout !== null && this.layout[pane] !== null
  }

  /** Whether there is room for several panes. */
  get beside(): boolean {
    return this.layout?.beside === true
  }

  /** Asks that what counts and turns be painted anew. */
  requestMoving(): void {
    for (const pane of this.moving) pane.request()
  }

  /** A pane's divider a few columns further. */
  resize(pane: Divider['pane'], by: number): void {
    const divider = this.layOut()?.dividers.find((one) => one.pane === pane)
    if (divider === undefined) return
    const x = divider.x + (pane === 'files' ? by : -by)
    this.options.arrange(moved(this.shown().arrangement, pane, x, this.options.screen.cols))
  }

  /** Hands a mouse event to what is under it, or to what was pressed. Gives the focus that it asks for, if any. */
  mouse(event: MouseEvent): Focus | undefined {
    if (this.widgets.picker.isOpen) return void this.pick(event)
    if (this.grip.hear(event)) return undefined
    const list = this.completionsPlace()
    if (list !== null && isInside(list, event)) return void this.widgets.composer.completions.mouse(within(list, event))
    if (event.action === 'wheel') return void this.wheel(event)
    return event.action === 'down' && event.button === 'left' ? this.press(event) : undefined
  }

  private pick(event: MouseEvent): void {
    const part = this.pickerPlace()
    if (part !== null && isInside(part, event)) this.widgets.picker.mouse(within(part, event))
    else if (event.action === 'down') this.widgets.picker.close()
  }

  /** Over everything, in the upper part of the screen; as tall as what is offered wants, but never jumping. */
  private pickerPlace(): Rectangle | null {
    const { picker } = this.widgets
    const { cols, rows } = this.options.screen
    if (!picker.isOpen || this.layout === null) return null
    const width = Math.min(widestPicker, cols - 2)
    const height = Math.min(picker.rows, rows - 4)
    return { left: Math.floor((cols - width) / 2), top: 2, width, height }
  }

  /** Right over the composer, over the end of the conversation. */
  private completionsPlace(): Rectangle | null {
    const { layout, widgets } = this
    const { completions } = widgets.composer
    if (layout === null || !completions.isOpen || this.shown().state.questions.length > 0) return null
    const { x: left, y: bottom, width } = layout.composerRule
    const height = Math.min(completions.rows, bottom)
    return { left, top: bottom - height, width: Math.min(width, completions.width), height }
  }

  private wheel(event: MouseEvent): void {
    const by = event.button === 'up' ? -wheelRows : wheelRows
    const { layout, widgets } = this
    if (layout === null) return
    if (isInside(layout.dialog, event)) return widgets.approval.scroll(by)
    if (isInside(layout.composer, event)) return widgets.composer.mouse(within(layout.composer, event))
    for (const [part, view] of this.viewsShown()) if (isInside(part, event)) return view.mouse(within(part, event))
    widgets.transcript.mouse(within(layout.composer, event))
  }

  private press(event: MouseEvent): Focus | undefined {
    const { layout, widgets } = this
    if (layout === null) return undefined
    const at = (part: Rectangle | null, click: (x: number, y: number) => unknown): boolean => {
      if (part === null || !isInside(part, event)) return false
      click(event.col - part.left, event.row - part.top)
      return true
    }
    if (at(layout.dialog, (x, y) => widgets.approval.click(x, y))) return undefined
    if (at(layout.status, (x, y) => widgets.status.click(x, y))) return undefined
    if (isInside(layout.composer, event)) {
      this.hold(layout.composer, event, (inside) => widgets.composer.mouse(inside))
      return 'composer'
    }
    for (const [part, view] of this.viewsShown()) {
      if (!isInside(part, event)) continue
      this.hold(part, event, (inside) => view.mouse(inside))
      return view.name
    }
    const divider = layout.dividers.find(
      ({ x, top, bottom }) => x === event.col && event.row > top && event.row < bottom,
    )
    if (divider !== undefined) return void this.grip.take(event, (moving) => this.drag(moving, divider))
    if (isInside(layout.conversation, event) && showsWelcome(this.shown())) {
      at(layout.conversation, (x, y) => widgets.welcome.click(x, y))
      return undefined
    }
    if (layout.conversation !== null && isInside(layout.conversation, event)) {
      this.hold(layout.conversation, event, (inside) => widgets.transcript.mouse(inside))
      return 'transcript'
    }
    this.frameHits.click(event.col, event.row)
    return undefined
  }

  private drag({ action, col }: MouseEvent, { pane }: Divider): void {
    if (action !== 'drag') return
    this.options.arrange(moved(this.shown().arrangement, pane, col, this.options.screen.cols))
  }

  /** Hands a press on, and what follows it until the button's release. */
  private hold(part: Rectangle, event: MouseEvent, mouse: (event: ViewMouse) => void): void {
    this.grip.take(event, (later) => mouse(within(part, later)))
  }

  /** The views on the screen, with where each is. */
  private viewsShown(): [Rectangle, View][] {
    const { views } = this.widgets
    const names: ViewName[] = ['files', this.shown().arrangement.view]
    return names.flatMap((name): [Rectangle, View][] => {
      const [part, view] = [this.layout?.[paneOf(name)], views.get(name)]
      return part && view ? [[part, view]] : []
    })
  }

  private tellSeen(): void {
    const now = new Set(this.viewsShown().map(([, view]) => view))
    for (const view of this.inSight) if (!now.has(view)) view.seen?.(false)
    for (const view of now) if (!this.inSight.has(view)) view.seen?.(true)
    this.inSight.clear()
    for (const view of now) this.inSight.add(view)
  }

  private add(part: Pane | 'composer' | 'status' | 'dialog', paint: (canvas: Canvas) => void): ScreenPane {
    return this.owned.add(this.options.screen.pane(() => this.layout?.[part] ?? null, paint))
  }

  private layOut(): Layout | null {
    const { cols, rows } = this.options.screen
    const { state, at, zoomed, arrangement } = this.shown()
    const { views, composer, approval } = this.widgets
    const wanted = { arrangement, at, zoomed, views: new Set(views.keys()) }
    const bare = layOut(cols, rows, { ...wanted, composer: 1, dialog: 0 })
    if (bare === null) return null
    const { width } = bare.composer
    const [question] = state.questions
    return layOut(cols, rows, {
      ...wanted,
      composer: composer.rows(width),
      dialog: question === undefined ? 0 : approval.rows(question, Math.min(width, widestDialog)),
    })
  }

  private paintFrame(canvas: Canvas): void {
    const { layout } = this
    const { keymap, home, now, act } = this.options
    if (layout === null) return paintTooSmall(canvas)
    const { state, focus, wanting, arrangement } = this.shown()
    const { composer, transcript, views } = this.widgets
    const focused: FrameLook['focused'] = state.questions.length > 0 ? 'dialog' : paneWith(focus)
    transcript.lookAt(state, layout.composerRule.width, now())
    const label = composerLabel(state, composer, keymap, wanting, transcript)
    const look = { layout, arrangement, views, home, now: now(), focused, label, mode: composer.mode }
    paintFrame(canvas, state, look, { hits: this.frameHits, act })
  }

  private paintView(canvas: Canvas, name: ViewName): void {
    const { state, focus } = this.shown()
    const focused = focus === name && state.questions.length === 0
    this.widgets.views.get(name)?.paint(canvas, state, { focused, now: this.options.now() })
  }

  private paintConversation(canvas: Canvas): void {
    const { state, focus } = this.shown()
    if (showsWelcome(this.shown())) this.widgets.welcome.paint(canvas, state, focus === 'setup')
    else this.widgets.transcript.paint(canvas, state, this.options.now())
  }

  private paintComposer(canvas: Canvas): void {
    const { state, focus } = this.shown()
    const { composer } = this.widgets
    const focused = state.questions.length === 0 && focus === 'composer'
    const look = { focused: focused || composer.asks !== undefined, placeholder: placeholder(state, composer.asks) }
    composer.paint(canvas, look)
  }

  private paintStatus(canvas: Canvas): void {
    const { state, focus, message } = this.shown()
    const { status, composer, views } = this.widgets
    const view = views.get(focus as ViewName)
    const offered = { isOpen: (pane: Pane) => this.isShown(pane), hints: view?.hints(state) }
    const hints = hintsFor(this.options.keymap, state, composer.asks ?? focus, offered)
    status.paint(canvas, state, this.options.now(), hints, message)
  }

  private paintDialog(canvas: Canvas): void {
    const { questions } = this.shown().state
    const { approval, composer } = this.widgets
    const [question] = questions
    if (question !== undefined) approval.paint(canvas, question, questions.length, composer.asks === 'remark')
  }
}

/** The pane in which the focus is. */
export function paneWith(focus: Focus): Pane {
  if (focus === 'composer' || focus === 'transcript' || focus === 'setup') return 'conversation'
  return paneOf(focus)
}

/** What a conversation is begun with stands in its place until it has begun, and as long as it has the focus. */
function showsWelcome({ state, focus }: Shown): boolean {
  return isFresh(state) || focus === 'setup'
}

function paintTooSmall(canvas: Canvas): void {
  const here = `${canvas.width}x${canvas.height}`
  const said = `Drydock needs ${smallest.cols}x${smallest.rows} cells, here are ${here}: make the terminal larger.`
  const rows = wrap([{ text: said, tone: 'normal' }], canvas.width)
  for (const [y, row] of rows.entries()) canvas.text(0, y, row[0]!.text, 'normal')
}
