import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import { usual, type Arrangement, type SoloName } from './arrangement.ts'
import type { Canvas } from './canvas.ts'
import { Clipboard } from './clipboard.ts'
import { Chord } from './chord.ts'
import type { KeyEvent, MouseEvent } from './events.ts'
import { Highlighter } from './format/highlight.ts'
import { shortPath } from './format/path.ts'
import { Grip, isInside, within } from './grip.ts'
import type { Rectangle } from './pane.ts'
import { Saying } from './saying.ts'
import type { Screen } from './screen.ts'
import { SoloConversation } from './solo-conversation.ts'
import type { Source } from './source.ts'
import type { State } from './state.ts'
import type { Store } from './store.ts'
import type { SoloView } from './view.ts'
import { Ticker } from './ticker.ts'
import { createViews, type ViewParts } from './views.ts'
import { columns } from './width.ts'
import { drawHints, hint, hintsWidth } from './widgets/hints.ts'
import { Hits } from './widgets/hits.ts'
import { Status } from './widgets/status.ts'

export interface SoloOptions {
  screen: Screen
  bus: Bus
  store: Store
  keymap: Keymap
  source: Source
  home: string
  /** Milliseconds since 1970. */
  now: () => number
  view: SoloName
  /** The file that the viewer shows. */
  file?: string | undefined
  /** The person is done with it. */
  close(): void
}

/** Rows over the view and under it. */
const [head, foot] = [2, 1]

/** Ways to say that one is done with a view. */
const closing: readonly Action[] = ['app.quit', 'app.interrupt', 'pane.hide']

/**
 * One view of a session, with the whole screen to itself: its title, the view, and what can be done. Closing it leaves the
 * session as it is. Undefined where there is no view of that name.
 */
export function openSolo(options: SoloOptions): Disposable | undefined {
  const solo = new Solo(options)
  return solo.isThere ? solo : undefined
}

class Solo implements Disposable {
  private readonly options: SoloOptions
  private readonly owned = new Disposables()
  private readonly views: ReadonlyMap<SoloName, SoloView>
  private readonly status: Status
  private shown: SoloName
  private readonly chord = new Chord()
  private readonly grip = new Grip()
  private readonly hits = new Hits()
  private mentioned = false
  private arrangement: Arrangement = usual
  private readonly saying: Saying
  private readonly ticker: Ticker

  constructor(options: SoloOptions) {
    this.options = options
    const { screen, store, keymap, source, bus } = options
    this.shown = options.view
    this.status = new Status(keymap, this.act)
    const changed = () => screen.request()
    this.saying = this.owned.add(new Saying(changed))
    this.ticker = this.owned.add(new Ticker(changed))
    const { say } = this.saying
    const clipboard = new Clipboard({
      terminal: (text) => screen.setClipboard(text),
      machine: (text) => source.copy(text),
      say,
    })
    const now = options.now
    const openFile: ViewParts['openFile'] = (path, { line, stay = false } = {}) => {
      this.views.get('viewer')?.show?.(path, line)
      if (!stay) this.show('viewer')
    }
    const highlighter = this.owned.add(new Highlighter())
    const parts = { keymap, highlighter, clipboard, source, openFile, now, changed, say }
    const conversation = this.owned.add(new SoloConversation(parts))
    this.views = new Map<SoloName, SoloView>([
      ...createViews({
        keymap,
        source,
        bus,
        clipboard,
        highlighter,
        changed,
        openFile,
        mention: () => this.mention(),
        // There is no prompt here to go to: whoever was led here goes back, and everybody else stays.
        back: () => this.mentioned || this.shown === options.view || this.leave(),
        arrangement: () => this.arrangement,
        arrange: (arrangement) => {
          this.arrangement = arrangement
          changed()
        },
        act: this.act,
      }),
      [conversation.name, conversation],
    ])
    if (!this.isThere) return
    this.owned.add(screen.pane({ left: 0, top: 0, width: '100%', height: head }, (canvas) => this.paintHead(canvas)))
    this.owned.add(screen.pane(this.body, (canvas) => this.view.paint(canvas, this.state, this.look)))
    this.owned.add(
      screen.pane(
        () => ({ left: 0, top: screen.rows - foot, width: screen.cols, height: foot }),
        (canvas) => this.paintFoot(canvas),
      ),
    )
    this.owned.add(store.onChange(() => this.changed()))
    this.owned.add(screen.onKey((event) => this.onKey(event)))
    this.owned.add(screen.onPaste(({ text }) => (this.view.paste?.(text), screen.request())))
    this.owned.add(screen.onMouse((event) => this.onMouse(event)))
    this.owned.add({ dispose: () => this.view.seen?.(false) })
    this.view.seen?.(true)
    if (options.file !== undefined) this.view.show?.(options.file)
    this.changed()
  }

  get isThere(): boolean {
    return this.views.has(this.shown)
  }

  async dispose(): Promise<void> {
    await this.owned.dispose()
  }

  private get view(): SoloView {
    return this.views.get(this.shown)!
  }

  private get state(): State {
    return this.options.store.state
  }

  private get look() {
    return { focused: true, now: this.options.now() }
  }

  private readonly body = (): Rectangle => {
    const { cols, rows } = this.options.screen
    return { left: 0, top: head, width: cols, height: Math.max(1, rows - head - foot) }
  }

  private changed(): void {
    const { screen } = this.options
    const { turn, questions } = this.state
    screen.setTitle(`${this.view.title} - drydock`)
    screen.request()
    this.ticker.run(turn !== undefined && questions.length === 0)
  }

  private onKey(event: KeyEvent): void {
    const { keymap, screen } = this.options
    const { view } = this
    screen.request()
    const action = this.chord.press(
      event,
      (pressed) => {
        this.mentioned = false
        return keymap.action(view.contexts, pressed)
      },
      view.grabs === true ? (one) => view.key!(one) : undefined,
    )
    if (action === 'over') return
    if (action !== undefined) return this.act(action)
    if (view.key?.(event) !== true && event.key === 'q') this.leave()
  }

  private onMouse(event: MouseEvent): void {
    const { action, button, col, row } = event
    const part = this.body()
    if (action === 'move') return
    this.options.screen.request()
    if (this.grip.hear(event)) return
    if (isInside(part, event)) {
      const hear = (one: MouseEvent) => this.view.mouse(within(this.body(), one))
      if (action === 'down') this.grip.take(event, hear)
      else hear(event)
    } else if (action === 'down' && button === 'left') {
      if (row < part.top) this.hits.click(col, row)
      else this.status.click(col, row - part.top - part.height)
    }
  }

  private readonly act = (action: Action): void => {
    const { screen, bus } = this.options
    screen.request()
    const opened = /^(\w+)\.open$/.exec(action)?.[1] as SoloName | undefined
    if (this.view.act(action)) return
    if (closing.includes(action)) this.leave()
    else if (action === 'app.suspend') screen.suspend()
    else if (action === 'screen.redraw') screen.repaint()
    else if (action === 'turn.cancel') {
      // With none at work, what leaves everything else leaves this too.
      if (this.state.turn !== undefined) bus.emit('turn.cancel', {})
      else this.leave()
    } else if (opened !== undefined && this.views.has(opened)) this.show(opened)
  }

  /** One view may lead to another, as a file's name to the file; closing that leads back. */
  private leave(): void {
    if (this.shown === this.options.view) this.options.close()
    else this.show(this.options.view)
  }

  private mention(): void {
    this.mentioned = true
    this.saying.say("the prompt is on the session's own screen")
  }

  private show(name: SoloName): void {
    this.view.seen?.(false)
    this.shown = name
    this.view.seen?.(true)
    this.changed()
  }

  private paintHead(canvas: Canvas): void {
    const { session } = this.state
    const after = canvas.text(1, 0, this.view.title.toUpperCase(), 'focus')
    const note = canvas.text(after + 1, 0, this.view.note(this.state), 'dim', Math.max(0, canvas.width - after - 2))
    this.hits.clear()
    const close = [{ key: 'q', label: 'close', action: 'app.quit' as const }]
    const end = canvas.width - 1 - hintsWidth(close)
    if (end > note + 2) drawHints(canvas, end, 0, canvas.width, close, this.hits, this.act)
    const project = session === undefined ? '' : shortPath(session.project, this.options.home, canvas.width >> 1)
    const start = end - 3 - columns(project)
    if (start > note + 2) canvas.text(start, 0, project, 'dim')
    canvas.fill(0, 1, canvas.width, 1, 'line', '─')
  }

  private paintFoot(canvas: Canvas): void {
    const { keymap, now } = this.options
    const offered = this.view.hints(this.state).filter(([action]) => !elsewhere.includes(action))
    const hints = offered.flatMap(([action, label]) => hint(keymap, action, label))
    const asks = this.state.questions.length > 0 ? "? asks: answer on the session's own screen" : undefined
    this.status.paint(canvas, this.state, now(), hints, this.saying.message ?? asks)
  }
}

/** What only a screen with several panes has. */
const elsewhere: readonly Action[] = ['pane.hide', 'pane.zoom', 'focus.next', 'file.open']
