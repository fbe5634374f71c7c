import { EventEmitter } from 'node:events'
import BlessedScreen, { type Line } from 'neo-blessed/lib/widgets/screen.js'

/**
 * blessed as layout and cell buffer, and nothing else. Its screen gets this stand-in for a terminal program: no
 * terminfo is read, no byte is written or read by blessed, and none of its process-wide hooks is installed.
 */
class QuietProgram extends EventEmitter {
  cols: number
  rows: number
  readonly options = {}
  readonly tput = { unicode: true, colors: 256, strings: {}, bools: {}, numbers: { U8: 1 } }

  constructor(cols: number, rows: number) {
    super()
    this.cols = cols
    this.rows = rows
  }

  setupTput(): void {}
  clear(): void {}
}

/** The attribute of blessed's own empty cells: the terminal's colours, no flags. */
export const DEFAULT_ATTRIBUTE = 0x3ffff

/** The tree of elements and the two cell buffers. `draw` is called once in each render, to bring the terminal along. */
export class CellScreen extends BlessedScreen {
  private readonly quiet: QuietProgram
  private readonly drawCells: (lines: Line[], shown: Line[]) => void

  constructor(cols: number, rows: number, drawCells: (lines: Line[], shown: Line[]) => void) {
    // Told that its hooks on exit, signals and exceptions are in place, blessed installs none.
    Object.assign(BlessedScreen, { _bound: true })
    const program = new QuietProgram(cols, rows)
    super({ program })
    this.quiet = program
    this.drawCells = drawCells
  }

  /** New empty buffers of another size. */
  resize(cols: number, rows: number): void {
    this.quiet.cols = cols
    this.quiet.rows = rows
    this.alloc(true)
  }

  /** Empties the buffer of what should be on the screen; the terminal keeps what it has until the next draw. */
  blank(): void {
    for (const line of this.lines) {
      line.dirty = true
      for (const cell of line) {
        cell[0] = DEFAULT_ATTRIBUTE
        cell[1] = ' '
      }
    }
  }

  /** Says that nothing is known of what the terminal shows: the next draw writes every cell. */
  forget(): void {
    for (const line of this.lines) line.dirty = true
    for (const line of this.olines) for (const cell of line) cell[1] = '\0'
  }

  override draw(): void {
    this.drawCells(this.lines, this.olines)
  }

  override enter(): void {
    this.alloc(true)
  }

  override leave(): void {}

  /** Takes this screen out of blessed's own list of screens. */
  close(): void {
    this.destroyed = true
    const index = BlessedScreen.instances.indexOf(this)
    if (index < 0) return
    BlessedScreen.instances.splice(index, 1)
    BlessedScreen.total = BlessedScreen.instances.length
    BlessedScreen.global = BlessedScreen.instances[0] ?? null
  }
}
