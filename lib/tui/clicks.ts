/** A click so soon after the one before, on the same cell, goes with it, in milliseconds. */
const togetherMs = 400

/** Counts clicks that belong together: single, double, triple, and then anew. */
export class Clicks {
  private last = { x: -1, y: -1, at: -Infinity, count: 0 }

  /** Takes a press of the button; `at` in milliseconds. Gives 1, 2 or 3. */
  count(x: number, y: number, at: number): 1 | 2 | 3 {
    const { last } = this
    const together = x === last.x && y === last.y && at - last.at < togetherMs
    const count = together ? (last.count % 3) + 1 : 1
    this.last = { x, y, at, count }
    return count as 1 | 2 | 3
  }
}
