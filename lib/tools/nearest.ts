/** Names longer than this are compared by their beginning only, and no more names than this are looked at. */
const longest = 64
const most = 2000

/**
 * The names that a mistyped one may have meant, best first, at most `count`: those that differ by case, that begin or
 * end with it, or that are few changes away from it.
 */
export function nearest(name: string, names: readonly string[], count = 3): string[] {
  const wanted = name.toLowerCase().slice(0, longest)
  if (wanted === '') return []
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  return names
    .slice(0, most)
    .map((candidate) => ({ candidate, far: farness(wanted, candidate.toLowerCase().slice(0, longest), allowed) }))
    .filter(({ far }) => far <= allowed)
    .toSorted((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

function farness(wanted: string, candidate: string, allowed: number): number {
  if (wanted === candidate) return 0
  const related = Math.min(wanted.length, candidate.length) >= 3
  if (related && (candidate.includes(wanted) || wanted.includes(candidate))) return 1
  return Math.abs(wanted.length - candidate.length) > allowed ? Infinity : distance(wanted, candidate)
}

/** Insertions, deletions and replacements that lead from one word to the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}
