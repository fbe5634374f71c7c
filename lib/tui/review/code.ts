import type { DiffLine, Hunk } from '../../core/changes.ts'
import type { Highlighter } from '../format/highlight.ts'
import { partnersOf } from '../format/pairs.ts'
import { marked } from '../format/row.ts'
import type { Range, WordMarks } from '../format/word-marks.ts'
import { wrap, type Row, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { columns, isSimple } from '../width.ts'

/** Characters of a line that are shown; what is longer was made by a machine. */
const longest = 4_000
/** Lines that are coloured at a time: so many cost less than a frame. */
const block = 80

/** Lays lines of hunks out, with the colours of their language and marks on the words that differ. All is kept once made. */
export class Code {
  private readonly highlighter: Highlighter
  private readonly words: WordMarks
  private colours = new WeakMap<Hunk, (readonly (Row | undefined)[] | undefined)[]>()
  private marks = new WeakMap<DiffLine, readonly Range[]>()
  private partners = new WeakMap<Hunk, Map<number, number>>()

  constructor(highlighter: Highlighter, words: WordMarks) {
    this.highlighter = highlighter
    this.words = words
  }

  /** Forgets the colours: more of them were loaded. */
  recolour(): void {
    this.colours = new WeakMap()
  }

  /** Rows that a line takes in so many columns, without laying it out where that is plain. */
  height(line: DiffLine, room: number): number {
    const { text } = line
    if (text.length <= room && isSimple(text)) return 1
    const safe = shown(text)
    return columns(safe) <= room ? 1 : this.broken([{ text: safe, tone: 'normal' }], safe, room).length
  }

  /** The rows of a line of a hunk; `index` is -1 for what is not of it. `taken`: what is dropped is dim. */
  rows(line: DiffLine, hunk: Hunk, index: number, room: number, language: string, taken: boolean): Row[] {
    const spans = this.spans(line, hunk, index, language, taken)
    if (columns(shown(line.text)) <= room) return [spans]
    return this.broken(spans, shown(line.text), room)
  }

  private broken(spans: Row, safe: string, room: number): Row[] {
    const indent = /^ */.exec(safe)![0].slice(0, Math.floor(room / 2))
    return wrap(spans, room, [], [{ text: `${indent}  `, tone: 'normal' }])
  }

  private spans(line: DiffLine, hunk: Hunk, index: number, language: string, taken: boolean): Row {
    const text = shown(line.text)
    if (!taken) return [{ text, tone: 'dim' }]
    const plain: Span = { text, tone: line.sign === '+' ? 'added' : line.sign === '-' ? 'removed' : 'normal' }
    if (index < 0 || text.length > line.text.length + 200) return [plain]
    const coloured = this.coloured(hunk, index, language) ?? [plain]
    // Marks count in the text as it is; where it is shown otherwise they would stand beside the words.
    if (line.sign === ' ' || text !== line.text) return coloured
    return marked(coloured, this.marksOf(line, hunk, index), line.sign === '+' ? 'addedWord' : 'removedWord')
  }

  private marksOf(line: DiffLine, hunk: Hunk, index: number): readonly Range[] {
    if (!this.words.isReady) return []
    const known = this.marks.get(line)
    if (known !== undefined) return known
    let partners = this.partners.get(hunk)
    if (partners === undefined) this.partners.set(hunk, (partners = partnersOf(hunk.lines)))
    const partner = hunk.lines[partners.get(index) ?? -1]
    const [before, after] = line.sign === '-' ? [line, partner] : [partner, line]
    const marks = before && after && this.words.of(before.text, after.text)
    if (before) this.marks.set(before, marks?.before ?? [])
    if (after) this.marks.set(after, marks?.after ?? [])
    return this.marks.get(line) ?? []
  }

  /** The colours of a line: its neighbours are coloured with it, each side for itself. */
  private coloured(hunk: Hunk, index: number, language: string): Row | undefined {
    if (language === '') return undefined
    let blocks = this.colours.get(hunk)
    if (blocks === undefined) this.colours.set(hunk, (blocks = []))
    const number = Math.floor(index / block)
    blocks[number] ??= this.colourBlock(hunk.lines.slice(number * block, (number + 1) * block), language)
    return blocks[number]?.[index % block]
  }

  private colourBlock(lines: readonly DiffLine[], language: string): (Row | undefined)[] | undefined {
    const rows: (Row | undefined)[] = lines.map(() => undefined)
    for (const sign of ['-', '+'] as const) {
      const side = lines.flatMap((line, i) => (line.sign === ' ' || line.sign === sign ? [i] : []))
      const coloured = this.highlighter.rows(
        language,
        side.map((i) => shown(lines[i]!.text)),
      )
      if (coloured === undefined) continue
      for (const [at, i] of side.entries()) rows[i] = coloured[at]
    }
    return rows
  }
}

function shown(text: string): string {
  return harmless(text.length > longest ? `${text.slice(0, longest)}… and ${text.length - longest} more` : text)
}
