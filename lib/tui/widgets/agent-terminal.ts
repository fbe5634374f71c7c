import type { Action } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { KeyboardHolder } from '../../core/events.ts'
import type { Canvas } from '../canvas.ts'
import type { Emulator } from '../emulator/emulator.ts'
import { encodeKey, encodeMouse, encodePaste } from '../emulator/encode.ts'
import { TerminalSelection, type Cell } from '../emulator/selection.ts'
import { windowOf, type Piece } from '../emulator/window.ts'
import type { KeyEvent } from '../events.ts'
import { wrap } from '../format/wrap.ts'
import { Pointer } from '../pointer.ts'
import type { State } from '../state.ts'
import { half, wheelRows, type View, type ViewLook, type ViewMouse } from '../view.ts'
import { shortKey } from './hints.ts'

/** Commands of the agent's see at least so many columns and rows: what they print is for the model too. */
const least = { cols: 80, rows: 24 }

export interface TerminalWishes {
  input(bytes: string): void
  resize(size: { cols: number; rows: number }): void
  keyboard(holder: KeyboardHolder): void
  copy(text: string): void
  /** Something came that changes what is shown. */
  changed(): void
}

/** The shell of the sandbox as it is, which the agent's commands run in, and which the person may type into. */
export class AgentTerminal implements View {
  readonly name = 'terminal'
  readonly title = 'Terminal'
  readonly contexts = ['terminal'] as const
  private readonly keymap: Keymap
  private readonly wishes: TerminalWishes
  private emulator: Emulator | undefined
  private opening: Promise<void> | undefined
  private state: State | undefined
  /** How much of the terminal's text the emulator was given. */
  private taken = 0
  /** What is being taken in is old: nobody waits for answers to its questions. */
  private replaying = 0
  private asked = { cols: 0, rows: 0 }
  private shown: readonly Piece[] = []
  private back = 0
  private margin = 1
  private page = 1
  private readonly selection = new TerminalSelection(() => this.emulator)
  private readonly pointer: Pointer<Cell>
  private focused = false
  /** The beginning of the keys that give the keyboard back. */
  private held: KeyEvent[] = []

  constructor(keymap: Keymap, wishes: TerminalWishes) {
    this.keymap = keymap
    this.wishes = wishes
    this.pointer = new Pointer(this.selection, {
      rows: () => this.shown.length,
      at: (x, y) => this.cellAt({ x, y }),
      scroll: (by) => this.scroll(-by),
      selected: () => this.wishes.copy(this.selection.text()),
      changed: wishes.changed,
    })
  }

  seen(on: boolean): void {
    if (!on) this.pointer.dispose()
  }

  note({ keyboard }: State): string {
    if (keyboard.waiting !== undefined) return '?'
    return keyboard.holder === 'person' ? 'yours' : ''
  }

  hints({ keyboard }: State): [Action, string][] {
    if (keyboard.holder === 'person') return [['keyboard.take', 'give the keyboard back']]
    return [['keyboard.take', 'take the keyboard'], ['terminal.page-up', 'scroll'], ['pane.hide', 'close']] // prettier-ignore
  }

  paint(canvas: Canvas, state: State, { focused }: ViewLook): void {
    this.state = state
    this.focused = focused
    if (state.terminal.end === 0 && state.keyboard.holder === 'agent') return this.paintEmpty(canvas, state)
    // A column of air, but where just that would fold every full line.
    this.margin = canvas.width >= least.cols && canvas.width < least.cols + 2 ? 0 : 1
    const width = Math.max(1, canvas.width - 2 * this.margin)
    const own = this.isPersons
    const size = own
      ? { cols: width, rows: canvas.height }
      : { cols: Math.max(least.cols, width), rows: Math.max(least.rows, canvas.height) }
    if (size.cols !== this.asked.cols || size.rows !== this.asked.rows) {
      this.asked = size
      this.pointer.dispose()
      this.wishes.resize(size)
    }
    const { emulator } = this
    if (emulator === undefined) return this.open()
    emulator.resize(size.cols, size.rows)
    this.take(emulator, state)
    this.page = Math.max(1, canvas.height - 1)
    this.shown = windowOf(emulator, width, canvas.height, this.back, own)
    for (const [y, piece] of this.shown.entries()) this.paintPiece(canvas, y, piece, emulator)
    this.paintCursor(canvas, emulator)
    if (this.back > 0) canvas.text(Math.max(1, canvas.width - 12), canvas.height - 1, '↓ more below', 'accent')
  }

  act(action: Action): boolean {
    const run = this.acts[action]
    run?.()
    return run !== undefined
  }

  /** While the person has the keyboard every key is the terminal's, but those that give it back. */
  get grabs(): boolean {
    return this.isPersons
  }

  key(event: KeyEvent): boolean {
    if (!this.isPersons) return false
    const all = [...this.held, event]
    const pressed = all.map(({ key }) => key).join(' ')
    // Those of the terminal's own context take it; what is bound everywhere gives it back too.
    const ends = this.keymap.bindings('global').flatMap(([keys, action]) => (action === 'keyboard.take' ? [keys] : []))
    const begins = ends.some((keys) => keys.startsWith(`${pressed} `))
    this.held = begins ? all : []
    if (begins || ends.includes(pressed)) return false
    const application = this.emulator?.modes.application ?? false
    for (const one of all) this.type(encodeKey(one, application))
    return true
  }

  paste(text: string): boolean {
    if (!this.isPersons) return false
    this.type(encodePaste(text, this.emulator?.modes.bracketed ?? false))
    return true
  }

  mouse(event: ViewMouse): void {
    const { emulator } = this
    if (emulator === undefined) return
    const { mouse, application } = emulator.modes
    const cell = this.cellAt(event)
    if (this.isPersons && mouse.tracking !== 'none' && !event.shift && this.back === 0) {
      this.wishes.input(encodeMouse(event, cell.x, Math.max(0, cell.row - emulator.top), mouse))
    } else if (event.action === 'wheel') {
      const by = event.button === 'up' ? wheelRows : -wheelRows
      // A program with a screen of its own scrolls by its own keys (xterm's alternateScroll).
      if (!emulator.alternate) this.scroll(by)
      else if (this.isPersons) this.type(encodeKey({ type: 'key', key: event.button }, application).repeat(wheelRows))
    } else this.pointer.mouse(event)
  }

  private get isPersons(): boolean {
    return this.state?.keyboard.holder === 'person'
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'keyboard.take': () => this.wishes.keyboard(this.isPersons ? 'agent' : 'person'),
    'terminal.up': () => this.scroll(1),
    'terminal.down': () => this.scroll(-1),
    'terminal.page-up': () => this.scroll(this.page),
    'terminal.page-down': () => this.scroll(-this.page),
    'terminal.half-page-up': () => this.scroll(half(this.page)),
    'terminal.half-page-down': () => this.scroll(-half(this.page)),
    'terminal.top': () => this.scroll(Infinity),
    'terminal.bottom': () => this.scroll(-Infinity),
  }

  private type(bytes: string): void {
    if (bytes === '') return
    this.back = 0
    this.pointer.dispose()
    this.wishes.input(bytes)
  }

  private scroll(by: number): void {
    const { emulator } = this
    if (emulator === undefined || emulator.alternate) return
    const width = this.shown[0] === undefined ? 1 : Math.max(1, this.shown[0].to - this.shown[0].from)
    const all = windowOf(emulator, width, Number.MAX_SAFE_INTEGER, 0, this.isPersons).length
    this.back = Math.max(0, Math.min(this.back + by, all - this.page - 1))
  }

  /** The terminal's cell under the mouse, or the nearest. */
  private cellAt({ x, y }: { x: number; y: number }): Cell {
    const piece = this.shown[Math.max(0, Math.min(y, this.shown.length - 1))] ?? { row: 0, from: 0, to: 1 }
    return { row: piece.row, x: Math.max(piece.from, Math.min(piece.from + x - this.margin, piece.to - 1)) }
  }

  private open(): void {
    this.opening ??= import('../emulator/emulator.ts').then(async (module) => {
      const answer = (bytes: string) => {
        if (this.isPersons && this.focused && this.replaying === 0) this.wishes.input(bytes)
      }
      this.emulator = await module.Emulator.open(this.asked.cols, this.asked.rows, answer)
      this.wishes.changed()
    })
  }

  /** Gives the emulator what is new; where something was left out, it begins anew. */
  private take(emulator: Emulator, { terminal: { text, end } }: State): void {
    if (end === this.taken) return
    const start = end - text.length
    const old = this.taken < start || this.taken === 0
    const from = Math.max(this.taken, start)
    const fresh = this.taken < start ? `\x1bc${text.slice(text.indexOf('\n') + 1)}` : text.slice(from - start)
    this.taken = end
    const [above, rows] = [emulator.top, this.back]
    if (old) this.replaying += 1
    emulator.write(fresh, () => {
      if (old) this.replaying -= 1
      // What the person reads stays where it is.
      if (rows > 0 && this.back > 0) this.back += Math.max(0, emulator.top - above)
      this.wishes.changed()
    })
  }

  private paintPiece(canvas: Canvas, y: number, piece: Piece, emulator: Emulator): void {
    for (const { x, text, style, width } of emulator.runs(piece.row, piece.from, piece.to))
      canvas.text(this.margin + x - piece.from, y, text, style, width)
    const marked = this.selection.columnsOf(piece)
    if (marked === undefined) return
    for (const { x, text, width } of emulator.runs(piece.row, marked.from, marked.to))
      canvas.text(this.margin + x - piece.from, y, text, 'selection', width)
  }

  /** The terminal's own cursor where the person types; else a cell that stands out. */
  private paintCursor(canvas: Canvas, emulator: Emulator): void {
    const { x, row, shown } = emulator.cursor
    const y = this.shown.findIndex((piece) => piece.row === row && x >= piece.from && x < piece.to)
    if (y < 0 || !shown) return
    const column = this.margin + x - this.shown[y]!.from
    if (this.isPersons && this.focused) canvas.cursor(column, y)
    else canvas.text(column, y, emulator.text(row, x, x + 1) || ' ', 'selection', 1)
  }

  private paintEmpty(canvas: Canvas, state: State): void {
    const [key] = this.keymap.keysFor('keyboard.take')
    const yours = key === undefined ? '' : ` ${shortKey(key)} gives you its keyboard.`
    const said =
      state.sandbox?.state === 'ready'
        ? `What the agent runs in its shell is shown here, live.${yours}`
        : "The agent's terminal is shown here once the sandbox stands."
    for (const [y, row] of wrap([{ text: said, tone: 'dim' }], canvas.width - 2).entries())
      canvas.text(1, y, row.map((span) => span.text).join(''), 'dim')
  }
}
