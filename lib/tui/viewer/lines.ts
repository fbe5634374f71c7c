import type { Pieces } from './pieces.ts'

/** Bytes of a line that are shown; what is longer was made by a machine. */
export const longestLine = 64 * 1024

/** One line, without its end. */
export interface Line {
  text: string
  /** It goes on, beyond what is shown. */
  more: boolean
}

interface Place {
  piece: number
  offset: number
}

const feed = 10
/** Milliseconds of counting before somebody else has a turn. */
const turnMs = 4

/**
 * The lines of a file, found by counting: of each piece it is known how many lines end before it, which is all that is
 * kept. Lines are counted from 0.
 */
export class Lines {
  private readonly pieces: Pieces
  /** By piece how many lines end before it; the last number is for the piece that is counted next. */
  private readonly before: number[] = [0]
  private endsInFeed = true
  private counting: Promise<void> | undefined

  constructor(pieces: Pieces) {
    this.pieces = pieces
  }

  /** Whether every line has been counted. */
  get whole(): boolean {
    return this.before.length > this.pieces.count
  }

  /** Lines that are known of: all of them, where they are counted. */
  get known(): number {
    const ended = this.before.at(-1)!
    return this.whole && this.endsInFeed ? ended : ended + 1
  }

  /** How much of the file is counted, 0 to 1. */
  get part(): number {
    return this.pieces.count === 0 ? 1 : (this.before.length - 1) / this.pieces.count
  }

  /** Counts until a line is known of, or the file ends; `step` is called after each piece, and stops it by true. */
  async count(line: number, step?: () => boolean): Promise<void> {
    let began = performance.now()
    while (!this.whole && this.before.at(-1)! < line) {
      // One counts for all who wait.
      this.counting ??= this.countNext().finally(() => (this.counting = undefined))
      await this.counting
      if (step?.() === true) return
      if (performance.now() - began < turnMs) continue
      await new Promise((resolve) => setImmediate(resolve))
      began = performance.now()
    }
  }

  /** So many lines from one on; fewer where the file ends, or where a very long line has to be counted first. */
  async read(from: number, count: number): Promise<Line[]> {
    await this.count(from)
    const lines: Line[] = []
    let place = from < this.known ? await this.placeOf(from) : undefined
    while (place !== undefined && lines.length < count) {
      const found: { line: Line; next?: Place } | undefined = await this.lineFrom(place)
      if (found === undefined) break
      lines.push(found.line)
      const next = from + lines.length
      place = found.next ?? (this.before.at(-1)! >= next ? await this.placeOf(next) : undefined)
    }
    return lines
  }

  private async countNext(): Promise<void> {
    const bytes = await this.pieces.piece(this.before.length - 1)
    let ends = 0
    for (let at = bytes.indexOf(feed); at >= 0; at = bytes.indexOf(feed, at + 1)) ends += 1
    if (bytes.length > 0) this.endsInFeed = bytes[bytes.length - 1] === feed
    this.before.push(this.before.at(-1)! + ends)
  }

  /** Where a line begins that is known of. */
  private async placeOf(line: number): Promise<Place> {
    if (line === 0) return { piece: 0, offset: 0 }
    // The last piece before which fewer than `line` lines have ended: in it ends the line before.
    let low = 0
    let high = this.before.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.before[middle]! < line) low = middle
      else high = middle - 1
    }
    const bytes = await this.pieces.piece(low)
    let offset = 0
    for (let i = this.before[low]!; i < line; i++) offset = bytes.indexOf(feed, offset) + 1
    return { piece: low, offset }
  }

  /** The line that begins at a place, and where the next does, if that was found; undefined at the end of the file. */
  private async lineFrom({ piece, offset }: Place): Promise<{ line: Line; next?: Place } | undefined> {
    const parts: Buffer[] = []
    let taken = 0
    for (let at = piece, from = offset; at < this.pieces.count; at += 1, from = 0) {
      const bytes = await this.pieces.piece(at)
      const end = bytes.indexOf(feed, from)
      const stop = end < 0 ? bytes.length : end
      if (end < 0 && at + 1 === this.pieces.count && taken === 0 && stop === from) return undefined
      const shown = bytes.subarray(from, Math.min(stop, from + longestLine - taken))
      parts.push(shown)
      taken += shown.length
      const more = stop - from > shown.length
      if (end >= 0) return { line: lineOf(parts, more), next: { piece: at, offset: end + 1 } }
      if (more) return { line: lineOf(parts, true) }
    }
    return { line: lineOf(parts, false) }
  }
}

function lineOf(parts: readonly Buffer[], more: boolean): Line {
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  const end = !more && bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length
  return { text: bytes.toString('utf8', 0, end), more }
}
