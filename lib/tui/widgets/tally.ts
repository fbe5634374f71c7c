import type { Entry } from '../state.ts'

/** How many matches each entry of a conversation has, as far as it was looked through. */
export class Tally {
  /** Of all entries together. */
  total = 0
  private readonly counts: number[]
  private readonly seen: Entry[] = []

  constructor(entries: number) {
    this.counts = Array.from({ length: entries }, () => 0)
  }

  /** True where the entry was looked through as it is now. */
  knows(index: number, entry: Entry): boolean {
    return this.seen[index] === entry
  }

  set(index: number, entry: Entry, count: number): void {
    while (this.counts.length <= index) this.counts.push(0)
    this.total += count - this.counts[index]!
    this.counts[index] = count
    this.seen[index] = entry
  }

  of(index: number): number {
    return this.counts[index] ?? 0
  }

  /** Of all entries before one. */
  before(index: number): number {
    let sum = 0
    for (let at = Math.min(index, this.counts.length) - 1; at >= 0; at -= 1) sum += this.counts[at]!
    return sum
  }

  /** The nearest entry after (or, below 0, before) one that has any, round the end; undefined where none has. */
  beside(index: number, by: -1 | 1): number | undefined {
    const { length } = this.counts
    for (let step = 1; step <= length; step += 1) {
      const at = (index + by * step + length * 2) % length
      if (this.counts[at]! > 0) return at
    }
    return undefined
  }
}
