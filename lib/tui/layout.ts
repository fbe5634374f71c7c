import type { Arrangement, Pane, ViewName } from './arrangement.ts'
import type { Rectangle } from './pane.ts'

/** Below this nothing can be read: a sentence stands there instead. */
export const smallest = { cols: 40, rows: 10 }

/** From these widths on panes stand side by side (below, they are tabs), and the files and the right side by themselves. */
const wideFrom = 100
const filesFrom = 120
const sideFrom = 140

/** A question is not read well beyond this. */
export const widestDialog = 100

/** Columns that the conversation keeps, and what the others have at the least and, unless they were moved, by themselves. */
const leastConversation = 40
const files = { least: 16, most: 60, usual: (cols: number) => Math.min(32, Math.round(cols * 0.17)) }
const side = { least: 30, usual: 0.4, mostUsual: 100 }

export interface Wanted {
  arrangement: Arrangement
  /** The views that there are. */
  views: ReadonlySet<ViewName>
  /** The pane that is looked at: the only one where there is room for one, or where it is zoomed. */
  at: Pane
  zoomed: boolean
  /** Rows that the composer's text takes. */
  composer: number
  /** Rows that the dialog wants; 0: none is open. */
  dialog: number
}

/** A line between panes, which the mouse takes hold of; `pane` is the one that it makes wider and narrower. */
export interface Divider {
  x: number
  top: number
  bottom: number
  pane: 'files' | 'side'
}

/** Where everything is. Lines are drawn between the parts, by the frame. */
export interface Layout {
  /** Panes stand side by side; else one is shown, and the titles are a row of tabs. */
  beside: boolean
  header: Rectangle
  /** The row of the titles. */
  titles: number
  files: Rectangle | null
  conversation: Rectangle | null
  side: Rectangle | null
  composer: Rectangle
  dialog: Rectangle | null
  status: Rectangle
  /** Rows of lines across the screen. */
  rules: number[]
  /** The line over the composer: only as wide as the conversation where something stands beside it. */
  composerRule: { x: number; y: number; width: number }
  dividers: Divider[]
}

/** Divides a screen; null where it is too small for it. */
export function layOut(cols: number, rows: number, wanted: Wanted): Layout | null {
  if (cols < smallest.cols || rows < smallest.rows) return null
  const { at, zoomed } = wanted
  const wide = cols >= wideFrom
  const beside = wide && !zoomed
  const { filesWidth, sideWidth } = beside ? widths(cols, wanted) : { filesWidth: 0, sideWidth: 0 }

  const composerRows = Math.max(rows < 16 ? 1 : 2, Math.min(wanted.composer, Math.floor(rows / 3)))
  const foot = wide ? 2 : 1
  const top = 3
  const bottom = rows - foot - composerRows - 1
  const left = filesWidth > 0 ? filesWidth + 1 : 0
  const width = cols - left - (sideWidth > 0 ? sideWidth + 1 : 0)
  const tall = rows - foot - top
  const body: Rectangle = { left, top, width, height: bottom - top }
  const dialogRows = Math.min(wanted.dialog, body.height)
  // What is asked about stands at the conversation's end: that has to be seen over the question, with a row of air.
  const over = body.height - dialogRows - (dialogRows > 0 ? 1 : 0)
  const conversation = over < 2 ? body : { ...body, height: over }
  const alone = (pane: Pane) => (!beside && at === pane ? body : null)
  const edges = { top: 1, bottom: rows - 2 }
  return {
    beside,
    header: { left: 0, top: 0, width: cols, height: 1 },
    titles: beside ? 2 : 1,
    files: filesWidth > 0 ? { left: 0, top, width: filesWidth, height: tall } : alone('files'),
    conversation: beside || at === 'conversation' ? conversation : null,
    side: sideWidth > 0 ? { left: cols - sideWidth, top, width: sideWidth, height: tall } : alone('side'),
    composer: { left, top: bottom + 1, width, height: composerRows },
    dialog:
      dialogRows > 0
        ? { left, top: bottom - dialogRows, width: Math.min(width, widestDialog), height: dialogRows }
        : null,
    status: { left: 0, top: rows - 1, width: cols, height: 1 },
    // Titles stand over the panes that they are of; a row of tabs over the line that they are parted from the pane by.
    rules: [beside ? 1 : 2, ...(wide ? [rows - 2] : [])],
    composerRule: { x: left, y: bottom, width },
    dividers: [
      ...(filesWidth > 0 ? [{ ...edges, x: filesWidth, pane: 'files' as const }] : []),
      ...(sideWidth > 0 ? [{ ...edges, x: cols - sideWidth - 1, pane: 'side' as const }] : []),
    ],
  }
}

/** What moving a pane's divider to a column makes of the arrangement. */
export function moved(arrangement: Arrangement, pane: Divider['pane'], x: number, cols: number): Arrangement {
  if (pane === 'files') return { ...arrangement, filesWidth: clamp(x, files.least, files.most) }
  const width = clamp(cols - x - 1, side.least, cols - leastConversation - 1)
  return { ...arrangement, sideShare: width / cols }
}

/** Columns of what stands beside the conversation; 0: hidden. The conversation keeps its own, the files give way first. */
function widths(cols: number, { arrangement, views }: Wanted): { filesWidth: number; sideWidth: number } {
  const { sideShare } = arrangement
  const hasSide = views.has(arrangement.view) && (arrangement.side ?? cols >= sideFrom)
  const hasFiles = views.has('files') && (arrangement.files ?? cols >= filesFrom)
  const wished = sideShare === undefined ? Math.min(side.mostUsual, cols * side.usual) : cols * sideShare
  const sideWidth = hasSide ? clamp(Math.round(wished), side.least, cols - leastConversation - 1) : 0
  const room = cols - leastConversation - 1 - (hasSide ? sideWidth + 1 : 0)
  const filesWidth = Math.min(clamp(arrangement.filesWidth ?? files.usual(cols), files.least, files.most), room)
  return { filesWidth: hasFiles && filesWidth >= files.least ? filesWidth : 0, sideWidth }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
