import { Clicks } from './clicks.ts'
import type { Selection, Unit } from './selection.ts'
import type { ViewMouse } from './view.ts'

/** How often a drag beyond an edge scrolls on. */
const edgeMs = 50
/** What a drag selects by, after so many clicks. */
const units: readonly Unit[] = ['character', 'word', 'line']

/** Text under the pointer. */
export interface Surface<P> {
  /** Rows of text in view: a drag beyond them scrolls. */
  rows(): number
  /** The place at a cell, as it was seen last; undefined where there is none. */
  at(x: number, y: number): P | undefined
  /** Scrolls by a row; 1 towards the end. */
  scroll(by: -1 | 1): void
  /** A place was clicked, once and without a drag. */
  clicked?(place: P): void
  /** Something was selected, and the button let go. */
  selected(): void
  /** Asks for a frame. */
  changed(): void
  /** A clock in milliseconds. */
  now?(): number
}

/**
 * The mouse over text: a click, a drag from one character to another, two clicks for a word, three for a line, and drags by
 * these. Held beyond an edge, it scrolls on.
 */
export class Pointer<P> {
  private readonly clicks = new Clicks()
  /** Where the button went down; `selects`: with the clicks before it, that selected something. */
  private pressed: { x: number; y: number; place: P | undefined; selects: boolean } | undefined
  private dragged = false
  private x = 0
  private edge: { timer: NodeJS.Timeout; by: number } | undefined
  private readonly selection: Selection<P>
  private readonly surface: Surface<P>

  constructor(selection: Selection<P>, surface: Surface<P>) {
    this.selection = selection
    this.surface = surface
  }

  /** What is under it is not what was pressed on any more: the drag is over, and nothing selected. */
  dispose(): void {
    this.scrollAlong(0)
    this.pressed = undefined
    this.selection.clear()
  }

  /** Hears the mouse, its rows counted from the first of the text. */
  mouse({ action, button, x, y }: ViewMouse): void {
    if (action === 'down' && button === 'left') this.press(x, y)
    else if (action === 'drag') this.drag(x, y)
    else if (action === 'up') this.release()
  }

  private press(x: number, y: number): void {
    const place = this.surface.at(x, y)
    const times = this.clicks.count(x, y, this.surface.now?.() ?? performance.now())
    this.selection.clear()
    const selects = times > 1 && place !== undefined && this.selection.begin(place, units[times - 1]!)
    this.pressed = { x, y, place, selects }
    this.dragged = false
  }

  private drag(x: number, y: number): void {
    const { pressed } = this
    if (pressed === undefined || (!this.dragged && x === pressed.x && y === pressed.y)) return
    if (!this.dragged && !pressed.selects && pressed.place !== undefined)
      this.selection.begin(pressed.place, 'character')
    this.dragged = true
    this.x = x
    this.scrollAlong(y < 0 ? -1 : y >= this.surface.rows() ? 1 : 0)
    this.extend(y)
  }

  private extend(y: number): void {
    const place = this.surface.at(this.x, Math.max(0, Math.min(y, this.surface.rows() - 1)))
    if (place !== undefined) this.selection.extend(place)
  }

  /** While the pointer is held beyond an edge, the view goes on that way. */
  private scrollAlong(by: -1 | 0 | 1): void {
    if (by === (this.edge?.by ?? 0)) return
    clearInterval(this.edge?.timer)
    this.edge = undefined
    if (by === 0) return
    const timer = setInterval(() => {
      this.extend(by < 0 ? 0 : Infinity)
      this.surface.scroll(by)
      this.surface.changed()
    }, edgeMs)
    this.edge = { timer, by }
  }

  private release(): void {
    const { pressed } = this
    this.scrollAlong(0)
    this.pressed = undefined
    if (pressed === undefined) return
    if (this.dragged || pressed.selects) {
      if (this.selection.range !== undefined) this.surface.selected()
    } else if (pressed.place !== undefined) this.surface.clicked?.(pressed.place)
  }
}
