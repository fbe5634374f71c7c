import type { MouseEvent } from './events.ts'
import type { Rectangle } from './pane.ts'
import type { ViewMouse } from './view.ts'

/** What the mouse has hold of, from its button's press to its release: it hears all of the mouse meanwhile, wherever that is. */
export class Grip {
  private held: ((event: MouseEvent) => void) | undefined

  /** What was pressed takes hold, and hears of the press. */
  take(event: MouseEvent, heard: (event: MouseEvent) => void): void {
    this.held = heard
    heard(event)
  }

  /** Hands an event to what has hold. False where nothing has, or where it is the next press. */
  hear(event: MouseEvent): boolean {
    const { held } = this
    if (event.action === 'down' || event.action === 'up') this.held = undefined
    if (held === undefined || event.action === 'down') return false
    held(event)
    return true
  }
}

/** An event with its cell counted from a part's upper left. */
export function within(part: Rectangle, { col, row, ...rest }: MouseEvent): ViewMouse {
  return { ...rest, x: col - part.left, y: row - part.top }
}

export function isInside(part: Rectangle | null, { col, row }: { col: number; row: number }): boolean {
  if (part === null) return false
  return col >= part.left && col < part.left + part.width && row >= part.top && row < part.top + part.height
}
