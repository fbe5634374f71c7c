/** From one UTF-16 unit of a line up to another. */
export type Range = readonly [from: number, to: number]

export interface Marks {
  before: Range[]
  after: Range[]
}

/** What differs between two versions of a line, word by word; undefined where too much does, or they are too long. */
export type WordMarks = (before: string, after: string) => Marks | undefined

/** Longer lines were made by a machine, and cost more than they tell. */
const longest = 1_000
const mostEdits = 200
/** The least share of the longer line that has to be equal: of lines that have little in common, nothing is marked. */
const leastEqual = 0.3

/** Loads what compares words: nobody waits for it who looks at no diff. */
export async function loadWordMarks(): Promise<WordMarks> {
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
