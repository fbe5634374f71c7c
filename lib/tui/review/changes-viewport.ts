import { Viewport } from '../viewport.ts'
import { compare, isBefore, lastTop, moved, rowsFrom, settled, type Place } from './page.ts'
import type { Shape } from './items.ts'
import type { Section, Sections } from './sections.ts'
import type { Sheet, Spot } from './sheet.ts'
import { changedLines } from './taken.ts'

/** What of the changes is in view, and what is acted on. */
export class ChangesViewport extends Viewport<Place> {
  /** The place of the first row; the heading of its file always stands there. */
  top: Place = { section: 0, item: 0, row: 0 }
  spot: Spot = { section: 0, hunk: 0 }
  /** The file that is acted on: it is known by its path, whatever comes and goes around it. */
  path = ''
  /** It was moved by hand: what is acted on follows what is seen. */
  private scrolled = false
  private readonly files: Sections
  private readonly sheet: Sheet

  constructor(files: Sections, sheet: Sheet) {
    super({ moved: (from, by) => moved(sheet, from, by), compare })
    this.files = files
    this.sheet = sheet
  }

  get section(): Section {
    return this.files.list[this.spot.section]!
  }

  /** Finds what is acted on again among the files as they are now. */
  follow(): void {
    const { list } = this.files
    const at = list.findIndex(({ change }) => change.path === this.path)
    if (at >= 0) this.spot.section = at
    else this.spot = { section: Math.max(0, Math.min(this.spot.section, list.length - 1)), hunk: 0 }
    if (list.length === 0) return
    const hunks = this.files.hunksOf(this.section)
    if (this.spot.hunk >= hunks.length && this.section.diff !== undefined) this.spot.hunk = hunks.length - 1
    this.path = this.section.change.path
  }

  /** Takes the room that there is, and how the sides stand. The same hunk stays in sight, however its lines are laid out. */
  resize(width: number, height: number, shape: Shape): void {
    this.height = height
    if (shape === this.files.shape && width === this.sheet.width) return
    const item = this.sheet.items(Math.min(this.top.section, this.sheet.sections - 1))[this.top.item]
    this.files.shape = shape
    this.sheet.width = width
    this.files.relay()
    const section = Math.min(this.top.section, this.sheet.sections - 1)
    const hunk = item !== undefined && 'hunk' in item ? item.hunk : -1
    this.top = { section, item: this.sheet.itemOf({ section, hunk }), row: 0 }
  }

  /** Finds the rows of this frame. */
  place(): void {
    const end = this.endTop()
    this.top = settled(this.sheet, this.top)
    if (isBefore(end, this.top)) this.top = end
    const from = this.top.item === 0 ? moved(this.sheet, this.top, 1) : this.top
    const nothing = from === this.top || (from.section === this.top.section && from.item === 0)
    this.shown = this.top.item === 0 && nothing ? [] : rowsFrom(this.sheet, from, this.height)
    if (this.scrolled) this.followSight()
    this.scrolled = false
  }

  /** The last place to scroll to. A file's heading stands in the first row while what is below is in sight. */
  private endTop(): Place {
    const top = lastTop(this.sheet, this.height + 1)
    return top.item === 0 ? top : lastTop(this.sheet, this.height)
  }

  private followSight(): void {
    const spots = this.shown.map(({ section, item }) => {
      const one = this.sheet.items(section)[item]!
      return { section, hunk: 'hunk' in one ? one.hunk : -1, begins: one.kind === 'hunk' }
    })
    const isHere = ({ section, hunk }: Spot) => section === this.spot.section && hunk === this.spot.hunk
    if (spots.some((spot) => spot.begins && isHere(spot))) return
    const next = spots.find(({ begins }) => begins) ?? spots.find(({ hunk }) => hunk >= 0) ?? spots[0]
    this.goTo({ section: next?.section ?? this.top.section, hunk: next?.hunk ?? -1 }, false)
  }

  start(): Place {
    return this.top
  }

  show(at: Place): void {
    this.top = at
    this.scrolled = true
  }

  override scroll(by: number): void {
    if (this.files.list.length > 0) super.scroll(by)
  }

  toEnd(): void {
    this.show(this.endTop())
  }

  step(by: -1 | 1): void {
    const { section, hunk, line } = this.spot
    if (line === undefined) return this.scroll(by)
    const lines = changedLines(this.files.hunksOf(this.section)[hunk]!)
    const next = lines[Math.max(0, Math.min(lines.indexOf(line) + by, lines.length - 1))]
    this.goTo({ section, hunk, line: next })
  }

  goTo(spot: Spot, reveal = true): void {
    this.spot = spot
    this.path = this.section.change.path
    if (reveal) this.revealSpot()
  }

  /** Brings what is acted on into sight, with as much of it as there is room for. */
  private revealSpot(): void {
    const { section, hunk, line } = this.spot
    const item = this.sheet.itemOf(this.spot)
    const begin: Place = { section, item, row: 0 }
    const at = this.shown.findIndex((place) => place.section === section && place.item === item)
    const next = this.sheet.itemOf({ section, hunk: hunk + 1 })
    const rows =
      line === undefined ? Math.max(1, (next > item ? next : this.sheet.items(section).length - 1) - item) : 1
    if (hunk >= 0 && at >= 0 && at + Math.min(rows, Math.ceil(this.height / 2)) <= this.shown.length) return
    // A file's first hunk is seen with what is said of the file.
    this.top = hunk === 0 && line === undefined && item < this.height / 2 ? { section, item: 0, row: 0 } : begin
    if (line !== undefined) this.top = moved(this.sheet, begin, -Math.floor(this.height / 2))
  }

  /** Acts on what a place is of, and brings the place into view. */
  override reveal(place: Place): void {
    const item = this.sheet.items(place.section)[place.item]!
    this.goTo({ section: place.section, hunk: 'hunk' in item ? item.hunk : -1 }, false)
    super.reveal(place)
    this.scrolled = false
  }

  toFile(section: number): void {
    this.goTo({ section: Math.max(0, Math.min(section, this.sheet.sections - 1)), hunk: 0 })
    this.top = { section: this.spot.section, item: 0, row: 0 }
  }

  toHunk(by: -1 | 1): void {
    const { section, hunk } = this.spot
    const last = (one: number) =>
      this.files.list[one]!.folded ? -1 : this.files.hunksOf(this.files.list[one]!).length - 1
    if (by === 1 && hunk < last(section)) return this.goTo({ section, hunk: hunk + 1 })
    if (by === -1 && hunk > 0 && !this.section.folded) return this.goTo({ section, hunk: hunk - 1 })
    const next = section + by
    if (next < 0 || next >= this.sheet.sections) return this.goTo({ section, hunk })
    this.goTo({ section: next, hunk: by === 1 ? Math.min(0, last(next)) : last(next) })
  }
}
