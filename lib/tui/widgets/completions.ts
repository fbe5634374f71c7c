import type { Action } from '../../config/actions.ts'
import type { Canvas } from '../canvas.ts'
import { pathWord, soughtAt, type Sought } from '../editing/completion.ts'
import type { Draft, Range } from '../editing/draft.ts'
import { Finder } from '../format/finder.ts'
import { fuzzy } from '../format/fuzzy.ts'
import type { SlashCommands } from '../slash.ts'
import type { Paths } from '../source.ts'
import { wheelRows, type ViewMouse } from '../view.ts'
import { columns } from '../width.ts'
import { paintBorder } from './border.ts'
import { Hits } from './hits.ts'

/** What choosing puts in the place of a range. */
export interface Completed {
  range: Range
  text: string
  /** It is whole: the prompt can be sent as it is. */
  whole: boolean
}

interface Item {
  label: string
  detail: string
  text: string
}

export interface CompletionsParts {
  paths: Paths
  slash: SlashCommands
  /** Asks for a frame. */
  changed(): void
  /** One was chosen by the mouse. */
  choose(completed: Completed): void
}

/** Entries in sight. */
const mostRows = 8
/** A prompt that is completed this long is looked at no further. */
const widest = 84

/** A small list over the composer: the paths and commands that what is written may be the beginning of. */
export class Completions {
  private readonly parts: CompletionsParts
  private readonly finder: Finder
  private readonly hits = new Hits()
  private sought: Sought | undefined
  private items: readonly Item[] = []
  private selected = 0
  private first = 0
  /** What was closed, by where it begins: it stays so until something else is written. */
  private closed: string | undefined

  constructor(parts: CompletionsParts) {
    this.parts = parts
    this.finder = new Finder(() => this.refill())
    parts.paths.onChange(() => {
      if (this.sought?.kind !== 'path') return
      this.finder.use(parts.paths.known)
      this.refill()
    })
  }

  get isOpen(): boolean {
    return this.items.length > 0
  }

  /** Rows with the border, where it is open. */
  get rows(): number {
    return Math.min(this.items.length, mostRows) + 2
  }

  get width(): number {
    return widest
  }

  /** Looks at what is written; `typed`: it has just been, and not merely moved in. */
  look(draft: Draft, typed: boolean): void {
    const sought = soughtAt(draft)
    if (sought === undefined || (!typed && !this.isOpen)) return this.leave()
    const same = sought.kind === this.sought?.kind && sought.query === this.sought.query
    if (this.closed === placeOf(sought) || (same && this.isOpen)) return
    this.closed = undefined
    this.sought = sought
    if (sought.kind === 'path') {
      this.parts.paths.refresh()
      this.finder.use(this.parts.paths.known)
      this.finder.seek(sought.query)
    }
    this.selected = this.first = 0
    this.refill()
  }

  /** What the entry that is selected makes of the prompt. */
  chosen(): Completed | undefined {
    const [item, sought] = [this.items[this.selected], this.sought]
    if (item === undefined || sought === undefined) return undefined
    const takesMore = sought.kind === 'command' && this.parts.slash.named(item.label.slice(1))?.values !== undefined
    return { range: sought.range, text: item.text, whole: sought.kind !== 'path' && !takesMore }
  }

  /** True where choosing would change nothing that is written. */
  get isWritten(): boolean {
    const [item, sought] = [this.items[this.selected], this.sought]
    return sought?.kind === 'path' ? item?.label === sought.query : false
  }

  /** Moves in the list or closes it. False where the action says neither. */
  act(action: Action): boolean {
    const moves: Partial<Record<Action, number>> = {
      'list.up': -1,
      'list.down': 1,
      'list.page-up': -mostRows,
      'list.page-down': mostRows,
    }
    const by = moves[action]
    if (by !== undefined) this.select(this.selected + by)
    else if (action === 'list.close') this.close()
    else return false
    return true
  }

  /** Closes it, until something else is written. */
  close(): void {
    if (this.sought !== undefined) this.closed = placeOf(this.sought)
    this.empty()
  }

  mouse({ action, button, x, y }: ViewMouse): void {
    if (action === 'wheel') this.select(this.selected + (button === 'up' ? -wheelRows : wheelRows))
    else if (action === 'down' && button === 'left') this.hits.click(x, y)
  }

  paint(canvas: Canvas): void {
    const { items, sought } = this
    if (sought === undefined) return
    this.hits.clear()
    const count = sought.kind === 'path' ? this.finder.count : items.length
    paintBorder(canvas, titles[sought.kind], 'line', `${this.selected + 1}/${count}`)
    const page = canvas.height - 2
    this.first = Math.max(0, Math.min(this.first, this.selected, items.length - page), this.selected - page + 1)
    const inView = items.slice(this.first, this.first + page)
    const widestLabel = Math.max(...inView.map(({ label }) => columns(label)))
    const column = Math.min(4 + widestLabel + 2, Math.floor(canvas.width / 2))
    for (const [i, item] of inView.entries()) this.paintItem(canvas, 1 + i, item, this.first + i, column)
  }

  /** `column`: where details begin, unless the label is longer. */
  private paintItem(canvas: Canvas, y: number, { label, detail }: Item, at: number, column: number): void {
    const chosen = at === this.selected
    const room = canvas.width - 6
    if (chosen) canvas.text(2, y, '›', 'accent')
    const name = label.lastIndexOf('/') + 1
    const isPath = this.sought?.kind === 'path'
    // Of a path its end is what tells it from others.
    const shown = isPath && columns(label) > room ? `…${label.slice(-(room - 1))}` : label
    const folder = isPath ? shown.slice(0, Math.max(0, shown.length - label.length + name)) : ''
    let x = canvas.text(4, y, folder, chosen ? 'accent' : 'dim', room)
    x = canvas.text(x, y, shown.slice(folder.length), chosen ? 'accent' : 'normal', Math.max(0, room + 4 - x))
    const start = Math.max(x + 2, column)
    if (detail !== '') canvas.text(start, y, detail, 'dim', Math.max(0, canvas.width - 2 - start))
    this.hits.add(1, y, canvas.width - 2, () => {
      this.selected = at
      const completed = this.chosen()
      if (completed !== undefined) this.parts.choose(completed)
    })
  }

  private select(index: number): void {
    this.selected = Math.max(0, Math.min(index, this.items.length - 1))
  }

  private refill(): void {
    if (this.sought === undefined) return
    this.items = this.fill(this.sought)
    this.select(this.selected)
    this.parts.changed()
  }

  private fill(sought: Sought): Item[] {
    const { slash } = this.parts
    if (sought.kind === 'path')
      return this.finder.found.map((path) => ({ label: path, detail: '', text: `${pathWord(path)} ` }))
    if (sought.kind === 'command') {
      const commands = fuzzy(sought.query, slash.all(), ({ name }) => name)
      return commands.map(({ item: { name, detail, values } }) => ({
        label: `/${name}`,
        detail,
        text: values === undefined ? `/${name}` : `/${name} `,
      }))
    }
    const values = slash.named(sought.command)?.values?.() ?? []
    return fuzzy(sought.query, values, (value) => value).map(({ item }) => ({ label: item, detail: '', text: item }))
  }

  /** Nothing is sought any more. */
  private leave(): void {
    this.closed = undefined
    this.empty()
  }

  private empty(): void {
    this.finder.stop()
    this.sought = undefined
    this.items = []
  }
}

const titles: Record<Sought['kind'], string> = { path: 'Files', command: 'Commands', argument: 'Which?' }

function placeOf({ kind, range }: Sought): string {
  return `${kind} ${range.from}`
}
