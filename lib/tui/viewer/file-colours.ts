import type { Highlighter } from '../format/highlight.ts'
import { languageOfFile } from '../format/languages.ts'
import { wholeBytes, type Document } from './document.ts'
import type { Page } from './page.ts'

/** Characters up to which a file is coloured at once; of a longer one first what is in view. */
const colouredAtOnce = 64 * 1024

/** Gives the page of a file its colours while somebody looks at it. */
export class FileColours {
  private document: Document | undefined
  private inSight = false
  /** The file waits for its colours until it is seen. */
  private waits = false
  private readonly highlighter: Highlighter
  private readonly page: Page
  private readonly changed: () => void

  constructor(highlighter: Highlighter, page: Page, changed: () => void) {
    this.highlighter = highlighter
    this.page = page
    this.changed = changed
  }

  /** The page shows another file, or the same as it is now. */
  take(document: Document): void {
    this.document = document
    void this.colour(document)
  }

  /** The page comes into sight, or goes. */
  see(on: boolean): void {
    this.inSight = on
    if (on && this.waits && this.document !== undefined) void this.colour(this.document)
  }

  /** What is in view is coloured first; of a large file nothing else is. */
  private async colour(document: Document): Promise<void> {
    this.waits = !this.inSight
    if (this.waits) return
    const { window } = document
    const all = document.stat.size <= wholeBytes
    if (!all || document.stat.size > colouredAtOnce) {
      const first = Math.max(window.from, this.page.top.line - this.page.height)
      const part = window.lines.slice(first - window.from, first - window.from + this.page.height * 3)
      await this.give(document, first, part)
    }
    if (all) await this.give(document, 0, document.window.lines)
  }

  private async give(document: Document, from: number, lines: Document['window']['lines']): Promise<void> {
    const language = this.inSight ? languageOfFile(document.path) : undefined
    if (language === undefined) return
    const texts = lines.map(({ text }) => text)
    const rows = await this.highlighter.inThread(language, texts)
    if (document !== this.document || rows.length === 0) return
    this.page.colour(from, rows)
    this.changed()
  }
}
