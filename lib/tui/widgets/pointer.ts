import { Clicks } from '../clicks.ts'
import type { ViewMouse } from '../view.ts'
import type { ConversationRows, Place } from './conversation-rows.ts'
import type { Selection, Spot, Unit } from './selection.ts'
import type { Viewport } from './viewport.ts'

/** How often a drag beyond an edge scrolls on. */
const edgeMs = 50
/** What a drag selects by, after so many clicks. */
const units: readonly Unit[] = ['character', 'word', 'line']

export interface PointerWishes {
  now(): number
  /** Asks for a frame. */
  changed(): void
  /** A row was clicked, once and without a drag; `column` as the row's. */
  clicked(place: Place, column: number): void
  /** Something was selected, and the button let go. */
  selected(): void
}

/** The mouse over the conversation: a click, a drag from one character to another, two clicks for a word, three for a line. */
export class Pointer {
  private readonly clicks = new Clicks()
  private pressed = { times: 0, x: -1, y: -1 }
  private dragged = false
  private edge: { timer: NodeJS.Timeout; by: number } | undefined
  private readonly rows: ConversationRows
  private readonly view: Viewport
  private readonly selection: Selection
  private readonly wishes: PointerWishes

  constructor(rows: ConversationRows, view: Viewport, selection: Selection, wishes: PointerWishes) {
    this.rows = rows
    this.view = view
    this.selection = selection
    this.wishes = wishes
  }

  dispose(): void {
    clearInterval(this.edge?.timer)
  }

  mouse({ action, button, x, y }: ViewMouse): void {
    if (action === 'down' && button === 'left') this.press(x, y)
    else if (action === 'drag') this.drag(x, y)
    else if (action === 'up') this.release()
  }

  private press(x: number, y: number): void {
    const times = this.clicks.count(x, y, this.wishes.now())
    this.pressed = { times, x, y }
    this.dragged = false
    this.selection.clear()
    const spot = this.spot(x, y)
    if (spot !== undefined && times > 1) this.selection.begin(spot, units[times - 1]!)
  }

  private drag(x: number, y: number): void {
    const { pressed } = this
    if (!this.dragged && x === pressed.x && y === pressed.y) return
    if (!this.dragged && pressed.times === 1) {
      const from = this.spot(pressed.x, pressed.y)
      if (from !== undefined) this.selection.begin(from, 'character')
    }
    this.dragged = true
    this.scrollAlong(y < 0 ? -1 : y >= this.view.height ? 1 : 0, x)
    const to = this.spot(x, Math.max(0, Math.min(y, this.view.shown.length - 1)))
    if (to !== undefined) this.selection.extend(to)
  }

  /** While the pointer is held beyond an edge, the view goes on that way. */
  private scrollAlong(by: -1 | 0 | 1, x: number): void {
    if (by === (this.edge?.by ?? 0)) return
    clearInterval(this.edge?.timer)
    this.edge = undefined
    if (by === 0) return
    const timer = setInterval(() => {
      this.view.scroll(by)
      const start = this.view.start()
      const at = by < 0 ? start : this.rows.advance(start, this.view.height - 1)
      if (at.entry < this.rows.count) this.selection.extend({ ...at, column: columnAt(x) })
      this.wishes.changed()
    }, edgeMs)
    this.edge = { timer, by }
  }

  private release(): void {
    this.scrollAlong(0, 0)
    const spot = this.spot(this.pressed.x, this.pressed.y)
    if (this.dragged || this.pressed.times > 1) this.wishes.selected()
    else if (spot !== undefined) this.wishes.clicked(spot, spot.column)
  }

  private spot(x: number, y: number): Spot | undefined {
    const place = this.view.shown[y]
    return place === undefined ? undefined : { ...place, column: columnAt(x) }
  }
}

/** Rows begin beside a column of air. */
function columnAt(x: number): number {
  return Math.max(0, x - 1)
}
