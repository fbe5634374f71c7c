import type { Canvas } from '../canvas.ts'
import type { Clipboard } from '../clipboard.ts'
import type { Highlighter } from '../format/highlight.ts'
import type { Row } from '../format/wrap.ts'
import { entryAt, entryCount, type Entry, type State } from '../state.ts'
import { LaidText, layEntry, toolLine, type Laid } from './entry.ts'

/** A row of the conversation: of an entry, of a piece of it. Nothing above or below it needs to be known. */
interface Place {
  entry: number
  piece: number
  row: number
}

/** Laid-out entries that are kept. More than any screen shows, few enough to stay small. */
const keptEntries = 512

/**
 * The conversation. It lays out what is in view and nothing else: where the view stands is kept as a place in an entry,
 * never as a distance from the start, so that its cost does not depend on how long the conversation is.
 */
export class Transcript {
  /** The first row in view; undefined: the view follows the end. */
  private top: Place | undefined
  /** The entry that the keys act on. */
  private selected: number | undefined
  private readonly opened = new Set<number>()
  private readonly texts = new Map<number, LaidText>()
  private readonly others = new Map<number, { entry: Entry; open: boolean; laid: Laid }>()
  /** The entry behind each row of the last frame. */
  private shown: number[] = []
  private width = 0
  private height = 1
  private state: State | undefined
  private readonly highlighter: Highlighter
  private readonly clipboard: Clipboard

  constructor(highlighter: Highlighter, clipboard: Clipboard) {
    this.highlighter = highlighter
    this.clipboard = clipboard
  }

  /** True where the end is in view and stays there as more comes. */
  get following(): boolean {
    return this.top === undefined
  }

  paint(canvas: Canvas, state: State, now: number): void {
    this.lookAt(state, canvas.width - 2)
    this.height = canvas.height
    this.shown = []
    const at = this.start()
    for (let y = 0; y < canvas.height && at.entry < this.count; at.piece += 1) {
      if (at.piece >= this.pieces(at.entry)) {
        Object.assign(at, { entry: at.entry + 1, piece: -1, row: 0 })
        continue
      }
      const rows = this.rows(at.entry, at.piece)
      for (; at.row < rows.length && y < canvas.height; at.row += 1, y += 1) this.row(canvas, y, at, rows[at.row]!, now)
      at.row = 0
    }
  }

  /** Moves the view; a positive number towards the end. */
  scroll(by: number): void {
    if (this.state === undefined) return
    const at = this.start()
    if (by < 0) this.retreat(at, -by)
    else this.advance(at, by)
    this.top = this.atEnd(at) ? undefined : at
  }

  page(direction: -1 | 1): void {
    this.scroll(direction * Math.max(1, this.height - 2))
  }

  toStart(): void {
    const at = { entry: 0, piece: 0, row: 0 }
    if (this.state !== undefined) this.top = this.atEnd(at) ? undefined : at
  }

  toEnd(): void {
    this.top = undefined
    this.selected = undefined
  }

  /** Selects the next entry in a direction that has something to open, and brings it into view. */
  select(direction: -1 | 1): void {
    if (this.state === undefined) return
    let at = this.selected ?? (direction < 0 ? this.count : (this.shown[0] ?? 0) - 1)
    do at += direction
    while (at >= 0 && at < this.count && !canOpen(this.entry(at)))
    if (at < 0 || at >= this.count) return
    this.selected = at
    if (!this.shown.includes(at)) this.top = { entry: at, piece: 0, row: 0 }
  }

  /** Opens or folds the selected entry, or the one in a row of the last frame. True where there was one. */
  toggle(y?: number): boolean {
    const at = y === undefined ? this.selected : this.shown[y]
    const entry = at === undefined || at >= this.count ? undefined : this.entry(at)
    if (entry === undefined || !canOpen(entry)) return false
    // What is being read stays where it is: only what is below the row may move.
    this.top ??= this.start()
    if (!this.opened.delete(entry.key)) this.opened.add(entry.key)
    if (y !== undefined) this.selected = at
    if (this.top !== undefined && this.atEnd(this.top)) this.top = undefined
    return true
  }

  /** Copies the selected step, or the last answer, as it was written. */
  copy(): void {
    if (this.state === undefined) return
    const last = [...this.state.settled, ...this.state.live].findLast(({ kind }) => kind === 'text')
    const entry = this.selected === undefined ? last : this.entry(this.selected)
    if (entry?.kind === 'tool') void this.clipboard.copy(entry.output, 'the output')
    else void this.clipboard.copy(entry?.text ?? '', 'the message')
  }

  /** Colours have come that were not there before. */
  recolour(): void {
    for (const text of this.texts.values()) text.recolour()
  }

  private lookAt(state: State, width: number): void {
    if (width !== this.width) this.others.clear()
    this.state = state
    this.width = width
  }

  private row(canvas: Canvas, y: number, at: Place, row: Row, now: number): void {
    const entry = this.entry(at.entry)
    const lead = at.piece === 0 ? this.lead(at.entry) : 0
    this.shown[y] = at.entry
    const head = entry.kind === 'tool' && at.piece === 0 && at.row === lead
    let x = 1
    for (const span of head ? toolLine(entry, this.width, now) : row) {
      x = canvas.text(x, y, span.text, span.tone, Math.max(0, canvas.width - 1 - x))
    }
    if (at.entry === this.selected && at.piece === 0 && at.row === lead) canvas.text(1, y, '›', 'focus')
  }

  private start(): Place {
    const bottom = this.retreat({ entry: this.count, piece: 0, row: 0 }, this.height)
    if (this.top === undefined || this.top.entry >= this.count) return bottom
    const rows = this.rows(this.top.entry, Math.min(this.top.piece, this.pieces(this.top.entry) - 1))
    const top = { ...this.top, row: Math.min(this.top.row, Math.max(0, rows.length - 1)) }
    return compare(top, bottom) < 0 ? top : bottom
  }

  private atEnd(at: Place): boolean {
    return compare(at, this.retreat({ entry: this.count, piece: 0, row: 0 }, this.height)) >= 0
  }

  /** Moves a place up by so many rows, at most to the start. */
  private retreat(at: Place, rows: number): Place {
    let left = rows
    while (left > 0) {
      if (at.row >= left) {
        at.row -= left
        return at
      }
      left -= at.row
      if (at.piece > 0) at.piece -= 1
      else if (at.entry > 0) {
        at.entry -= 1
        at.piece = this.pieces(at.entry) - 1
      } else {
        at.row = 0
        return at
      }
      at.row = this.rows(at.entry, at.piece).length
    }
    return at
  }

  private advance(at: Place, rows: number): void {
    let left = rows
    while (left > 0 && at.entry < this.count) {
      const here = this.rows(at.entry, at.piece).length - at.row
      if (here > left) {
        at.row += left
        return
      }
      left -= here
      at.row = 0
      at.piece += 1
      if (at.piece >= this.pieces(at.entry)) Object.assign(at, { entry: at.entry + 1, piece: 0 })
    }
  }

  private get count(): number {
    return entryCount(this.state!)
  }

  private entry(index: number): Entry {
    return entryAt(this.state!, index)!
  }

  private pieces(index: number): number {
    return Math.max(1, this.laid(index).pieces)
  }

  private rows(index: number, piece: number): readonly Row[] {
    const laid = this.laid(index)
    const rows = piece < laid.pieces ? laid.rows(piece) : []
    return piece === 0 && this.lead(index) > 0 ? [[], ...rows] : rows
  }

  /** Empty rows before an entry: calls stand together, everything else apart. */
  private lead(index: number): number {
    if (index === 0) return 1
    const kind = this.entry(index).kind
    return kind === this.entry(index - 1).kind && (kind === 'tool' || kind === 'notice') ? 0 : 1
  }

  private laid(index: number): Laid {
    const entry = this.entry(index)
    if (entry.kind === 'text') return this.text(entry.key, entry.text)
    const open = this.opened.has(entry.key)
    const known = this.others.get(entry.key)
    if (known?.entry === entry && known.open === open) return known.laid
    const laid = layEntry(entry, { width: this.width, open })
    keep(this.others, entry.key, { entry, open, laid })
    return laid
  }

  private text(key: number, text: string): Laid {
    let laid = this.texts.get(key)
    if (laid?.update(text, this.width) !== true) {
      laid = new LaidText(this.highlighter)
      laid.update(text, this.width)
      keep(this.texts, key, laid)
    }
    return laid
  }
}

/** Puts a value in, and the oldest out once there are too many. */
function keep<T>(map: Map<number, T>, key: number, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > keptEntries) map.delete(map.keys().next().value!)
}

function canOpen(entry: Entry): boolean {
  return entry.kind === 'tool' || entry.kind === 'thought' || entry.kind === 'prompt'
}

function compare(a: Place, b: Place): number {
  return a.entry - b.entry || a.piece - b.piece || a.row - b.row
}
