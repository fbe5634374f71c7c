/** From one UTF-16 unit of a line up to another. */
export type Range = readonly [from: number, to: number]

export interface Marks {
  before: Range[]
  after: Range[]
}

/** Longer lines were made by a machine, and cost more than they tell. */
const longest = 1_000
const mostEdits = 200
/** The least share of the longer line that has to be equal: of lines that have little in common, nothing is marked. */
const leastEqual = 0.3

type Compare = (before: string, after: string) => Marks | undefined

/** Compares versions of a line, word by word. What does is loaded when it is first asked for. */
export class WordMarks {
  private compare: Compare | undefined
  private asked = false
  private readonly loaded: () => void

  /** `loaded` is called once it is worth asking again. */
  constructor(loaded: () => void) {
    this.loaded = loaded
  }

  /** True once it can compare; until then it is being loaded. */
  get isReady(): boolean {
    if (!this.asked) void this.load()
    this.asked = true
    return this.compare !== undefined
  }

  /** What differs between two versions of a line; undefined where too much does, or they are too long. */
  of(before: string, after: string): Marks | undefined {
    return this.compare?.(before, after)
  }

  private async load(): Promise<void> {
    this.compare = await loadCompare()
    this.loaded()
  }
}

async function loadCompare(): Promise<Compare> {
  const { diffWordsWithSpace } = await import('diff')
  return (before, after) => {
    if (before.length > longest || after.length > longest) return undefined
    const parts = diffWordsWithSpace(before, after, { maxEditLength: mostEdits })
    if (parts === undefined) return undefined
    const marks: Marks = { before: [], after: [] }
    let [left, right, equal] = [0, 0, 0]
    for (const { value, added, removed } of parts) {
      if (removed) marks.before.push([left, left + value.length])
      else if (added) marks.after.push([right, right + value.length])
      else equal += value.trim().length
      if (!added) left += value.length
      if (!removed) right += value.length
    }
    return equal < leastEqual * Math.max(before.trim().length, after.trim().length) ? undefined : marks
  }
}
