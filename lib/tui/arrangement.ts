/** The views that share the right side, in the order of their tabs. */
export const sideViews = ['viewer', 'diff', 'terminal', 'plan', 'monitor'] as const

export type SideView = (typeof sideViews)[number]

/** Everything that may stand beside the conversation, in the order of their tabs. */
export const viewNames = ['files', ...sideViews] as const

export type ViewName = (typeof viewNames)[number]

/** What may have a screen to itself. */
export const soloNames = ['conversation', ...viewNames] as const

export type SoloName = (typeof soloNames)[number]

/** The parts that the screen is divided into. */
export type Pane = 'files' | 'conversation' | 'side'

/** How the person has arranged the panes. It is remembered for each project. */
export interface Arrangement {
  /** Whether a pane was opened or hidden; absent: as the width of the screen suggests. */
  files?: boolean
  side?: boolean
  /** What the right side shows. */
  view: SideView
  /** Columns of the files, and the right side's share of the width (0 to 1), where a divider was moved. */
  filesWidth?: number
  sideShare?: number
  /** How the two sides of a diff stand; absent: as the width suggests. */
  diff?: 'unified' | 'split'
}

export const usual: Readonly<Arrangement> = Object.freeze({ view: 'diff' as const })

/** The pane that a view stands in. */
export function paneOf(view: ViewName): 'files' | 'side' {
  return view === 'files' ? 'files' : 'side'
}

/** With a view opened. */
export function opening(arrangement: Arrangement, view: ViewName): Arrangement {
  return view === 'files' ? { ...arrangement, files: true } : { ...arrangement, side: true, view }
}

export function hiding(arrangement: Arrangement, pane: 'files' | 'side'): Arrangement {
  return { ...arrangement, [pane]: false }
}

/** True for what was kept by `JSON.stringify`; a file that somebody else wrote may hold anything. */
export function isArrangement(value: unknown): value is Arrangement {
  if (typeof value !== 'object' || value === null) return false
  const { files, side, view, filesWidth, sideShare, diff } = value as Record<string, unknown>
  return (
    isFlag(files) &&
    isFlag(side) &&
    isSize(filesWidth) &&
    isSize(sideShare) &&
    (diff === undefined || diff === 'unified' || diff === 'split') &&
    (sideViews as readonly unknown[]).includes(view)
  )
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean'
}

function isSize(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value))
}
