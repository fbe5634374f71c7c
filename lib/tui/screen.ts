import type { Theme } from '../config/theme.ts'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import { Attributes } from './attributes.ts'
import { CellScreen } from './blessed.ts'
import type { Canvas, Paint } from './canvas.ts'
import type { Depth } from './colour.ts'
import { Diff } from './diff.ts'
import { FramePace, steadyMs } from './frame-pace.ts'
import { onEnding, type EndingHandlers, type EndingProcess } from './ending.ts'
import type { InputEvent } from './events.ts'
import { InputDecoder } from './input.ts'
import { isLight } from './background.ts'
import { overlaps, PaneElement, type Cursor, type Pane, type Place, type Rectangle } from './pane.ts'
import {
  checkTerminal,
  isTooSmall,
  Terminal,
  tooSmall,
  type Guard,
  type TerminalInput,
  type TerminalOutput,
} from './terminal.ts'

/** Milliseconds in which a terminal answers that answers at all. */
const ANSWER_MS = 200

export interface ScreenOptions extends EndingHandlers {
  stdin: TerminalInput
  stdout: TerminalOutput
  /** The terminal's name (TERM). */
  term: string
  theme: Theme
  /** See chooseDepth. */
  depth: Depth
  mouse: boolean
  /** How long a lone Escape is waited on before it is taken as the key, in milliseconds. */
  escapeMs: number
  title: string
  /** Whose endings restore the terminal; null only where the terminal is none, in specs. */
  process: EndingProcess | null
}

type EventOf<T extends InputEvent['type']> = Extract<InputEvent, { type: T }>
type Listener<T> = (event: T) => void

/** The whole screen: panes that are painted when asked for, and what the person does. */
export interface Screen extends Disposable {
  readonly cols: number
  readonly rows: number
  /** A new pane, over those that are there. It is painted in the next frame, and shown until disposed. */
  pane(place: Place, paint: Paint): Pane
  /** Asks for a frame in which all panes are laid out and painted. Many requests make one frame. */
  request(): void
  /** Asks for a frame that writes every cell, whatever the terminal was thought to show. */
  repaint(): void
  /** Draws what was asked for now rather than with the next frame. */
  draw(): void
  onKey(listener: Listener<EventOf<'key'>>): Disposable
  onMouse(listener: Listener<EventOf<'mouse'>>): Disposable
  onPaste(listener: Listener<EventOf<'paste'>>): Disposable
  onFocus(listener: Listener<EventOf<'focus'>>): Disposable
  /** Hears of a new size before the frame for it is painted. */
  onResize(listener: () => void): Disposable
  setTheme(theme: Theme): void
  setMouse(on: boolean): void
  readonly mouse: boolean
  setEscapeMs(ms: number): void
  /** Hears whether the terminal's background is light, where it answers the question (OSC 11), at times of its own. */
  onBackground(listener: (isLight: boolean) => void): Disposable
  setTitle(title: string): void
  /** Writes a sequence that changes nothing on the screen: a notification, the bell. */
  notify(sequence: string): void
  /** Asks the terminal to keep a text as its clipboard's (OSC 52). Whether it does nobody is told. */
  setClipboard(text: string): void
  /** Gives the terminal away until `use` has ended, as to an editor; then the screen is as before. Failure `terminal`. */
  lend<T>(use: () => Promise<T>): Promise<T>
  /** Has the terminal guarded from now on: it is given back even if the program is killed. */
  setGuard(guard: Guard): void
  /** Gives the terminal back and stops the program, as Ctrl-Z does elsewhere; the screen comes back with `fg`. */
  suspend(): void
  /** Gives the terminal back for good. May be called twice. */
  dispose(): void
}

/** Takes the terminal over. Failure `terminal` where a full screen cannot be drawn on it. */
export function openScreen(options: ScreenOptions): Screen {
  checkTerminal(options.stdin, options.stdout, options.term)
  return new TerminalScreen(options)
}

class TerminalScreen implements Screen {
  private readonly terminal: Terminal
  private readonly attributes: Attributes
  private readonly diff: Diff
  private readonly cells: CellScreen
  /** Shown instead of all other panes where the terminal is too small for them. */
  private readonly notice: PaneElement
  private readonly decoder = new InputDecoder()
  private escapeMs: number
  private readonly process: EndingProcess | null
  private readonly handlers: EndingHandlers
  private readonly ending: Disposable | null
  private readonly listeners = new Map<string, Set<Listener<never>>>()
  private panes: PaneElement[] = []
  private state: 'open' | 'suspended' | 'lent' | 'closed' = 'open'
  private synchronized = false
  private escapeTimer: NodeJS.Timeout | undefined
  private readonly pace = new FramePace(() => this.draw())
  /** When the terminal was asked what it knows; long ago once it has answered. */
  private askedMs = -Infinity
  private onAnswered = () => {}
  private all = true
  private hearing = false

  constructor(options: ScreenOptions) {
    this.escapeMs = options.escapeMs
    this.process = options.process
    this.handlers = options
    this.attributes = new Attributes(options.theme, options.depth)
    this.diff = new Diff(this.attributes)
    this.terminal = new Terminal(options.stdin, options.stdout, options, {
      onBytes: (bytes) => this.hear(this.decoder.feed(bytes)),
      onResize: () => this.request(),
      onClosed: () => this.lose(),
      onLost: () => this.repaint(),
    })
    this.cells = new CellScreen(this.terminal.cols, this.terminal.rows, (lines, shown) => {
      const cursor = this.cursor()
      this.terminal.write(this.diff.frame(lines, shown, cursor, this.synchronized))
      if (cursor !== null) this.terminal.setCursor(cursor.shape)
    })
    this.notice = this.add({ left: 0, top: 0 }, (canvas) => paintSentence(canvas, tooSmall(this.cols, this.rows)))
    const isLent = () => this.state === 'lent'
    this.ending = this.process && onEnding(this.process, () => this.dispose(), options, isLent)
    this.process?.on('SIGTSTP', this.suspend)
    this.process?.on('SIGCONT', this.resume)
    this.enter()
    this.request()
  }

  get cols(): number {
    return this.terminal.cols
  }

  get rows(): number {
    return this.terminal.rows
  }

  pane(place: Place, paint: Paint): Pane {
    const element = this.add(place, paint)
    this.request()
    return {
      get rectangle(): Rectangle | null {
        return element.rectangle
      },
      request: () => {
        element.stale = true
        this.schedule()
      },
      dispose: () => {
        element.destroy()
        this.panes = this.panes.filter((pane) => pane !== element)
        this.cells.blank()
        this.request()
      },
    }
  }

  request(): void {
    this.all = true
    this.schedule()
  }

  draw(): void {
    this.pace.cancel()
    if (!this.pace.isAsked || this.state !== 'open') return
    if (!this.terminal.isFree) return this.pace.wait((callback) => this.terminal.whenFree(callback))
    this.pace.begin()
    if (this.terminal.cols !== this.cells.cols || this.terminal.rows !== this.cells.rows) this.resize()
    if (this.attributes.isFull) this.forgetLooks()
    if (this.all) this.layOut()
    this.all = false
    this.markOverlaid()
    this.cells.render()
  }

  onKey(listener: Listener<EventOf<'key'>>): Disposable {
    return this.listen('key', listener)
  }

  onMouse(listener: Listener<EventOf<'mouse'>>): Disposable {
    return this.listen('mouse', listener)
  }

  onPaste(listener: Listener<EventOf<'paste'>>): Disposable {
    return this.listen('paste', listener)
  }

  onFocus(listener: Listener<EventOf<'focus'>>): Disposable {
    return this.listen('focus', listener)
  }

  onResize(listener: () => void): Disposable {
    return this.listen('resize', listener)
  }

  setTheme(theme: Theme): void {
    this.attributes.use(theme)
    this.request()
  }

  setMouse(on: boolean): void {
    this.terminal.setMouse(on)
  }

  get mouse(): boolean {
    return this.terminal.mouseOn
  }

  setEscapeMs(ms: number): void {
    this.escapeMs = ms
  }

  onBackground(listener: (isLight: boolean) => void): Disposable {
    return this.listen('background', listener)
  }

  setTitle(title: string): void {
    this.terminal.setTitle(title)
  }

  notify(sequence: string): void {
    this.terminal.write(sequence)
  }

  setClipboard(text: string): void {
    this.terminal.setClipboard(text)
  }

  async lend<T>(use: () => Promise<T>): Promise<T> {
    if (this.state !== 'open') throw new Failure('terminal', 'The terminal is not ours to lend now: try again.')
    this.state = 'lent'
    this.pace.cancel()
    await this.untilAnswered()
    if (this.isClosed()) throw new Failure('terminal', 'The screen was closed meanwhile.')
    // Ctrl-Z over there stops us with it, in whatever way the signal always does.
    this.process?.off('SIGTSTP', this.suspend)
    this.terminal.leave()
    this.terminal.pause()
    try {
      return await use()
    } finally {
      this.takeBack()
    }
  }

  setGuard(guard: Guard): void {
    this.terminal.setGuard(guard)
  }

  readonly suspend = (): void => {
    if (this.state !== 'open' || this.process === null) return
    this.state = 'suspended'
    this.terminal.leave()
    // With our listener off, the signal does what it always does; the whole group stops, `npm` over us included.
    this.process.off('SIGTSTP', this.suspend)
    this.process.kill(0, 'SIGTSTP')
  }

  dispose(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.pace.cancel()
    clearTimeout(this.escapeTimer)
    this.terminal.dispose()
    this.cells.close()
    this.process?.off('SIGTSTP', this.suspend)
    this.process?.off('SIGCONT', this.resume)
    void this.ending?.dispose()
  }

  /** After a stop, ours or another's: the terminal may have any mode and any content. */
  private readonly resume = (): void => {
    if (this.state === 'closed' || this.state === 'lent') return
    if (this.state === 'suspended') this.process?.on('SIGTSTP', this.suspend)
    else this.terminal.leave()
    this.state = 'open'
    this.enter()
    this.repaint()
  }

  private isClosed(): boolean {
    return this.state === 'closed'
  }

  private enter(): void {
    this.terminal.enter()
    this.askedMs = steadyMs()
  }

  /** What the terminal has to say to the questions it was asked is not for whoever reads its keys next. */
  private async untilAnswered(): Promise<void> {
    const left = this.askedMs + ANSWER_MS - steadyMs()
    if (left <= 0) return
    await new Promise<void>((resolve) => {
      this.onAnswered = resolve
      setTimeout(resolve, left)
    })
  }

  private takeBack(): void {
    if (this.state !== 'lent') return
    this.process?.on('SIGTSTP', this.suspend)
    this.state = 'open'
    this.enter()
    this.repaint()
  }

  private add(place: Place, paint: Paint): PaneElement {
    const element = new PaneElement(this.cells, this.attributes, place, paint)
    this.cells.append(element)
    this.panes.push(element)
    return element
  }

  repaint(): void {
    this.diff.forget()
    this.cells.forget()
    this.request()
  }

  /** The terminal went away: as far as the program is concerned, it was hung up on. */
  private lose(): void {
    const handlers = this.handlers
    const process = this.process
    if (this.state === 'closed') return
    this.dispose()
    if (handlers.onSignal) handlers.onSignal('SIGHUP')
    else process?.kill(process.pid, 'SIGHUP')
  }

  private schedule(): void {
    if (this.state === 'open') this.pace.ask(this.hearing)
    else this.pace.note()
  }

  private resize(): void {
    this.cells.resize(this.terminal.cols, this.terminal.rows)
    this.diff.forget()
    this.cells.forget()
    this.all = true
    this.tell('resize', undefined)
  }

  /** Every cell is painted and written anew. */
  private forgetLooks(): void {
    this.attributes.forget()
    this.diff.forget()
    this.cells.forget()
    this.cells.blank()
    this.all = true
  }

  private layOut(): void {
    const small = isTooSmall(this.cols, this.rows)
    // Every pane is asked, also where an earlier one has moved already.
    const moved = this.panes.map((pane) => pane.layOut(small === (pane === this.notice)))
    if (moved.includes(true)) this.cells.blank()
    for (const pane of this.panes) pane.stale = true
  }

  /** Panes over one that is painted anew have to be painted over it again. */
  private markOverlaid(): void {
    for (const [index, pane] of this.panes.entries()) {
      if (!pane.stale || pane.rectangle === null) continue
      for (const over of this.panes.slice(index + 1)) {
        if (over.rectangle !== null && overlaps(pane.rectangle, over.rectangle)) over.stale = true
      }
    }
  }

  private cursor(): Cursor | null {
    return this.panes.findLast((pane) => pane.rectangle !== null && pane.cursor !== null)?.cursor ?? null
  }

  private hear(events: InputEvent[]): void {
    this.hearing = true
    for (const event of events) {
      if (event.type === 'reply') this.hearReply(event.text)
      else this.tell(event.type, event)
    }
    this.hearing = false
    clearTimeout(this.escapeTimer)
    if (this.decoder.isWaiting) this.escapeTimer = setTimeout(() => this.hear(this.decoder.flush()), this.escapeMs)
  }

  private hearReply(text: string): void {
    // DECRPM for mode 2026: 1 set, 2 reset; 0 unknown, 4 for ever off.
    const state = /^\[\?2026;([0-4])\$y$/.exec(text)?.[1]
    if (state !== undefined) {
      this.synchronized = state === '1' || state === '2'
      this.askedMs = -Infinity
      this.onAnswered()
    }
    this.terminal.hearReply(text)
    const light = isLight(text)
    if (light !== undefined) this.tell('background', light)
  }

  private listen(type: string, listener: Listener<never>): Disposable {
    const listeners = this.listeners.get(type) ?? new Set()
    this.listeners.set(type, listeners.add(listener))
    return { dispose: () => void listeners.delete(listener) }
  }

  private tell(type: string, event: unknown): void {
    for (const listener of this.listeners.get(type) ?? []) (listener as Listener<unknown>)(event)
  }
}

function paintSentence(canvas: Canvas, sentence: string): void {
  let [x, y] = [0, 0]
  for (const word of `${sentence}.`.split(' ')) {
    if (x > 0 && x + word.length > canvas.width) [x, y] = [0, y + 1]
    x = canvas.text(x, y, word, 'normal') + 1
  }
}
