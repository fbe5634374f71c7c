import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import type { SetupChoice } from '../core/events.ts'
import type { Canvas } from './canvas.ts'
import type { MouseEvent } from './events.ts'
import { wrap } from './format/wrap.ts'
import { paintFrame } from './frame.ts'
import { layOut, smallest, widestDialog, type Layout } from './layout.ts'
import type { Pane, Rectangle } from './pane.ts'
import type { Screen } from './screen.ts'
import { isFresh, type State } from './state.ts'
import type { Approval } from './widgets/approval.ts'
import type { Changes } from './widgets/changes.ts'
import type { Composer } from './widgets/composer.ts'
import { Hits } from './widgets/hits.ts'
import type { Status } from './widgets/status.ts'
import type { Transcript } from './widgets/transcript.ts'
import type { Welcome } from './widgets/welcome.ts'
import { composerLabel, hintsFor, placeholder, type Focus } from './words.ts'

export interface Widgets {
  composer: Composer
  transcript: Transcript
  changes: Changes
  approval: Approval
  welcome: Welcome
  status: Status
}

/** What is to be shown besides what the widgets know. */
export interface Shown {
  state: State
  focus: Focus
  side: 'diff' | null
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
}

/** Rows that one notch of the wheel moves. */
const wheelRows = 3

/** Puts the widgets on the screen: where each is, what it paints, and which of them a click or the wheel is for. */
export class Panes implements Disposable {
  private readonly owned = new Disposables()
  private readonly frameHits = new Hits()
  private readonly moving: Pane[]
  private layout: Layout | null = null
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
      return { left: 0, top: 0, width: screen.cols, height: screen.rows }
    }
    this.owned.add(screen.pane(whole, (canvas) => this.paintFrame(canvas)))
    const conversation = this.add('conversation', (canvas) => this.paintConversation(canvas))
    this.add('side', (canvas) => widgets.changes.paint(canvas, shown().state, options.act))
    this.add('composer', (canvas) => this.paintComposer(canvas))
    const status = this.add('status', (canvas) => this.paintStatus(canvas))
    this.add('dialog', (canvas) => this.paintDialog(canvas))
    this.moving = [conversation, status]
  }

  async dispose(): Promise<void> {
    await this.owned.dispose()
  }

  /** Asks that what counts and turns be painted anew. */
  requestMoving(): void {
    for (const pane of this.moving) pane.request()
  }

  wheel(event: MouseEvent): void {
    const by = event.button === 'up' ? -wheelRows : wheelRows
    const { layout, widgets } = this
    if (layout === null) return
    if (isInside(layout.dialog, event)) widgets.approval.scroll(by)
    else if (isInside(layout.side, event)) widgets.changes.scroll(by)
    else widgets.transcript.scroll(by)
  }

  /** Hands a click to the widget under it. Gives the focus that it asks for, if any. */
  click({ col, row }: MouseEvent): Focus | undefined {
    const { layout, widgets } = this
    if (layout === null) return undefined
    const at = (part: Rectangle | null, click: (x: number, y: number) => unknown): boolean => {
      if (part === null || !isInside(part, { col, row })) return false
      click(col - part.left, row - part.top)
      return true
    }
    if (at(layout.dialog, (x, y) => widgets.approval.click(x, y))) return undefined
    if (at(layout.status, (x, y) => widgets.status.click(x, y))) return undefined
    if (at(layout.composer, (x, y) => widgets.composer.click(x, y))) return 'composer'
    if (at(layout.side, (x, y) => widgets.changes.click(x, y))) return 'diff'
    if (isInside(layout.conversation, { col, row }) && showsWelcome(this.shown())) {
      at(layout.conversation, (x, y) => widgets.welcome.click(x, y))
      return undefined
    }
    if (at(layout.conversation, (_, y) => widgets.transcript.toggle(y))) return 'transcript'
    this.frameHits.click(col, row)
    return undefined
  }

  private add(part: 'conversation' | 'side' | 'composer' | 'status' | 'dialog', paint: (canvas: Canvas) => void): Pane {
    return this.owned.add(this.options.screen.pane(() => this.layout?.[part] ?? null, paint))
  }

  private layOut(): Layout | null {
    const { cols, rows } = this.options.screen
    const { state, side } = this.shown()
    const bare = layOut(cols, rows, { side, composer: 1, dialog: 0 })
    if (bare === null) return null
    const { width } = bare.composer
    const [question] = state.questions
    return layOut(cols, rows, {
      side,
      composer: this.widgets.composer.rows(width),
      dialog: question === undefined ? 0 : this.widgets.approval.rows(question, Math.min(width, widestDialog)),
    })
  }

  private paintFrame(canvas: Canvas): void {
    const { layout } = this
    const { keymap, home, now, act } = this.options
    if (layout === null) return paintTooSmall(canvas)
    const { state, focus, wanting } = this.shown()
    const { composer, transcript } = this.widgets
    const focused = state.questions.length > 0 ? 'dialog' : focus === 'diff' ? 'side' : 'conversation'
    const label = composerLabel(state, composer, keymap, wanting, transcript.following)
    paintFrame(canvas, state, { layout, home, now: now(), focused, label }, { keymap, hits: this.frameHits, act })
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
    const { state, focus, side, message } = this.shown()
    const { status, composer } = this.widgets
    const hints = hintsFor(this.options.keymap, state, composer.asks ?? focus, side !== null)
    status.paint(canvas, state, this.options.now(), hints, message)
  }

  private paintDialog(canvas: Canvas): void {
    const { questions } = this.shown().state
    const { approval, composer } = this.widgets
    const [question] = questions
    if (question !== undefined) approval.paint(canvas, question, questions.length, composer.asks === 'remark')
  }
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

function isInside(part: Rectangle | null, { col, row }: { col: number; row: number }): boolean {
  if (part === null) return false
  return col >= part.left && col < part.left + part.width && row >= part.top && row < part.top + part.height
}
