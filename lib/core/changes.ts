/** What differs between the project and the workspace, as data that crosses the bus and is drawn on the screen. */

export type ChangeKind = 'added' | 'changed' | 'deleted' | 'renamed'

export interface Change {
  /** Relative to the project, with `/`. Bytes that are not UTF-8 are kept as in lib/core/paths.ts. */
  path: string
  kind: ChangeKind
  /** Where a renamed file was before; it is applied and discarded together with that. */
  from?: string
  /** What the path is now (for a deletion: what it was). */
  type: 'file' | 'symlink' | 'directory' | 'other'
  /** Bytes in the workspace; 0 for a deletion. */
  size: number
  /** Lines added and removed; absent for binary or very large files. */
  added?: number
  removed?: number
  binary: boolean
  /** Set where the executable bit changes, to what it becomes. */
  executable?: boolean
  /** The project's file changed too since the workspace was made: applying merges or reports a conflict. */
  drifted: boolean
  /** Set where both sides' changes do not merge: why, as a sentence. The workspace's file stays as the agent has it. */
  conflict?: string
  /** Why this is applied only after a yes of its own, as a sentence. */
  sensitive?: string
  /** Why this cannot be applied, as a sentence. */
  refused?: string
}

/** One line of a hunk: context, removed or added. `text` has no line end. */
export interface DiffLine {
  sign: ' ' | '-' | '+'
  text: string
  /** What ends the line, where that is not the usual line feed: nothing, at the end of a file, or CRLF. */
  end?: '' | '\r\n'
  /** Line numbers from 1, where the line exists on that side. */
  before?: number
  after?: number
}

export interface Hunk {
  /** First line and count on each side, as in a unified diff. */
  beforeStart: number
  beforeLines: number
  afterStart: number
  afterLines: number
  lines: DiffLine[]
  /** The line above that says what it is in: a function, a section. */
  heading?: string
}

export interface FileDiff {
  change: Change
  hunks: Hunk[]
  /** Said instead of hunks: binary, too large, a link's new target, only the mode changes. */
  note?: string
  /** Where both sides' changes do not merge: from the project's file (`-`) to the workspace's (`+`). */
  sides?: Hunk[]
}

/** A hunk of a file's diff, by its index there; with `lines`, of what it removes and adds only those, by their index in it. */
export interface HunkPart {
  hunk: number
  lines?: number[]
}

/**
 * Which changes an action is about: all of them, or those at the given paths (a folder covers what is in it) and, of the
 * files in `parts`, only some hunks.
 */
export type Selection = 'all' | { paths: string[]; parts?: FilePart[] }

export interface FilePart {
  path: string
  hunks: HunkPart[]
}

/** True where a path is selected. */
export function covers(selection: Selection, path: string): boolean {
  if (selection === 'all') return true
  const { paths, parts = [] } = selection
  if (parts.some((part) => part.path === path)) return true
  return paths.some((folder) => folder === '' || path === folder || path.startsWith(`${folder}/`))
}

export interface ApplyReport {
  applied: string[]
  /** Both sides changed and the lines overlap: nothing was written for these. */
  conflicts: { path: string; reason: string }[]
  /** Never applied, with the reason. */
  refused: { path: string; reason: string }[]
}
