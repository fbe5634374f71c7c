import type { Line, Lines } from './lines.ts'

/** A place that was found; `at` and `length` in UTF-16 units of the line. */
export interface Match {
  line: number
  at: number
  length: number
}

/** Matches that are kept; there may be more. */
export const mostMatches = 10_000
/** Lines that are looked through before somebody else has a turn. */
const slice = 2_000

/** Everything in a file that holds a text, in order. Capitals count where the text has one. */
export class Search {
  readonly query: string
  /** Sorted by place. */
  readonly matches: Match[] = []
  /** Everything was looked through, or more was found than is kept. */
  done = false
  private readonly lines: Lines
  private readonly changed: () => void
  private stopped = false

  constructor(query: string, lines: Lines, changed: () => void) {
    this.query = query
    this.lines = lines
    this.changed = changed
  }

  /** Looks through the file; `found` is called once, when the first match after a line is known, or there is none. */
  async run(after: number, found: (match: Match | undefined) => void): Promise<void> {
    let told = false
    const tell = (match: Match | undefined) => {
      told = true
      found(match)
    }
    for (let from = 0; !this.stopped; from += slice) {
      const lines = await this.read(from)
      if (this.stopped) return
      for (const [i, { text }] of lines.entries()) this.look(from + i, text)
      const next = told ? undefined : this.matches.find(({ line }) => line >= after)
      if (next !== undefined) tell(next)
      const full = this.matches.length >= mostMatches
      if (lines.length < slice || full) break
      this.changed()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.done = true
    if (!told && !this.stopped) tell(this.matches[0])
    this.changed()
  }

  stop(): void {
    this.stopped = true
  }

  /** The matches of a line. */
  of(line: number): Match[] {
    const found: Match[] = []
    for (let i = this.firstFrom(line); this.matches[i]?.line === line; i++) found.push(this.matches[i]!)
    return found
  }

  /** The next match after a place, or the one before it; after the last comes the first. */
  next({ line, at }: Pick<Match, 'line' | 'at'>, by: 1 | -1): Match | undefined {
    const { matches } = this
    let index = this.firstFrom(line)
    if (by > 0) {
      while (matches[index]?.line === line && matches[index]!.at <= at) index += 1
      return matches[index] ?? matches[0]
    }
    while (matches[index]?.line === line && matches[index]!.at < at) index += 1
    return matches[index - 1] ?? matches.at(-1)
  }

  indexOf(match: Match): number {
    let index = this.firstFrom(match.line)
    while (index < this.matches.length && this.matches[index] !== match) index += 1
    return index
  }

  private firstFrom(line: number): number {
    let low = 0
    let high = this.matches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.matches[middle]!.line < line) low = middle + 1
      else high = middle
    }
    return low
  }

  private async read(from: number): Promise<Line[]> {
    try {
      await this.lines.count(from + slice, () => this.stopped)
      return await this.lines.read(from, slice)
    } catch {
      return [] // it has gone or changed: whoever follows it looks anew
    }
  }

  private look(line: number, text: string): void {
    const exact = this.query !== this.query.toLowerCase()
    const where = exact ? text : text.toLowerCase()
    const { length } = this.query
    for (let at = where.indexOf(this.query); at >= 0 && this.matches.length < mostMatches;) {
      this.matches.push({ line, at, length })
      at = where.indexOf(this.query, at + length)
    }
  }
}
