import type { Line } from 'neo-blessed/lib/widgets/screen.js'
import type { Attributes } from './attributes.ts'
import { columnsOf, isUncertain } from './width.ts'

/** A cell of the screen, counted from 0. */
export interface Point {
  x: number
  y: number
}

/** From this many blanks on, erasing is shorter than writing spaces and coming back. */
const ERASE_FROM = 9
/** As many bytes as it takes to step over a gap. */
const BRIDGE = 4
/** Cells that some terminals paint over beyond the width we give a grapheme (a joined emoji as its parts). */
const OVERHANG = 10

/**
 * Writes the difference between the cells as they should be and as the terminal has them, in as few bytes as is simple:
 * it knows where the terminal's cursor stands and which attribute is set, and never clears what stays.
 */
export class Diff {
  private readonly attributes: Attributes
  /** What is to be written, in pieces: a string that grows by a character leaves a piece of garbage for each. */
  private readonly out: string[] = []
  private pieces = 0
  private x = -1
  private y = -1
  private attribute: number | null = null
  private cursorShown = true
  private runs = 0

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  /** Nothing is known any more of the terminal's cursor and attribute. */
  forget(): void {
    this.x = -1
    this.attribute = null
    this.cursorShown = true
  }

  /**
   * The bytes that bring the terminal from `shown` to `lines` and its cursor to `cursor` (null hides it); `shown` is
   * brought along. With `synchronized` (DEC mode 2026) a larger frame is marked as one.
   */
  frame(lines: Line[], shown: Line[], cursor: Point | null, synchronized: boolean): string {
    this.pieces = 0
    this.runs = 0
    const wasShown = this.cursorShown
    for (let y = 0; y < lines.length; y++) {
      const line = lines[y]!
      if (!line.dirty) continue
      line.dirty = false
      this.row(y, line, shown[y]!)
    }
    const large = this.runs > 1
    // Without synchronization the cursor would be seen hopping from place to place.
    const hide = wasShown && ((large && !synchronized) || cursor === null)
    if (cursor !== null) {
      this.moveTo(cursor.x, cursor.y)
      if (!wasShown || hide) this.add('\x1b[?25h')
    }
    this.cursorShown = cursor !== null
    const body = (hide ? '\x1b[?25l' : '') + this.out.slice(0, this.pieces).join('')
    return large && synchronized ? `\x1b[?2026h${body}\x1b[?2026l` : body
  }

  private add(text: string): void {
    this.out[this.pieces++] = text
  }

  private row(y: number, line: Line, shown: Line): void {
    mendWide(line)
    const width = line.length
    let x = 0
    while (x < width) {
      const cell = line[x]!
      const wide = x + 1 < width && line[x + 1]![1] === ''
      if (isSame(cell, shown[x]!) && !(wide && !isSame(line[x + 1]!, shown[x + 1]!))) {
        x++
        continue
      }
      const blanks = cell[1] === ' ' && this.attributes.isErased(cell[0]) ? this.blanksFrom(line, shown, x) : 0
      this.bridge(x, y, line)
      if (blanks >= ERASE_FROM) this.erase(x, y, blanks, cell[0], width)
      else this.write(x, y, cell, shown, wide ? 2 : 1)
      const end = x + (blanks >= ERASE_FROM ? blanks : wide ? 2 : 1)
      for (; x < end; x++) {
        shown[x]![0] = line[x]![0]
        shown[x]![1] = line[x]![1]
      }
    }
  }

  /** Over a short gap that looks as what was written last, writing it again is shorter than stepping over it. */
  private bridge(x: number, y: number, line: Line): void {
    if (this.y !== y || this.x < 0 || this.x >= x || x - this.x > BRIDGE) return
    for (let at = this.x; at < x; at++) if (line[at]![0] !== this.attribute || !/^[ -~]$/.test(line[at]![1])) return
    while (this.x < x) this.add(line[this.x++]![1])
  }

  /** How far equal blanks go from here, up to the last that the terminal does not have yet. */
  private blanksFrom(line: Line, shown: Line, x: number): number {
    const attribute = line[x]![0]
    let changed = x
    for (let at = x; at < line.length && line[at]![1] === ' ' && line[at]![0] === attribute; at++) {
      if (!isSame(line[at]!, shown[at]!)) changed = at
    }
    return changed + 1 - x
  }

  private erase(x: number, y: number, count: number, attribute: number, width: number): void {
    this.moveTo(x, y)
    this.use(attribute, true)
    this.add(x + count === width ? '\x1b[K' : `\x1b[${count}X`)
  }

  private write(x: number, y: number, cell: readonly [number, string], shown: Line, columns: number): void {
    const [attribute, character] = cell
    this.moveTo(x, y)
    this.use(attribute, character === ' ')
    if (isUncertain(character)) {
      // Blanks first, in case the terminal takes fewer columns; what follows is written anew, in case it takes more. Back by
      // the number of the column: at the right edge the cursor waits to wrap, one column less behind than it has gone.
      this.add(`${' '.repeat(columns)}\x1b[${x + 1}G${character}`)
      for (let at = x + columns; at < Math.min(shown.length, x + OVERHANG); at++) shown[at]![1] = '\0'
      this.x = -1
      return
    }
    this.add(character)
    // At the right edge the cursor stays or waits to wrap, as the terminal likes.
    this.x = x + columns < shown.length ? x + columns : -1
  }

  private use(attribute: number, blank: boolean): void {
    if (this.attribute === attribute) return
    // Blanks do not show the foreground: any attribute with the same ground will do.
    if (blank && this.attribute !== null && this.attributes.blank(this.attribute) === this.attributes.blank(attribute))
      return
    this.add(this.attributes.change(this.attribute, attribute))
    this.attribute = attribute
  }

  private moveTo(x: number, y: number): void {
    if (this.x === x && this.y === y) return
    this.runs++
    const ahead = x - this.x
    if (this.x < 0 || this.y !== y) this.add(x === 0 ? `\x1b[${y + 1}H` : `\x1b[${y + 1};${x + 1}H`)
    else if (x === 0) this.add('\r')
    else if (ahead > 0) this.add(ahead === 1 ? '\x1b[C' : `\x1b[${ahead}C`)
    else this.add(ahead === -1 ? '\b' : `\x1b[${-ahead}D`)
    this.x = x
    this.y = y
  }
}

function isSame(a: readonly [number, string], b: readonly [number, string]): boolean {
  return a[0] === b[0] && a[1] === b[1]
}

/** A wide character takes its own cell and an empty one; where something was drawn over a half, a blank is left. */
function mendWide(line: Line): void {
  for (let x = 0; x < line.length; x++) {
    const character = line[x]![1]
    if (character === '') line[x]![1] = ' '
    else if (character.length > 1 || character.charCodeAt(0) >= 0x1100) {
      if (columnsOf(character) !== 2) continue
      if (x + 1 < line.length && line[x + 1]![1] === '') x++
      else line[x]![1] = ' '
    }
  }
}
