import type { ApplyReport, Change, DiffLine, FileDiff, Hunk } from '../../core/changes.ts'
import type { Source } from '../source.ts'
import { itemsOf, shownHunks, type Item, type Shape } from './items.ts'

/** One changed file: its diff as far as it was read, and how it is shown. */
export interface Section {
  change: Change
  diff?: FileDiff
  folded: boolean
  /** Of a conflict: how the two sides differ, instead of what the agent changed. */
  sides: boolean
  /** What was read is of before the change as it is now; it is shown until it was read anew. */
  stale: boolean
  reading: boolean
  /** Lines that are shown around each hunk besides its own, and all lines of the file, to show them of. */
  around: Map<number, number>
  whole?: readonly DiffLine[]
}

/** Above so many files, what is in them is opened one by one. */
const mostOpen = 40
/** Lines that are shown more, on each side, each time that more of what is around is asked for. */
const more = 10
/** More equal lines than any file has that is compared. */
const all = 10_000_000

/** What stands of a file that is folded. */
const heading: readonly Item[] = [{ kind: 'file' }]

/** The changed files in their order, with what was read of them. */
export class Sections {
  list: Section[] = []
  shape: Shape = 'unified'
  /** Counts up whenever a place may have come to mean something else. */
  version = 0
  private known: readonly Change[] = []
  private report: ApplyReport | undefined
  private items = new WeakMap<Section, Item[]>()
  private readonly source: { diff: Source['diff'] }
  private readonly changed: () => void

  /** `changed`: something was read that changes what is shown. */
  constructor(source: { diff: Source['diff'] }, changed: () => void) {
    this.source = source
    this.changed = changed
  }

  /** Takes the changes as they are now. What is as it was stays; what is not is read anew when it comes into sight. */
  update(changes: readonly Change[], report: ApplyReport | undefined): void {
    if (report !== this.report) {
      this.report = report
      this.relay()
      const troubled = new Set(report?.conflicts.map(({ path }) => path))
      for (const section of this.list) if (troubled.has(section.change.path)) section.stale = true
    }
    if (changes === this.known) return
    this.known = changes
    const before = new Map(this.list.map((section) => [section.change.path, section]))
    const folded = changes.length > mostOpen
    this.list = changes.map((change): Section => {
      const section = before.get(change.path)
      if (section === undefined) return { change, folded, sides: true, stale: true, reading: false, around: new Map() }
      const same = JSON.stringify(change) === JSON.stringify(section.change)
      return Object.assign(section, { change, stale: section.stale || !same })
    })
    this.relay()
  }

  /** Why the last application left a file out, where it is still there. */
  troubleOf(path: string): string | undefined {
    const { conflicts = [], refused = [] } = this.report ?? {}
    return [...conflicts, ...refused].find((one) => one.path === path)?.reason
  }

  itemsOf(section: Section): readonly Item[] {
    return section.folded ? heading : this.openItemsOf(section)
  }

  /** What stands of a file that is not folded, or would stand of one that is. */
  openItemsOf(section: Section): readonly Item[] {
    let items = this.items.get(section)
    if (items === undefined) {
      const { change, diff, sides } = section
      items = itemsOf(change, diff, {
        shape: this.shape,
        sides,
        trouble: this.troubleOf(change.path),
        around: (hunk) => aroundOf(section, hunk),
      })
      this.items.set(section, items)
    }
    return items
  }

  /** The hunks of a file that are shown. */
  hunksOf({ diff, sides }: Section): readonly Hunk[] {
    return shownHunks(diff, sides)
  }

  /** What is shown of a section, or of all, is not what it was. */
  relay(section?: Section): void {
    this.version++
    if (section === undefined) this.items = new WeakMap()
    else this.items.delete(section)
  }

  /** Reads what is in sight and was not read, or not since it changed. */
  read(section: Section): void {
    if (!section.stale || section.reading) return
    section.reading = true
    section.stale = false
    void this.load(section)
  }

  /** Shows more lines around a hunk. */
  async widen(section: Section, hunk: number): Promise<void> {
    const { change, diff } = section
    if (section.whole === undefined) {
      const whole = await this.source.diff(change.path, all).catch(() => undefined)
      if (whole === undefined || section.diff !== diff) return
      section.whole = whole.hunks.flatMap(({ lines }) => lines)
    }
    section.around.set(hunk, (section.around.get(hunk) ?? 0) + more)
    this.relay(section)
    this.changed()
  }

  private async load(section: Section): Promise<void> {
    const { change } = section
    const diff = await this.source.diff(change.path).catch((error: unknown): FileDiff => ({
      change,
      hunks: [],
      note: error instanceof Error ? error.message : String(error),
    }))
    section.reading = false
    section.diff = diff
    section.around.clear()
    delete section.whole
    this.relay(section)
    this.changed()
  }
}

/** What is shown around a hunk besides its own lines: never what another hunk has. */
function aroundOf({ diff, whole, around, sides }: Section, hunk: number): { before: DiffLine[]; after: DiffLine[] } {
  const wanted = around.get(hunk)
  const hunks = diff?.hunks ?? []
  const { lines } = hunks[hunk] ?? { lines: [] }
  if (wanted === undefined || whole === undefined || (sides && diff?.sides)) return { before: [], after: [] }
  const [first, last] = [lines[0]!, lines.at(-1)!]
  const start = whole.findIndex((line) => isSame(line, first))
  const end = whole.findIndex((line) => isSame(line, last))
  if (start < 0 || end < 0) return { before: [], after: [] }
  const before = whole.slice(Math.max(0, start - wanted), start)
  const after = whole.slice(end + 1, end + 1 + wanted)
  const lastChange = before.findLastIndex(({ sign }) => sign !== ' ')
  const nextChange = after.findIndex(({ sign }) => sign !== ' ')
  const upper = hunks[hunk - 1]?.lines.at(-1)
  const lower = hunks[hunk + 1]?.lines[0]
  return {
    before: before.slice(lastChange + 1).filter(({ after: at }) => at! > (upper?.after ?? 0)),
    after: after
      .slice(0, nextChange < 0 ? undefined : nextChange)
      .filter(({ after: at }) => at! < (lower?.after ?? Infinity)),
  }
}

function isSame(one: DiffLine, other: DiffLine): boolean {
  return one.sign === other.sign && one.before === other.before && one.after === other.after
}
