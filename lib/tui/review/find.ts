import type { Tone } from '../../config/theme.ts'
import { occurrences, wordsPattern } from '../format/occurrences.ts'
import type { Found, Searched } from '../widgets/search-line.ts'
import type { Item } from './items.ts'
import type { Place } from './page.ts'
import type { Section, Sections } from './sections.ts'
import type { Sheet, Side } from './sheet.ts'
import type { ChangesViewport } from './changes-viewport.ts'

/** Of folded files, so many are searched, and so many are read for it at once. */
const mostFolded = 1_000
const atOnce = 32

/** What is searched for in the changes, in folded files too, and how far the person has got among what was found. */
export class Find implements Searched {
  private pattern: RegExp | undefined
  /** The match that was gone to last: the how manieth of its section's. */
  private current: { section: number; nth: number } | undefined
  /** Of the items of a section, those that have a match, as often as they have one. */
  private known = new WeakMap<readonly Item[], readonly number[]>()
  /** Files that were folded before what is typed now was found in them. */
  private readonly opened = new Set<Section>()
  private readonly files: Sections
  private readonly sheet: Sheet
  private readonly view: ChangesViewport

  constructor(files: Sections, sheet: Sheet, view: ChangesViewport) {
    this.files = files
    this.sheet = sheet
    this.view = view
  }

  look(words: string): void {
    this.pattern = words === '' ? undefined : wordsPattern(words)
    this.current = undefined
    this.known = new WeakMap()
    if (this.pattern === undefined) return this.opened.clear()
    for (const section of this.opened) this.fold(section, true)
    this.opened.clear()
    for (const section of this.files.list) if (!section.folded) this.files.read(section)
    this.follow()
  }

  /** Files may have been read, or have changed: goes to the first match as soon as there is one. */
  follow(): void {
    const { current } = this
    if (this.pattern === undefined) return
    this.readFolded()
    if (current !== undefined && current.nth < this.matches(current.section).length) return
    this.current = this.nearest()
    this.reveal()
  }

  go(direction: 1 | -1): void {
    if (this.current === undefined) return
    const { sections } = this.sheet
    let { section, nth } = this.current
    nth += direction
    for (let turn = 0; turn <= sections && this.matches(section)[nth] === undefined; turn += 1) {
      section = (section + direction + sections) % sections
      nth = direction > 0 ? 0 : this.matches(section).length - 1
    }
    this.current = { section, nth }
    this.reveal()
  }

  found(): Found {
    const { current } = this
    if (this.pattern === undefined) return { matches: 0, current: 0 }
    const counts = this.files.list.map((_, section) => this.matches(section).length)
    const upTo = (section: number) => counts.slice(0, section).reduce((sum, one) => sum + one, 0)
    return {
      matches: upTo(counts.length),
      current: current === undefined ? 0 : upTo(current.section) + current.nth + 1,
      going: this.files.list.some((section, at) => section.diff === undefined && isSearched(section, at)),
      more: this.files.list.some((section, at) => section.diff === undefined && !isSearched(section, at)),
    }
  }

  /** The columns of one row of code that have what is searched for. */
  marks(place: Place, side: Side): { from: number; to: number; tone: Tone }[] {
    if (this.pattern === undefined) return []
    const first = side === 'right' ? this.before(this.sheet.items(place.section)[place.item]!) : 0
    const at = this.currentIn(place)
    return occurrences(this.sheet.rowsAt(place, side), this.pattern).flatMap((parts, i) =>
      parts.flatMap(({ row, from, to }) =>
        row === place.row ? [{ from, to, tone: first + i === at ? ('matchAt' as const) : ('match' as const) }] : [],
      ),
    )
  }

  /** Matches of an item that are counted before those of its right side. */
  private before(item: Item): number {
    if (item.kind !== 'pair' || item.left === undefined || item.left.line === item.right?.line) return 0
    return this.count(item.left.line.text)
  }

  /** The how manieth match of the item at a place is the one that was gone to. */
  private currentIn({ section, item }: Place): number {
    const { current } = this
    if (current?.section !== section) return -1
    const matches = this.matches(section)
    return matches[current.nth] === item ? current.nth - matches.indexOf(item) : -1
  }

  /** Reads on in the files that are folded, some at a time, those first that come next. */
  private readFolded(): void {
    const { list } = this.files
    let reading = list.filter((section) => section.reading).length
    for (let turn = 0; turn < list.length && reading < atOnce; turn += 1) {
      const at = (this.view.top.section + turn) % list.length
      const section = list[at]!
      if (!section.folded || !section.stale || section.reading || !isSearched(section, at)) continue
      this.files.read(section)
      reading += 1
    }
  }

  private nearest(): { section: number; nth: number } | undefined {
    const { top } = this.view
    for (let turn = 0; turn <= this.sheet.sections; turn += 1) {
      const section = (top.section + turn) % this.sheet.sections
      const nth = this.matches(section).findIndex((item) => turn > 0 || item >= top.item)
      if (nth >= 0) return { section, nth }
    }
    return undefined
  }

  private reveal(): void {
    const { current } = this
    const item = current === undefined ? undefined : this.matches(current.section)[current.nth]
    if (item === undefined) return
    const section = this.files.list[current!.section]!
    if (section.folded) {
      this.fold(section, false)
      this.opened.add(section)
    }
    this.view.reveal({ section: current!.section, item, row: 0 })
  }

  private fold(section: Section, folded: boolean): void {
    section.folded = folded
    this.files.relay(section)
  }

  private matches(section: number): readonly number[] {
    if (section >= this.sheet.sections) return []
    const one = this.files.list[section]!
    if (one.diff === undefined) return []
    const items = this.files.openItemsOf(one)
    let found = this.known.get(items)
    if (found === undefined) {
      found = items.flatMap((item, at) => textsIn(item).flatMap((text) => Array<number>(this.count(text)).fill(at)))
      this.known.set(items, found)
    }
    return found
  }

  private count(text: string): number {
    return [...text.matchAll(this.pattern!)].length
  }
}

function isSearched({ folded }: Section, at: number): boolean {
  return !folded || at < mostFolded
}

function textsIn(item: Item): string[] {
  if (item.kind === 'line') return [item.line.text]
  if (item.kind !== 'pair') return []
  const sides = new Set([item.left?.line, item.right?.line])
  return [...sides].flatMap((line) => (line === undefined ? [] : [line.text]))
}
