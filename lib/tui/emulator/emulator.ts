import type { IBufferCell, Terminal } from '@xterm/headless'
import type { Colour } from '../../config/theme.ts'
import type { CellStyle } from '../canvas.ts'
import { columnsOf } from '../width.ts'

/** Rows above the screen that can be scrolled back to. */
const scrollback = 3000
/** Looks that are remembered; a program may paint in 16 million colours. */
const stylesKept = 4096

/** Neighbouring cells that look the same; `x` is the first one's column. */
export interface Run {
  x: number
  text: string
  style: CellStyle
  width: number
}

/** How programs want to hear of the mouse. */
export interface MouseWish {
  tracking: 'none' | 'x10' | 'vt200' | 'drag' | 'any'
  /** In the coding that knows no largest column. */
  sgr: boolean
}

/**
 * The screen of a terminal, kept by xterm.js: what programs write, however hostile, becomes cells and modes here, and nothing
 * else. Rows are counted from the first that is kept.
 */
export class Emulator {
  private readonly terminal: Terminal
  private readonly cell: IBufferCell
  private readonly styles = new Map<string, CellStyle>()
  private sgr = false
  private hidden = false

  /** `answer` hears what the terminal says to a program's question, as where the cursor is. */
  static async open(cols: number, rows: number, answer: (bytes: string) => void): Promise<Emulator> {
    const module = await import('@xterm/headless')
    // Its one file of CommonJS reads differently under each loader.
    const { Terminal: Made } = (module as unknown as { default?: typeof module }).default ?? module
    const options = { cols, rows, scrollback, allowProposedApi: true, logLevel: 'off' as const }
    return new Emulator(new Made(options), answer)
  }

  private constructor(terminal: Terminal, answer: (bytes: string) => void) {
    this.terminal = terminal
    this.cell = terminal.buffer.active.getNullCell()
    terminal.unicode.register(widths)
    terminal.unicode.activeVersion = widths.version
    terminal.onData(answer)
    const { parser } = terminal
    for (const final of ['h', 'l'])
      parser.registerCsiHandler({ prefix: '?', final }, (modes) => this.hearModes(modes, final === 'h'))
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, () => this.hearModes([25], true))
    parser.registerEscHandler({ final: 'c' }, () => (this.hearModes([25], true), this.hearModes([1006], false)))
  }

  get cols(): number {
    return this.terminal.cols
  }

  get rows(): number {
    return this.terminal.rows
  }

  /** Takes in what a program wrote; `done` is called once it is on the screen. */
  write(text: string, done: () => void): void {
    this.terminal.write(text, done)
  }

  resize(cols: number, rows: number): void {
    if (cols !== this.cols || rows !== this.rows) this.terminal.resize(cols, rows)
  }

  dispose(): void {
    this.terminal.dispose()
  }

  /** The first row of the screen. */
  get top(): number {
    return this.terminal.buffer.active.baseY
  }

  /** A program such as an editor has a screen of its own, which nothing is above of. */
  get alternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate'
  }

  get cursor(): { x: number; row: number; shown: boolean } {
    const { cursorX, cursorY, baseY } = this.terminal.buffer.active
    return { x: Math.min(cursorX, this.cols - 1), row: baseY + cursorY, shown: !this.hidden }
  }

  /** What cursor keys and pastes have to look like. */
  get modes(): { application: boolean; bracketed: boolean; mouse: MouseWish } {
    const { applicationCursorKeysMode, bracketedPasteMode, mouseTrackingMode } = this.terminal.modes
    const mouse = { tracking: mouseTrackingMode, sgr: this.sgr }
    return { application: applicationCursorKeysMode, bracketed: bracketedPasteMode, mouse }
  }

  /** Whether a row goes on with the line of the one before. */
  continues(row: number): boolean {
    return this.terminal.buffer.active.getLine(row)?.isWrapped === true
  }

  /** The column after the last that is not blank. */
  lengthOf(row: number): number {
    const line = this.terminal.buffer.active.getLine(row)
    if (line === undefined) return 0
    for (let x = Math.min(line.length, this.cols) - 1; x >= 0; x -= 1) {
      const cell = line.getCell(x, this.cell)!
      if (cell.getChars().trim() !== '' || !cell.isBgDefault() || cell.isInverse())
        return x + Math.max(1, cell.getWidth())
    }
    return 0
  }

  /** The text of some columns, blanks at its end included. */
  text(row: number, from: number, to: number): string {
    return this.terminal.buffer.active.getLine(row)?.translateToString(false, from, to) ?? ''
  }

  /** Some columns of a row as they look. A wide character, and what is no plain letter, is a run of its own. */
  runs(row: number, from: number, to: number): Run[] {
    const line = this.terminal.buffer.active.getLine(row)
    const runs: Run[] = []
    if (line === undefined) return runs
    let open: Run | undefined
    for (let x = from; x < Math.min(to, line.length); x += 1) {
      const cell = line.getCell(x, this.cell)!
      const width = cell.getWidth()
      if (width === 0) continue
      const style = this.styleOf(cell)
      const text = cell.isInvisible() ? ' '.repeat(width) : cell.getChars() || ' '
      const plain = width === 1 && text.length === 1 && text >= ' ' && text <= '~'
      if (plain && open !== undefined && open.style === style) {
        open.text += text
        open.width += 1
        continue
      }
      const run: Run = { x, text, style, width }
      runs.push(run)
      open = plain ? run : undefined
    }
    return runs
  }

  private styleOf(cell: IBufferCell): CellStyle {
    const fg = colourOf(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor())
    const bg = colourOf(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor())
    const flags =
      (cell.isBold() ? 1 : 0) +
      (cell.isUnderline() ? 2 : 0) +
      (cell.isInverse() ? 4 : 0) +
      (cell.isDim() ? 8 : 0) +
      (cell.isItalic() ? 16 : 0) +
      (cell.isStrikethrough() ? 32 : 0)
    const key = `${flags} ${fg} ${bg}`
    let style = this.styles.get(key)
    if (style !== undefined) return style
    const is = (flag: number) => (flags & flag) !== 0
    const looks = { bold: is(1), underline: is(2), inverse: is(4), dim: is(8), italic: is(16), strike: is(32) }
    style = { fg, bg, ...looks }
    if (this.styles.size >= stylesKept) this.styles.clear()
    this.styles.set(key, style)
    return style
  }

  /** Modes that xterm.js keeps to itself (DECTCEM, the mouse's coding). Gives false: it hears of them too. */
  private hearModes(modes: readonly (number | number[])[], on: boolean): boolean {
    if (modes.includes(25)) this.hidden = !on
    if (modes.includes(1006)) this.sgr = on
    return false
  }
}

function colourOf(rgb: boolean, palette: boolean, value: number): Colour {
  if (rgb) return `#${value.toString(16).padStart(6, '0')}`
  return palette ? value : null
}

/** Widths as this program draws, and as the C library counts, by character; the coding is xterm.js's own. */
const widths = {
  version: 'drydock',
  wcwidth: (code: number): 0 | 1 | 2 => columnsOf(String.fromCodePoint(code)) as 0 | 1 | 2,
  charProperties(code: number, before: number): number {
    let width: number = widths.wcwidth(code)
    let joins = width === 0 && before !== 0
    const widthBefore = (before >> 1) & 3
    if (joins && widthBefore === 0) joins = false
    else if (joins && widthBefore > width) width = widthBefore
    return (width << 1) | (joins ? 1 : 0)
  },
}
