import { occurrences, wordsPattern } from '../format/occurrences.ts'
import type { Entry } from '../state.ts'
import type { ConversationRows, Place } from './conversation-rows.ts'
import type { Found } from './search-line.ts'
import { Tally } from './tally.ts'

/** Milliseconds that are looked through at a time: a key that comes meanwhile waits no longer. */
const sliceMs = 2
/** Matches of one entry beyond this are not counted one by one. */
const mostInEntry = 100_000

/** A match as it is shown: its row, and the columns from one up to another. One that is broken over rows has several. */
export type Match = { place: Place; from: number; to: number }[]

/** One of the matches: its entry, and which of the entry's it is. */
interface Which {
  entry: number
  nth: number
}

/**
 * Looks for words in the conversation. Entries are looked through as they were written, in slices, from where the person
 * is to the end and then back to the start; where a match is on the screen is found when it comes into view. Capitals
 * count only where some are typed.
 */
export class Search {
  /** The match that was gone to last. */
  current: Match | undefined
  private which: Which | undefined
  private pattern: RegExp | undefined
  private source: RegExp | undefined
  private tally = new Tally(0)
  /** The entries before this can change no more, and what was found in them is counted. */
  private sure = 0
  /** The entry to look through next, and where it began. */
  private next = -1
  private begun = 0
  private timer: NodeJS.Immediate | undefined
  private piece: { entry: number; piece: number; of: Entry; found: Match[] } | undefined
  private readonly rows: ConversationRows
  private readonly changed: () => void

  /** `changed` is called when more was found. */
  constructor(rows: ConversationRows, changed: () => void) {
    this.rows = rows
    this.changed = changed
  }

  private get isSearching(): boolean {
    return this.timer !== undefined
  }

  /** Looks for other words, the nearest to an entry first; for none, ends. */
  look(words: string, from: number): void {
    this.end()
    if (words === '') return
    this.pattern = wordsPattern(words)
    // In what was written, marks of emphasis may stand between the letters.
    this.source = wordsPattern(words, '[*_`]{0,3}')
    this.next = this.begun = from
    this.tally = new Tally(this.rows.count)
    this.sure = this.rows.count
    this.slice()
  }

  end(): void {
    if (this.timer !== undefined) clearImmediate(this.timer)
    this.timer = undefined
    this.pattern = this.source = this.which = this.current = this.piece = undefined
    this.tally = new Tally(0)
  }

  /** Takes what came since: looks again at entries that are others than they were; those before `settled` stay. */
  update(settled: number): void {
    this.piece = undefined
    if (this.source === undefined) return
    const first = Math.min(this.sure, settled)
    if (this.isSearching && this.next >= this.begun) this.sure = first
    else {
      for (let entry = first; entry < this.rows.count; entry += 1) this.count(entry)
      this.sure = settled
    }
  }

  /** The rows have changed their places: finds the match again that was gone to. */
  relocate(): void {
    this.piece = undefined
    this.current = this.which === undefined || this.which.entry >= this.rows.count ? undefined : this.match(this.which)
  }

  /** How many there are so far, and the number of the one that was gone to. */
  get found(): Found {
    const { tally, which } = this
    const current = which === undefined ? 0 : tally.before(which.entry) + which.nth + 1
    return { matches: tally.total, current, going: this.isSearching }
  }

  /** Goes to the next match in a direction, round the end; without one to go from, the nearest to `from`. */
  go(direction: -1 | 1, from: Place): Match | undefined {
    if (this.tally.total === 0) return undefined
    this.which = this.which === undefined ? this.begin(from) : this.beside(direction, this.which)
    this.relocate()
    return this.current
  }

  /** All matches in a piece of an entry. */
  matches(entry: number, piece: number): Match[] {
    if (this.pattern === undefined) return []
    const of = this.rows.entry(entry)
    const known = this.piece
    if (known?.entry === entry && known.piece === piece && known.of === of) return known.found
    const found = this.find(entry, piece, this.pattern)
    this.piece = { entry, piece, of, found }
    return found
  }

  private find(entry: number, piece: number, pattern: RegExp): Match[] {
    const rows = this.rows.rows(entry, piece).map((_, row) => this.rows.row({ entry, piece, row }))
    return occurrences(rows, pattern).map((parts) =>
      parts.map(({ row, from, to }) => ({ place: { entry, piece, row }, from, to })),
    )
  }

  /** The first match in what is in view and below it, else the last above. */
  private begin(from: Place): Which {
    const here = this.tally.of(from.entry)
    let above = 0
    if (here > 0)
      for (let piece = 0; piece <= from.piece && piece < this.rows.pieces(from.entry); piece += 1)
        above += this.matches(from.entry, piece).filter(
          ([part]) => piece < from.piece || part!.place.row < from.row,
        ).length
    if (above < here) return { entry: from.entry, nth: above }
    const below = this.tally.beside(from.entry, 1)!
    if (below > from.entry) return { entry: below, nth: 0 }
    const entry = here > 0 ? from.entry : this.tally.beside(from.entry, -1)!
    return { entry, nth: this.tally.of(entry) - 1 }
  }

  private beside(direction: -1 | 1, { entry, nth }: Which): Which {
    if (nth + direction >= 0 && nth + direction < this.tally.of(entry)) return { entry, nth: nth + direction }
    const next = this.tally.beside(entry, direction)!
    return { entry: next, nth: direction > 0 ? 0 : this.tally.of(next) - 1 }
  }

  /** Opens what holds it, and finds it among the rows; the last that is shown where fewer are shown than were written. */
  private match({ entry, nth }: Which): Match | undefined {
    if (this.rows.entry(entry).kind !== 'text') this.rows.open(entry, true)
    let passed = 0
    let last: Match | undefined
    for (let piece = 0; piece < this.rows.pieces(entry); piece += 1) {
      const found = this.matches(entry, piece)
      if (passed + found.length > nth) return found[nth - passed]
      passed += found.length
      last = found.at(-1) ?? last
    }
    return last
  }

  private slice(): void {
    this.timer = undefined
    const until = performance.now() + sliceMs
    while (this.next >= 0 && performance.now() < until) {
      if (this.next < this.rows.count) this.count(this.next)
      const down = this.next >= this.begun && this.next + 1 < this.rows.count
      this.next = down ? this.next + 1 : Math.min(this.next, this.begun) - 1
    }
    if (this.next >= 0) this.timer = setImmediate(() => this.slice())
    this.changed()
  }

  private count(index: number): void {
    const seen = this.rows.entry(index)
    if (this.tally.knows(index, seen)) return
    let count = 0
    for (const text of textsOf(seen)) {
      this.source!.lastIndex = 0
      while (count < mostInEntry && this.source!.exec(text) !== null) count += 1
    }
    this.tally.set(index, seen, count)
  }
}

/** What is looked through of an entry: what it shows once it is opened. */
function textsOf(entry: Entry): string[] {
  if (entry.kind !== 'tool') return [entry.text]
  return [entry.name, entry.subject, entry.result, entry.output]
}
