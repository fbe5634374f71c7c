import { Clicks } from '../clicks.ts'
import { segments } from '../format/segments.ts'
import { wordAround } from '../format/word.ts'
import type { Accent } from './paint.ts'
import type { Page, Place } from './page.ts'

/** Lines that a selection may have: more is a file, and is taken as one. */
const mostLines = 20_000

/** What the mouse has selected in a file: from where the button was pressed to where it is. */
export class FileSelection {
  private from: Place | undefined
  private to: Place | undefined
  private readonly clicks = new Clicks()
  private readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get isEmpty(): boolean {
    return this.from === undefined || this.to === undefined || compare(this.from, this.to) === 0
  }

  clear(): void {
    this.from = this.to = undefined
  }

  /** A press: twice selects a word, three times a line. `now` in milliseconds. */
  press(x: number, y: number, now: number): void {
    const place = this.page.placeAt(x, y)
    const times = this.clicks.count(x, y, now)
    this.from = this.to = place
    const text = this.page.line(place.line)?.text ?? ''
    if (times === 2) {
      const parts = segments(text)
      const word = wordAround(
        parts.map(({ segment }) => segment),
        parts.findLastIndex(({ index }) => index <= place.at),
      )
      if (word === undefined) return
      const last = parts[word.last]!
      this.from = { line: place.line, at: parts[word.first]!.index }
      this.to = { line: place.line, at: last.index + last.segment.length }
    } else if (times === 3) {
      this.from = { line: place.line, at: 0 }
      this.to = { line: place.line, at: text.length }
    }
  }

  /** The button is held; beyond the page's edge it scrolls. */
  drag(x: number, y: number): void {
    if (this.from === undefined) return
    if (y < 0) this.page.scroll(-1)
    else if (y >= this.page.height) this.page.scroll(1)
    this.to = this.page.placeAt(x, Math.max(0, Math.min(y, this.page.height - 1)))
  }

  /** What of a line is selected. */
  of(line: number): Accent[] {
    const range = this.range()
    if (range === undefined || line < range.from.line || line > range.to.line) return []
    const from = line === range.from.line ? range.from.at : 0
    const to = line === range.to.line ? range.to.at : Infinity
    return [{ from, to, tone: 'selection' }]
  }

  /** The selected text as the file has it; lines that were not read any more are left out. */
  text(): string {
    const range = this.range()
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

  private range(): { from: Place; to: Place } | undefined {
    const { from, to } = this
    if (from === undefined || to === undefined || this.isEmpty) return undefined
    return compare(from, to) < 0 ? { from, to } : { from: to, to: from }
  }
}

function compare(a: Place, b: Place): number {
  return a.line - b.line || a.at - b.at
}
