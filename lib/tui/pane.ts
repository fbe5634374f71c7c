import Element from 'neo-blessed/lib/widgets/element.js'
import type { Line } from 'neo-blessed/lib/widgets/screen.js'
import type { Tone } from '../config/theme.ts'
import type { Disposable } from '../core/dispose.ts'
import type { Attributes } from './attributes.ts'
import type { CellScreen } from './blessed.ts'
import type { Canvas, CellStyle, Paint } from './canvas.ts'
import type { CursorShape } from './cursor-shape.ts'
import type { Point } from './diff.ts'
import { harmless } from './harmless.ts'
import { columns, columnsOf, cut, graphemes, isSimple } from './width.ts'

/** Where the terminal's cursor is to stand, and in which shape; undefined: its own. */
export type Cursor = Point & { shape: CursorShape | undefined }

/** A part of the screen, in cells counted from 0 at its upper left. */
export interface Rectangle {
  left: number
  top: number
  width: number
  height: number
}

/** A position as blessed has it: numbers, percentages (`'50%-3'`), `'center'`; what is absent stretches. */
export interface Position {
  left?: number | string
  right?: number
  top?: number | string
  bottom?: number
  width?: number | string
  height?: number | string
}

/** Where a pane lies: a position, or a function that gives its rectangle for each frame (null: not shown). */
export type Place = Position | (() => Rectangle | null)

/** A place on the screen with somebody who paints it. Later panes lie over earlier ones. */
export interface Pane extends Disposable {
  /** Where it lay in the last frame; null where it was not shown. */
  readonly rectangle: Rectangle | null
  /** Asks that this pane be painted anew; the others keep what they have. */
  request(): void
}

/** A pane as an element of blessed's tree: blessed lays it out, the painter writes its cells. */
export class PaneElement extends Element {
  /** Where the painter put the terminal's cursor, on the screen. */
  cursor: Cursor | null = null
  /** The painter has to be called for the next frame. */
  stale = true
  private readonly cells: CellScreen
  private readonly attributes: Attributes
  private readonly place: Place
  private readonly paint: Paint
  private laid: Rectangle | null = null

  constructor(cells: CellScreen, attributes: Attributes, place: Place, paint: Paint) {
    super({ screen: cells, position: typeof place === 'function' ? {} : place })
    this.cells = cells
    this.attributes = attributes
    this.place = place
    this.paint = paint
  }

  get rectangle(): Rectangle | null {
    return this.laid
  }

  /** Finds out where the pane lies now, if it is shown. True where that is not where it lay. */
  layOut(shown: boolean): boolean {
    const before = this.laid
    this.laid = shown ? this.rectangleNow() : null
    return !isSame(before, this.laid)
  }

  private rectangleNow(): Rectangle | null {
    if (typeof this.place === 'function') {
      const place = this.place()
      if (place === null) return null
      this.position = place
    }
    const { aleft: left, atop: top, width, height } = this
    return width > 0 && height > 0 ? { left, top, width, height } : null
  }

  /** Called by blessed for each frame. */
  override render(): undefined {
    if (!this.stale) return
    this.stale = false
    this.cursor = null
    if (this.laid === null) return
    const canvas = new CellCanvas(this.cells.lines, this.attributes, this.laid)
    canvas.fill(0, 0, this.laid.width, this.laid.height, 'normal')
    this.paint(canvas)
    this.cursor = canvas.cursorAt
  }

  /** There is no content of blessed's kind to parse. */
  override parseContent(): boolean {
    return false
  }
}

function isSame(a: Rectangle | null, b: Rectangle | null): boolean {
  if (a === null || b === null) return a === b
  return a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height
}

/** True where two rectangles share a cell. */
export function overlaps(a: Rectangle, b: Rectangle): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height
}

/** Writes into the cells of a rectangle of the screen. */
class CellCanvas implements Canvas {
  readonly width: number
  readonly height: number
  cursorAt: Cursor | null = null
  private readonly lines: Line[]
  private readonly attributes: Attributes
  private readonly left: number
  private readonly top: number

  constructor(lines: Line[], attributes: Attributes, place: Rectangle) {
    this.lines = lines
    this.attributes = attributes
    this.left = place.left
    this.top = place.top
    this.width = place.width
    this.height = place.height
  }

  text(x: number, y: number, text: string, tone: Tone | CellStyle, max?: number, ground?: Tone, href?: string): number {
    const room = Math.min(max ?? Infinity, this.width - x)
    if (room <= 0 || text === '') return x
    const fitting = max === undefined ? harmless(text.slice(0, (room + 1) * 32)) : cut(text, room)
    const line = this.line(y)
    if (line === null) return x + Math.min(room, columns(fitting))
    const plain = this.attributeOf(tone, ground)
    const attribute = href === undefined ? plain : this.attributes.linked(plain, href)
    const simple = isSimple(fitting)
    let column = x
    for (const grapheme of simple ? fitting : graphemes(fitting)) {
      const taken = simple ? 1 : columnsOf(grapheme)
      if (column + taken > x + room) break
      this.put(line, column, grapheme, taken, attribute)
      column += taken
    }
    return column
  }

  fill(x: number, y: number, width: number, height: number, tone: Tone, character = ' '): void {
    const safe = columns(character) === 1 ? harmless(character) : ' '
    const attribute = safe === ' ' ? this.attributes.blank(this.attributes.of(tone)) : this.attributes.of(tone)
    const begin = Math.max(0, this.left + Math.max(0, x))
    const end = this.left + Math.min(this.width, x + width)
    for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row++) {
      const line = this.line(row)
      if (line === null) continue
      for (let column = begin; column < Math.min(end, line.length); column++) {
        const cell = line[column]!
        cell[0] = attribute
        cell[1] = safe
      }
    }
  }

  cursor(x: number, y: number, shape?: CursorShape): void {
    const inside = x >= 0 && y >= 0 && x < this.width && y < this.height
    this.cursorAt =
      inside && this.cell(this.line(y), x) !== undefined ? { x: this.left + x, y: this.top + y, shape } : null
  }

  private put(line: Line, x: number, grapheme: string, taken: number, attribute: number): void {
    if (x < 0) return
    const cell = this.cell(line, x)
    if (cell === undefined) return
    cell[0] = grapheme === ' ' ? this.attributes.blank(attribute) : attribute
    cell[1] = grapheme
    if (taken < 2) return
    const second = this.cell(line, x + 1)
    if (second === undefined) return
    second[0] = attribute
    second[1] = ''
  }

  private attributeOf(tone: Tone | CellStyle, ground: Tone | undefined): number {
    if (typeof tone !== 'string') return this.attributes.styled(tone)
    return ground === undefined ? this.attributes.of(tone) : this.attributes.on(tone, ground)
  }

  private line(y: number): Line | null {
    if (y < 0 || y >= this.height) return null
    const line = this.lines[this.top + y]
    if (line === undefined) return null
    line.dirty = true
    return line
  }

  private cell(line: Line | null, x: number) {
    return line?.[this.left + x]
  }
}
