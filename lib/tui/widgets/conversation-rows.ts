import type { Colours } from '../format/code.ts'
import type { Highlighter } from '../format/highlight.ts'
import type { WordMarks } from '../format/word-marks.ts'
import type { Row } from '../format/wrap.ts'
import { entryAt, entryCount, initialState, type Entry, type State } from '../state.ts'
import { toolLine } from './card.ts'
import { LaidText, layEntry } from './entry.ts'
import type { Laid } from './laid.ts'

/** A row of the conversation: of an entry, of a piece of it. Nothing above or below it needs to be known. */
export interface Place {
  entry: number
  piece: number
  row: number
}

/** Laid-out texts and other entries that are kept: more than any screen shows, few enough to stay small. */
const keptTexts = 48
const keptOthers = 512

/**
 * The conversation as rows at one width. Only what is asked for is laid out, so that its cost does not depend on how
 * long the conversation is.
 */
export class ConversationRows {
  private state: State = initialState
  private width = 0
  private now = 0
  private readonly opened = new Set<number>()
  private readonly texts = new Map<number, { entry: Entry; laid: LaidText }>()
  private readonly others = new Map<number, { entry: Entry; open: boolean; laid: Laid }>()
  private readonly highlighter: Highlighter
  private readonly words: WordMarks

  /** `words`: compare lines of changes. */
  constructor(highlighter: Highlighter, words: WordMarks) {
    this.highlighter = highlighter
    this.words = words
  }

  /** Takes the conversation as it is now. True where its rows are others than before: another width. */
  lookAt(state: State, width: number, now: number): boolean {
    const other = width !== this.width
    if (other) {
      this.others.clear()
      this.texts.clear()
    }
    this.state = state
    this.width = width
    this.now = now
    return other
  }

  get count(): number {
    return entryCount(this.state)
  }

  entry(index: number): Entry {
    return entryAt(this.state, index)!
  }

  pieces(entry: number): number {
    return Math.max(1, this.laid(entry).pieces)
  }

  rows(entry: number, piece: number): readonly Row[] {
    const laid = this.laid(entry)
    const rows = piece < laid.pieces ? laid.rows(piece) : []
    return piece === 0 && this.lead(entry) > 0 ? [[], ...rows] : rows
  }

  /** One row, as it is now: the time of a call that runs counts. */
  row(at: Place): Row {
    const entry = this.entry(at.entry)
    if (entry.kind === 'tool' && this.isHead(at)) return toolLine(entry, this.width, this.now)
    return this.rows(at.entry, at.piece)[at.row] ?? []
  }

  /** True for the first row of an entry, but for the empty one before it. */
  isHead({ entry, piece, row }: Place): boolean {
    return piece === 0 && row === this.lead(entry)
  }

  /** The code that a piece is of, as it was written. */
  code(entry: number, piece: number): string | undefined {
    return this.laid(entry).code?.(piece)
  }

  isOpen(entry: number): boolean {
    return this.opened.has(this.entry(entry).key)
  }

  /** Shows all of an entry, or folds it. */
  open(entry: number, open: boolean): void {
    if (open) this.opened.add(this.entry(entry).key)
    else this.opened.delete(this.entry(entry).key)
  }

  /** Colours have come that were not there before. */
  recolour(): void {
    this.others.clear()
    for (const { laid } of this.texts.values()) laid.recolour()
  }

  /** The place so many rows further or, below 0, further up. */
  moved(from: Place, by: number): Place {
    return by < 0 ? this.retreat(from, -by) : this.advance(from, by)
  }

  /** The place so many rows further up, at most the start. */
  retreat(from: Place, rows: number): Place {
    const at = { ...from }
    let left = rows
    while (left > 0) {
      if (at.row >= left) return { ...at, row: at.row - left }
      left -= at.row
      if (at.piece > 0) at.piece -= 1
      else if (at.entry > 0) {
        at.entry -= 1
        at.piece = this.pieces(at.entry) - 1
      } else return { ...at, row: 0 }
      at.row = this.rows(at.entry, at.piece).length
    }
    return at
  }

  /** The place so many rows further down, at most the one after the last row. */
  advance(from: Place, rows: number): Place {
    const at = { ...from }
    let left = rows
    while (at.entry < this.count) {
      const here = this.rows(at.entry, at.piece).length - at.row
      if (here > left) return { ...at, row: at.row + left }
      left -= here
      at.row = 0
      at.piece += 1
      if (at.piece >= this.pieces(at.entry)) Object.assign(at, { entry: at.entry + 1, piece: 0 })
    }
    return at
  }

  /** The places from one on, row by row. */
  *from(start: Place): Generator<Place> {
    let { entry, piece, row } = this.advance(start, 0)
    for (; entry < this.count; entry += 1, piece = 0)
      for (; piece < this.pieces(entry); piece += 1, row = 0)
        for (const { length } = this.rows(entry, piece); row < length; row += 1) yield { entry, piece, row }
  }

  /** The rows between two places, at most `most`. */
  distance(from: Place, to: Place, most: number): number {
    let rows = 0
    let at = from
    while (rows < most && compare(at, to) < 0 && at.entry < this.count) {
      const same = at.entry === to.entry && at.piece === to.piece
      const end = same ? to.row : this.rows(at.entry, at.piece).length
      rows += Math.max(0, end - at.row)
      at =
        at.piece + 1 < this.pieces(at.entry)
          ? { ...at, piece: at.piece + 1, row: 0 }
          : { entry: at.entry + 1, piece: 0, row: 0 }
    }
    return Math.min(rows, most)
  }

  /** The nearest place that there is: an entry may have become shorter. */
  clamped(place: Place): Place {
    const piece = Math.min(place.piece, this.pieces(place.entry) - 1)
    const last = this.rows(place.entry, piece).length - 1
    return { entry: place.entry, piece, row: piece === place.piece ? Math.min(place.row, Math.max(0, last)) : last }
  }

  /** Empty rows before an entry: calls stand together, everything else apart. */
  private lead(index: number): number {
    if (index === 0) return 1
    const kind = this.entry(index).kind
    return kind === this.entry(index - 1).kind && (kind === 'tool' || kind === 'notice') ? 0 : 1
  }

  private laid(index: number): Laid {
    const entry = this.entry(index)
    return entry.kind === 'text' ? this.text(entry) : this.other(entry)
  }

  private text(entry: Extract<Entry, { kind: 'text' }>): Laid {
    const known = this.texts.get(entry.key)
    if (known?.entry === entry) return known.laid
    if (known?.laid.update(entry.text, this.width) === true) {
      known.entry = entry
      return known.laid
    }
    const laid = new LaidText(this.highlighter)
    laid.update(entry.text, this.width)
    keep(this.texts, entry.key, { entry, laid }, keptTexts)
    return laid
  }

  private other(entry: Exclude<Entry, { kind: 'text' }>): Laid {
    const open = this.opened.has(entry.key)
    const known = this.others.get(entry.key)
    if (known?.entry === entry && known.open === open) return known.laid
    const laid = layEntry(entry, { width: this.width, open, colours: this.colours, words: this.words })
    keep(this.others, entry.key, { entry, open, laid }, keptOthers)
    return laid
  }

  private readonly colours: Colours = (language, lines) => this.highlighter.rows(language, lines)
}

/** Which of two places comes first: negative for `a`. */
export function compare(a: Place, b: Place): number {
  return a.entry - b.entry || a.piece - b.piece || a.row - b.row
}

/** Puts a value in, and the oldest out once there are too many. */
function keep<T>(map: Map<number, T>, key: number, value: T, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value!)
}
