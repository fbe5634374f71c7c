import type { Hunk } from '../../core/changes.ts'
import type { Canvas } from '../canvas.ts'
import { count } from '../format/tokens.ts'
import { languageOfFile } from '../format/languages.ts'
import { textOf } from '../format/row.ts'
import { wrap, type Row, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { Code } from './code.ts'
import type { Item } from './items.ts'
import type { Pages, Place } from './page.ts'
import { marks, measure, paintFile, paintHalf, paintHunk, paintLine, type Measure } from './paint.ts'
import type { Section, Sections } from './sections.ts'
import type { Taken } from './taken.ts'

/** Of two sides beside each other; a line over the whole width is on both. */
export type Side = 'left' | 'right'

/** What is acted on: a hunk of a section, or (-1) all of it; with `line`, that line of the hunk. */
export interface Spot {
  section: number
  hunk: number
  line?: number | undefined
}

/** The changes as one sheet that is scrolled over: how high each item is at a width, and what it looks like. */
export class Sheet implements Pages {
  width = 80
  private readonly files: Sections
  private readonly taken: Taken
  private readonly code: Code

  constructor(files: Sections, taken: Taken, code: Code) {
    this.files = files
    this.taken = taken
    this.code = code
  }

  get sections(): number {
    return this.files.list.length
  }

  items(section: number): readonly Item[] {
    return this.files.itemsOf(this.files.list[section]!)
  }

  height(section: number, index: number): number {
    const item = this.items(section)[index]!
    if (item.kind === 'note') return this.noteRows(item.text).length
    if (item.kind === 'line') return this.code.height(item.line, this.measureOf(section).room)
    if (item.kind !== 'pair') return 1
    const { half } = this.measureOf(section)
    const rows = (line: typeof item.left) => (line === undefined ? 1 : this.code.height(line.line, half))
    return Math.max(rows(item.left), rows(item.right))
  }

  /** The item that a spot begins with. */
  itemOf({ section, hunk, line }: Spot): number {
    if (hunk < 0) return 0
    const found = this.items(section).findIndex((item) => {
      if (!('hunk' in item) || item.hunk !== hunk) return false
      return line === undefined ? item.kind === 'hunk' : indexesIn(item).includes(line)
    })
    return Math.max(0, found)
  }

  paintHead(canvas: Canvas, y: number, section: number, spot: Spot): void {
    const one = this.files.list[section]!
    const { length } = this.files.list
    paintFile(canvas, y, one.change, {
      mark: this.taken.ofFile(one),
      folded: one.folded,
      current: spot.section === section,
      place: length > 1 ? `${section + 1}/${length}` : '',
      reading: one.reading && one.diff !== undefined,
      sign: signOf(one, this.files.troubleOf(one.change.path) !== undefined),
    })
  }

  /** Paints one row; what is acted on has a bar, bright where the keys are for it. */
  paint(canvas: Canvas, y: number, { section, item: index, row }: Place, spot: Spot, focused: boolean): void {
    const item = this.items(section)[index]!
    const one = this.files.list[section]!
    if (item.kind === 'file') this.paintHead(canvas, y, section, spot)
    else if (item.kind === 'note') canvas.text(3, y, this.noteRows(item.text)[row]?.[0]?.text ?? '', item.tone)
    else if ('hunk' in item) this.paintCode(canvas, y, one, section, item, row, spot)
    if (spot.section !== section || !('hunk' in item) || item.hunk !== spot.hunk) return
    const here = spot.line === undefined || indexesIn(item).includes(spot.line)
    canvas.text(0, y, '▌', here && focused ? 'accent' : 'line')
  }

  /** The text of one row of code, with the column that it begins at. */
  textAt(place: Place, side: Side): { text: string; x: number } | undefined {
    const item = this.items(place.section)[place.item]!
    if (item.kind !== 'line' && item.kind !== 'pair') return undefined
    const { code, middle, digits } = this.measureOf(place.section)
    const x = item.kind === 'line' ? code : (side === 'left' ? 3 : middle + 1) + digits + 3
    return { text: textOf(this.rowsAt(place, side)[place.row] ?? []), x }
  }

  /** All rows of the line that a row is of. */
  rowsAt({ section, item: index }: Place, side: Side): readonly Row[] {
    const item = this.items(section)[index]!
    if (item.kind !== 'line' && item.kind !== 'pair') return []
    const part = item.kind === 'line' ? item : item[side]
    if (part === undefined) return []
    const { room, half } = this.measureOf(section)
    const hunk = this.files.hunksOf(this.files.list[section]!)[item.hunk]!
    return this.code.rows(part.line, hunk, part.index, item.kind === 'line' ? room : half, '', false)
  }

  /** The line that a row is of, as the file has it. */
  sourceOf({ section, item: index }: Place, side: Side): string | undefined {
    const item = this.items(section)[index]!
    if (item.kind === 'line') return item.line.text
    return item.kind === 'pair' ? item[side]?.line.text : undefined
  }

  measureOf(section: number): Measure {
    const last = this.files.hunksOf(this.files.list[section]!).at(-1)
    const end =
      last === undefined ? 0 : Math.max(last.beforeStart + last.beforeLines, last.afterStart + last.afterLines)
    return measure(this.width, Math.max(2, String(end).length))
  }

  private paintCode(
    canvas: Canvas,
    y: number,
    one: Section,
    section: number,
    item: Extract<Item, { hunk: number }>,
    row: number,
    spot: Spot,
  ): void {
    const hunk = this.files.hunksOf(one)[item.hunk]!
    const state = isDecided(one) ? this.taken.ofHunk(one, item.hunk) : undefined
    if (item.kind === 'hunk')
      return paintHunk(canvas, y, hunk, state, spot.section === section && spot.hunk === item.hunk)
    const sizes = this.measureOf(section)
    const isTaken = (index: number) => index < 0 || state === undefined || this.taken.ofLine(one, item.hunk, index)
    if (item.kind === 'line') {
      const { line, index } = item
      const lineTaken = line.sign === ' ' || isTaken(index)
      const rows = this.rows(one, hunk, item, sizes.room, lineTaken)
      paintLine(canvas, y, sizes, line, rows, row, lineTaken)
      if (state === 'some' && !lineTaken && row === 0) canvas.text(1, y, marks.dropped.text, marks.dropped.tone)
      return
    }
    canvas.text(sizes.middle - 1, y, '│', 'line')
    for (const side of ['left', 'right'] as const) {
      const part = item[side]
      if (part === undefined) continue
      const lineTaken = part.line.sign === ' ' || isTaken(part.index)
      paintHalf(canvas, y, sizes, side, part.line, this.rows(one, hunk, part, sizes.half, lineTaken), row, lineTaken)
      if (state === 'some' && !lineTaken && row === 0) canvas.text(1, y, marks.dropped.text, marks.dropped.tone)
    }
  }

  private rows(
    { change }: Section,
    hunk: Hunk,
    { line, index }: { line: Parameters<Code['rows']>[0]; index: number },
    room: number,
    taken: boolean,
  ): Row[] {
    return this.code.rows(line, hunk, index, room, languageOfFile(change.path) ?? '', taken)
  }

  private noteRows(text: string): Row[] {
    return wrap([{ text: harmless(text), tone: 'normal' }], this.width - 4)
  }
}

/** Hunks of a file are decided on where they are what is applied: not where the two sides of a conflict are compared. */
export function isDecided({ diff, sides }: Section): boolean {
  return !(sides && diff?.sides !== undefined)
}

/** The indexes in its hunk of the lines that an item shows. */
export function indexesIn(item: Item): number[] {
  if (item.kind === 'line') return [item.index]
  if (item.kind !== 'pair') return []
  return [item.left, item.right].flatMap((one) => (one === undefined ? [] : [one.index]))
}

function signOf({ change }: Section, troubled: boolean): Span {
  if (change.refused !== undefined) return { text: '✗', tone: 'error' }
  if (change.conflict !== undefined) return { text: '?', tone: 'error' }
  if (troubled) return { text: '✗', tone: 'error' }
  if (change.sensitive !== undefined) return { text: '!', tone: 'waiting' }
  if (change.drifted) return { text: '?', tone: 'waiting' }
  return signs[change.kind]
}

const signs: Record<Section['change']['kind'], Span> = {
  added: { text: '+', tone: 'ok' },
  changed: { text: '●', tone: 'normal' },
  deleted: { text: '−', tone: 'error' },
  renamed: { text: '→', tone: 'normal' },
}

/** What is taken, in a few words. */
export function takenWords(taken: Taken, sections: readonly Section[]): Span[] {
  const { files, added, removed } = taken.counts(sections)
  const all = files === sections.length
  const what = all ? count(files, 'file') : `${files} of ${count(sections.length, 'file')}`
  return [
    { text: files === 0 ? '○' : '✓', tone: files === 0 ? 'dim' : 'ok' },
    { text: ` ${what} to apply`, tone: 'normal' },
    ...(added > 0 ? [{ text: ` +${added}`, tone: 'ok' as const }] : []),
    ...(removed > 0 ? [{ text: ` −${removed}`, tone: 'error' as const }] : []),
  ]
}
