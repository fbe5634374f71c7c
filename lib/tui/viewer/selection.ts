import { segments } from '../format/segments.ts'
import { wordAround } from '../format/word.ts'
import { Selection, type Range, type Unit } from '../selection.ts'
import type { Accent } from './paint.ts'
import type { Page, Place } from './page.ts'

/** Lines that a selection may have: more is a file, and is taken as one. */
const mostLines = 20_000
/** UTF-16 units that no character is longer than. */
const longest = 64

/** What is selected of a file. */
export class FileSelection extends Selection<Place> {
  private readonly page: Page

  constructor(page: Page) {
    super()
    this.page = page
  }

  /** What of a line is selected. */
  of(line: number): Accent[] {
    const { range } = this
    if (range === undefined || line < range.from.line || line > range.to.line) return []
    const from = line === range.from.line ? range.from.at : 0
    const to = line === range.to.line ? range.to.at : Infinity
    return [{ from, to, tone: 'selection' }]
  }

  /** The selected text as the file has it; lines that were not read any more are left out. */
  text(): string {
    const { range } = this
    if (range === undefined) return ''
    const lines: string[] = []
    const last = Math.min(range.to.line, range.from.line + mostLines)
    for (let line = range.from.line; line <= last; line++) {
      const laid = this.page.line(line)
      if (laid === undefined) continue
      const from = line === range.from.line ? range.from.at : 0
      lines.push(laid.part(from, line === range.to.line ? range.to.at : laid.text.length))
    }
    return lines.join('\n')
  }

  protected around(place: Place, unit: Unit): Range<Place> | undefined {
    const { line, at } = place
    const text = this.page.line(line)?.text ?? ''
    if (unit === 'line') return { from: { line, at: 0 }, to: { line, at: text.length } }
    if (unit === 'character') {
      const length = segments(text.slice(at, at + longest))[0]?.segment.length ?? 0
      return { from: place, to: { line, at: at + length } }
    }
    const parts = segments(text)
    const word = wordAround(
      parts.map(({ segment }) => segment),
      parts.findLastIndex(({ index }) => index <= at),
    )
    if (word === undefined) return undefined
    const last = parts[word.last]!
    return { from: { line, at: parts[word.first]!.index }, to: { line, at: last.index + last.segment.length } }
  }

  protected compare(a: Place, b: Place): number {
    return a.line - b.line || a.at - b.at
  }
}
