import type { Hunk } from '../core/changes.ts'

/** Beyond these nothing is looked for: a generated file has thousands of hunks, and nothing to say of them. */
const mostHunks = 500
const farthest = 2000
const longest = 120

/** As git finds it where it knows nothing of a language: a line that begins with a letter, `_` or `$` at its very start. */
const tellsPlace = /^[\p{L}_$]/u

/** The hunks, each with the line of the old text that says what its first change is in, where there is one. */
export function withHeadings(hunks: Hunk[], before: Buffer): Hunk[] {
  if (hunks.length > mostHunks || before.length === 0) return hunks
  const lines = before.toString('utf8').split('\n')
  return hunks.map((hunk) => {
    const equal = Math.max(
      0,
      hunk.lines.findIndex(({ sign }) => sign !== ' '),
    )
    const first = Math.min(hunk.beforeStart - 1 + equal, lines.length - 1)
    for (let at = first; at >= 0 && at > first - farthest; at -= 1) {
      const line = lines[at]!
      if (tellsPlace.test(line)) return { ...hunk, heading: line.slice(0, longest).trim() }
    }
    return hunk
  })
}
