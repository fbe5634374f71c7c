import type { Found, Searched } from '../widgets/search-line.ts'
import type { Lines } from './lines.ts'
import type { Page } from './page.ts'
import type { Accent } from './paint.ts'
import { mostMatches, Search, type Match } from './search.ts'

/** What is searched for in the file that is shown, and how far the person has got among what was found. */
export class FileSearch implements Searched {
  private search: Search | undefined
  private current: Match | undefined
  private readonly page: Page
  private readonly lines: () => Lines | undefined
  private readonly changed: () => void

  /** `lines`: those of the file, if there is one; `changed` is called when more was found. */
  constructor(page: Page, lines: () => Lines | undefined, changed: () => void) {
    this.page = page
    this.lines = lines
    this.changed = changed
  }

  look(words: string): void {
    this.begin(words, true)
  }

  /** The file is another than it was: looks anew, and stays where it is. */
  again(): void {
    if (this.search !== undefined) this.begin(this.search.query, false)
  }

  go(direction: 1 | -1): void {
    if (this.search === undefined) return
    const from = this.current ?? { line: this.page.top.line, at: direction > 0 ? -1 : 0 }
    this.current = this.search.next(from, direction)
    if (this.current !== undefined) this.reveal(this.current)
  }

  found(): Found {
    const { search, current } = this
    if (search === undefined) return { matches: 0, current: 0 }
    const { matches, done } = search
    return {
      matches: matches.length,
      current: current === undefined ? 0 : search.indexOf(current) + 1,
      going: !done,
      more: matches.length >= mostMatches,
    }
  }

  /** Where a line has what was found. */
  accents(line: number): Accent[] {
    const laid = this.page.line(line)
    if (laid === undefined || this.search === undefined) return []
    return this.search.of(line).map((match) => ({
      from: laid.drawn(match.at),
      to: laid.drawn(match.at + match.length),
      tone: match === this.current ? 'matchAt' : 'match',
    }))
  }

  private begin(words: string, go: boolean): void {
    this.search?.stop()
    this.search = this.current = undefined
    const lines = this.lines()
    if (words === '' || lines === undefined) return
    const search = new Search(words, lines, this.changed)
    this.search = search
    void search.run(this.page.top.line, (match) => {
      if (search !== this.search) return
      this.current = match
      if (go && match !== undefined) this.reveal(match)
      this.changed()
    })
  }

  private reveal({ line, at }: Match): void {
    this.page.reveal({ line, at: this.page.line(line)?.drawn(at) ?? at })
  }
}
