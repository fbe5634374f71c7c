import type { Change } from '../core/changes.ts'
import { contentOf, type Identity } from './leaf.ts'
import { diffLines, isBinary, maxTextBytes } from './lines.ts'
import type { Objects } from './objects.ts'

/**
 * Milliseconds of one look in which lines are counted: the next ones go on with it. Two files that have nothing in common
 * take a third of a second, and there may be thousands.
 */
const mostComparedMs = 1000

type Counted = Pick<Change, 'binary' | 'added' | 'removed'>

/** How many lines came and went between two versions of a file, each pair counted once. */
export class LineCounts {
  private readonly objects: Objects
  private readonly known = new Map<string, Counted>()
  private comparedMs = 0

  constructor(objects: Objects) {
    this.objects = objects
  }

  /** A new look begins, with its time. */
  begin(): void {
    this.comparedMs = 0
  }

  /** Without numbers where there are no lines, or no time is left in this look. */
  async between(before: Identity, after: Identity): Promise<Counted> {
    const key = `${before}\n${after}`
    const cached = this.known.get(key)
    if (cached) return cached
    const began = performance.now()
    const isLate = this.comparedMs > mostComparedMs
    const counted = await count(before, after, this.objects, !isLate)
    this.comparedMs += performance.now() - began
    if (!isLate) this.known.set(key, counted)
    return counted
  }
}

async function count(before: Identity, after: Identity, objects: Objects, lines: boolean): Promise<Counted> {
  const sides = await Promise.all([contentOf(before, objects), contentOf(after, objects)])
  if (sides.some((side) => side !== undefined && isBinary(side))) return { binary: true }
  const [old, now] = sides
  if (!lines || !old || !now || old.length > maxTextBytes || now.length > maxTextBytes) return { binary: false }
  const { added, removed } = diffLines(old, now)
  return { binary: false, added, removed }
}
