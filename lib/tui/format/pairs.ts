import type { DiffLine } from '../../core/changes.ts'

/** A row of a comparison: what was there and what is there now, by their index in the hunk; one side may be empty. */
export interface Pair {
  left?: number
  right?: number
}

/** Above this many pairs of lines, partners are found by their place alone. */
const mostPairs = 400
/** The least share of two lines that is equal at their ends, for them to be one line that was changed. */
const leastEqual = 0.4

/** The lines of a hunk as rows of two sides: context on both, a removed line beside the added one that it became. */
export function pairsOf(lines: readonly DiffLine[]): Pair[] {
  const pairs: Pair[] = []
  for (let at = 0; at < lines.length;) {
    if (lines[at]!.sign === ' ') {
      pairs.push({ left: at, right: at })
      at += 1
      continue
    }
    const start = at
    while (lines[at]?.sign === '-') at += 1
    const middle = at
    while (lines[at]?.sign === '+') at += 1
    pairBlock(lines, start, middle, at, pairs)
  }
  return pairs
}

/** The partners of changed lines, both ways: of a removed line the added one that it became, and the reverse. */
export function partnersOf(lines: readonly DiffLine[]): Map<number, number> {
  const partners = new Map<number, number>()
  for (const { left, right } of pairsOf(lines)) {
    if (left === undefined || right === undefined || left === right) continue
    partners.set(left, right)
    partners.set(right, left)
  }
  return partners
}

/** Pairs the removed lines of a block (from `start`) with the added ones (from `middle` to `end`), in their order. */
function pairBlock(lines: readonly DiffLine[], start: number, middle: number, end: number, pairs: Pair[]): void {
  const [removed, added] = [middle - start, end - middle]
  let [left, right] = [start, middle]
  const upTo = (toLeft: number, toRight: number) => {
    while (left < toLeft || right < toRight)
      pairs.push({ ...(left < toLeft && { left: left++ }), ...(right < toRight && { right: right++ }) })
  }
  if (removed === added || removed * added > mostPairs) return upTo(middle, end)
  for (let one = start; one < middle; one += 1) {
    for (let other = right; other < end; other += 1) {
      if (!areAlike(lines[one]!.text, lines[other]!.text)) continue
      upTo(one, other)
      upTo(one + 1, other + 1)
      break
    }
  }
  upTo(middle, end)
}

/** True for lines that begin and end alike. */
export function areAlike(one: string, other: string): boolean {
  const [a, b] = [one.trim(), other.trim()]
  const shortest = Math.min(a.length, b.length)
  let head = 0
  while (head < shortest && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < shortest - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  return head + tail >= leastEqual * Math.max(a.length, b.length, 1)
}
