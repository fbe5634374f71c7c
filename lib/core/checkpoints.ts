/** The moments of a workspace that can be gone back to, as data that crosses the bus and is shown. */

/** The moment before anything was changed: the parent of the first checkpoint. */
export const beginning = '0'

/** What a checkpoint was kept at the end of. */
export interface Occasion {
  turn: number
  /** What the person asked for. */
  prompt: string
}

export interface Checkpoint {
  /** A number that grows with time, as text. */
  id: string
  /** Where the workspace stood when the work began that led here. */
  parent: string
  /** Milliseconds since 1970. */
  at: number
  /** Absent where it was kept before something was thrown away. */
  occasion?: Occasion
  /** The workspace stands here. */
  current: boolean
}

/** Which moment to go to: before the last turn, to where that was undone from, or to the checkpoint of that name. */
export type Destination = 'back' | 'forward' | { checkpoint: string }

/** What going to a moment touches: all of it is listed before anything is done. Paths as in `Change`. */
export interface Restoration {
  checkpoint: string
  workspace: string[]
  /** What had been applied and is taken back, or had been taken back and is applied again. */
  project: string[]
  /** What stays as it is, with the reason. */
  left: { path: string; reason: string }[]
}

/** The checkpoint a destination means; undefined where there is none. `all` is sorted by time. */
export function find(all: readonly Checkpoint[], to: Destination): string | undefined {
  const at = (id: string) => all.find((checkpoint) => checkpoint.id === id)
  const current = all.find((checkpoint) => checkpoint.current)
  if (typeof to === 'object') return to.checkpoint === beginning || at(to.checkpoint) ? to.checkpoint : undefined
  if (to === 'forward') return all.findLast(({ parent }) => parent === (current?.id ?? beginning))?.id
  let last = current
  while (last && !last.occasion) last = at(last.parent)
  return last?.parent
}
