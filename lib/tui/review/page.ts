import type { Item } from './items.ts'

/** A place in what scrolls: a row of an item of a section. */
export interface Place {
  section: number
  item: number
  row: number
}

/** What is scrolled through: items in sections, each as many rows as it takes. Only what is walked over is measured. */
export interface Pages {
  sections: number
  items(section: number): readonly Item[]
  /** Rows of an item; at least 1. */
  height(section: number, item: number): number
}

/** The place so many rows further (or, below 0, further up), at most at either end. */
export function moved(pages: Pages, place: Place, by: number): Place {
  let { section, item, row } = place
  let left = by
  while (left > 0) {
    const below = pages.height(section, item) - 1 - row
    if (left <= below) return { section, item, row: row + left }
    const next = following(pages, section, item)
    if (next === undefined) return { section, item, row: row + below }
    left -= below + 1
    ;[section, item, row] = [next.section, next.item, 0]
  }
  while (left < 0) {
    if (-left <= row) return { section, item, row: row + left }
    const before = preceding(pages, section, item)
    if (before === undefined) return { section, item, row: 0 }
    left += row + 1
    ;[section, item] = [before.section, before.item]
    row = pages.height(section, item) - 1
  }
  return { section, item, row }
}

/** The place in its section as it is now: what was read or folded may have fewer items. */
export function settled(pages: Pages, { section, item, row }: Place): Place {
  if (pages.sections === 0) return { section: 0, item: 0, row: 0 }
  const [inside, kept] = section < pages.sections ? [section, true] : [pages.sections - 1, false]
  const last = pages.items(inside).length - 1
  if (!kept || item > last) return { section: inside, item: Math.max(0, Math.min(item, last)), row: 0 }
  return { section, item, row: Math.min(row, pages.height(section, item) - 1) }
}

/** The last place from which on a screen of so many rows is full. */
export function lastTop(pages: Pages, rows: number): Place {
  const section = pages.sections - 1
  const item = pages.items(section).length - 1
  return moved(pages, { section, item, row: pages.height(section, item) - 1 }, 1 - rows)
}

/** The rows from a place on, at most so many. */
export function rowsFrom(pages: Pages, top: Place, rows: number): Place[] {
  const places: Place[] = []
  let place: Place | undefined = top
  while (place !== undefined && places.length < rows) {
    places.push(place)
    const { section, item, row }: Place = place
    if (row + 1 < pages.height(section, item)) place = { section, item, row: row + 1 }
    else {
      const next = following(pages, section, item)
      place = next && { ...next, row: 0 }
    }
  }
  return places
}

/** Which of two places comes first: negative for `a`. */
export function compare(a: Place, b: Place): number {
  return a.section - b.section || a.item - b.item || a.row - b.row
}

export function isBefore(one: Place, other: Place): boolean {
  return compare(one, other) < 0
}

function following(pages: Pages, section: number, item: number): { section: number; item: number } | undefined {
  if (item + 1 < pages.items(section).length) return { section, item: item + 1 }
  return section + 1 < pages.sections ? { section: section + 1, item: 0 } : undefined
}

function preceding(pages: Pages, section: number, item: number): { section: number; item: number } | undefined {
  if (item > 0) return { section, item: item - 1 }
  return section > 0 ? { section: section - 1, item: pages.items(section - 1).length - 1 } : undefined
}
