import type { Rectangle } from './pane.ts'

/** Below this nothing can be read: a sentence stands there instead. */
export const smallest = { cols: 40, rows: 10 }

/** From this width on panes stand side by side; below, they are tabs. */
const wideFrom = 100

/** A question is not read well beyond this. */
export const widestDialog = 100

/** Panes that may stand right of the conversation, or in its place as a tab. */
export type Side = 'diff'

export interface Wanted {
  /** The pane that is open beside or instead of the conversation. */
  side: Side | null
  /** Rows that the composer's text takes. */
  composer: number
  /** Rows that the dialog wants; 0: none is open. */
  dialog: number
}

/** Where everything is. Lines are drawn between the parts, by the frame. */
export interface Layout {
  wide: boolean
  header: Rectangle
  /** The titles: over each pane where they stand side by side, else one row of tabs. */
  titles: Rectangle
  conversation: Rectangle | null
  side: Rectangle | null
  composer: Rectangle
  dialog: Rectangle | null
  status: Rectangle
  /** Rows of lines across the screen, and the column of the one that parts the panes. */
  rules: number[]
  /** The line over the composer: only as wide as the conversation where something stands beside it. */
  composerRule: { y: number; width: number }
  divider: { x: number; top: number; bottom: number } | null
}

/** Divides a screen; null where it is too small for it. */
export function layOut(cols: number, rows: number, wanted: Wanted): Layout | null {
  if (cols < smallest.cols || rows < smallest.rows) return null
  const wide = cols >= wideFrom
  const composerRows = Math.max(rows < 16 ? 1 : 2, Math.min(wanted.composer, Math.floor(rows / 3)))
  const foot = wide ? 2 : 1
  const top = 3
  const bottom = rows - foot - composerRows - 1
  const beside = wide && wanted.side !== null
  const sideWidth = beside ? Math.min(100, Math.floor(cols * 0.45)) : 0
  const left = beside ? cols - sideWidth - 1 : cols
  const body: Rectangle = { left: 0, top, width: left, height: bottom - top }
  const side = beside ? { left: left + 1, top, width: sideWidth, height: rows - foot - top } : wanted.side ? body : null
  const dialogWidth = Math.min(left, widestDialog)
  const dialogRows = Math.min(wanted.dialog, body.height)
  // What is asked about stands at the conversation's end: that has to be seen over the question, with a row of air.
  const over = body.height - dialogRows - (dialogRows > 0 ? 1 : 0)
  const conversation = over < 2 ? body : { ...body, height: over }
  return {
    wide,
    header: { left: 0, top: 0, width: cols, height: 1 },
    titles: { left: 0, top: wide ? 2 : 1, width: cols, height: 1 },
    conversation: beside || wanted.side === null ? conversation : null,
    side,
    composer: { left: 0, top: bottom + 1, width: left, height: composerRows },
    dialog: dialogRows > 0 ? { left: 0, top: bottom - dialogRows, width: dialogWidth, height: dialogRows } : null,
    status: { left: 0, top: rows - 1, width: cols, height: 1 },
    rules: wide ? [1, rows - 2] : [2],
    composerRule: { y: bottom, width: left },
    divider: beside ? { x: left, top: 1, bottom: rows - 2 } : null,
  }
}
