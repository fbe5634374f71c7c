import type { Item } from './items.ts'
import type { Pages, Place } from './page.ts'

/** What is looked for in the changes, and where it was found last. Letters count as they are once one is a capital. */
export class Find {
  query = ''
  private at: { section: number; item: number } | undefined

  /** Where in a text the words stand, as pairs of UTF-16 units. */
  ranges(text: string): [number, number][] {
    if (this.query === '') return []
    const [within, wanted] = this.folded(text)
    const found: [number, number][] = []
    for (let at = within.indexOf(wanted); at >= 0; at = within.indexOf(wanted, at + wanted.length))
      found.push([at, at + wanted.length])
    return found
  }

  /** Begins anew at a place. */
  start(query: string): void {
    this.query = query
    this.at = undefined
  }

  /** The next line that has the words, from the last one or from a place on, over the end to the beginning. */
  next(pages: Pages, from: Place, by: -1 | 1): Place | undefined {
    if (this.query === '' || pages.sections === 0) return undefined
    const begin = this.at ?? { section: from.section, item: from.item - (by === 1 ? 1 : 0) }
    const start = Math.max(0, Math.min(begin.section, pages.sections - 1))
    for (let turn = 0; turn <= pages.sections; turn += 1) {
      const section = (start + by * turn + pages.sections * (turn + 1)) % pages.sections
      const items = pages.items(section)
      const first = turn > 0 ? (by === 1 ? 0 : items.length - 1) : begin.item + by
      for (let item = first; item >= 0 && item < items.length; item += by) {
        if (!textsIn(items[item]!).some((text) => this.has(text))) continue
        this.at = { section, item }
        return { section, item, row: 0 }
      }
    }
    return undefined
  }

  private has(text: string): boolean {
    const [within, wanted] = this.folded(text)
    return within.includes(wanted)
  }

  private folded(text: string): [string, string] {
    const { query } = this
    return query === query.toLowerCase() ? [text.toLowerCase(), query] : [text, query]
  }
}

function textsIn(item: Item): string[] {
  if (item.kind === 'line') return [item.line.text]
  if (item.kind !== 'pair') return []
  return [item.left, item.right].flatMap((one) => (one === undefined ? [] : [one.line.text]))
}
