import type { Action, Context } from '../../config/actions.ts'
import type { Change } from '../../core/changes.ts'
import type { Canvas } from '../canvas.ts'
import { Clicks } from '../clicks.ts'
import type { KeyEvent } from '../events.ts'
import { wrap } from '../format/wrap.ts'
import { LinePrompt } from '../line-prompt.ts'
import type { Source } from '../source.ts'
import type { State } from '../state.ts'
import { half, wheelRows, type View, type ViewLook, type ViewMouse } from '../view.ts'
import { Errands } from './errands.ts'
import { Filter } from './filter.ts'
import { foldersOf, Marks } from './marks.ts'
import { paintTreeRow } from './rows.ts'
import { Tree, type TreeRow } from './tree.ts'

/** Milliseconds from one look at what is open to the next. */
const lookMs = 250

export interface FilesWishes {
  /** Shows a file in the viewer, and goes there. */
  open(path: string): void
  /** Shows it, and stays here. */
  preview(path: string): void
  /** Puts a path into the prompt. */
  mention(path: string): void
  copy(text: string, what: string): void
  /** The file that the viewer shows. */
  viewed(): string | undefined
  /** Asks for a frame. */
  changed(): void
}

/** The tree of the workspace: what is there, what of it changed, and what a person does with files. */
export class FilesView implements View {
  readonly name = 'files'
  readonly title = 'Files'
  private readonly source: Source
  private readonly wishes: FilesWishes
  private readonly tree: Tree
  private readonly prompt = new LinePrompt()
  private readonly errands: Errands
  private changes: readonly Change[] | undefined
  private marks = new Marks([])
  private hidden = false
  private readonly filter: Filter
  private selected = { path: '', index: 0 }
  private first = 0
  private page = 1
  private top = 0
  /** The selection was moved: it has to be seen. */
  private reveal = true
  private readonly clicks = new Clicks()
  private inSight = false
  private lookTimer: NodeJS.Timeout | undefined

  constructor(source: Source, wishes: FilesWishes) {
    this.source = source
    this.wishes = wishes
    this.tree = new Tree(source.files, wishes.changed)
    this.errands = new Errands(source.files, this.prompt, {
      done: (path) => void this.tree.refresh().then(() => this.goTo(path)),
      changed: wishes.changed,
    })
    source.files.onChange(() => this.lookSoon())
    this.filter = new Filter(source.paths, wishes.changed)
  }

  get contexts(): readonly Context[] {
    return [this.prompt.isOpen ? 'picker' : 'files']
  }

  note({ changes }: State): string {
    return changes.length === 0 ? '' : String(changes.length)
  }

  hints(): [Action, string][] {
    if (this.prompt.isOpen) return [['list.choose', 'do it'], ['list.close', 'back']] // prettier-ignore
    return [['files.open-entry', 'open'], ['files.mention', 'to prompt'], ['files.filter', 'filter'], ['files.create', 'new'], ['files.delete', 'delete'], ['help.open', 'help']] // prettier-ignore
  }

  seen(on: boolean): void {
    this.inSight = on
    if (on) return void this.tree.refresh()
    this.prompt.close()
    clearTimeout(this.lookTimer)
    this.lookTimer = undefined
  }

  paint(canvas: Canvas, state: State, { focused }: ViewLook): void {
    this.take(state.changes)
    const rows = this.rows()
    const asking = this.prompt.isOpen
    this.top = asking && this.filter.isOn ? 2 : 0
    const foot = asking && !this.filter.isOn ? 3 : this.errands.notice === '' ? 0 : this.paintNotice(canvas)
    this.page = Math.max(1, canvas.height - this.top - foot)
    if (this.top > 0) {
      this.prompt.paint(canvas, 0, focused, rows.length === 0 ? 'none' : String(rows.length))
      canvas.fill(1, 1, canvas.width - 2, 1, 'line', '─')
    }
    if (rows.length === 0) this.paintEmpty(canvas, state)
    this.settle(rows)
    for (const [i, row] of rows.slice(this.first, this.first + this.page).entries()) {
      paintTreeRow(canvas, this.top + i, row, {
        marks: this.marks,
        selected: focused && this.first + i === this.selected.index,
        open: !this.filter.isOn && this.tree.isOpen(row.path),
        ignored: row.kind === 'thing' && !this.filter.isOn && this.tree.isEntryIgnored(row),
        viewed: row.path === this.wishes.viewed(),
      })
    }
    if (asking && !this.filter.isOn) {
      canvas.fill(1, canvas.height - 3, canvas.width - 2, 1, 'line', '─')
      this.prompt.paintTall(canvas, canvas.height - 2, focused)
    }
  }

  act(action: Action): boolean {
    if (this.prompt.act(action)) return true
    this.errands.notice = ''
    const move = this.moves[action]
    if (move !== undefined) this.select(move())
    else if (this.acts[action] === undefined) return false
    else this.acts[action]()
    return true
  }

  key(event: KeyEvent): boolean {
    return this.prompt.key(event)
  }

  paste(text: string): boolean {
    return this.prompt.paste(text)
  }

  mouse({ action, button, y }: ViewMouse): void {
    if (action === 'wheel') {
      this.first += button === 'up' ? -wheelRows : wheelRows
      return
    }
    const index = this.first + y - this.top
    const row = y < this.top ? undefined : this.rows()[index]
    if (button !== 'left' || row === undefined || y >= this.top + this.page) return
    if (action === 'down') this.select(index)
    else if (action === 'up' && row.path === this.selected.path) this.click(row)
  }

  private readonly moves: Partial<Record<Action, () => number>> = {
    'files.up': () => this.selected.index - 1,
    'files.down': () => this.selected.index + 1,
    'files.page-up': () => this.selected.index - this.page,
    'files.page-down': () => this.selected.index + this.page,
    'files.half-page-up': () => this.selected.index - half(this.page),
    'files.half-page-down': () => this.selected.index + half(this.page),
    'files.top': () => 0,
    'files.bottom': () => this.rows().length - 1,
    'list.up': () => this.selected.index - 1,
    'list.down': () => this.selected.index + 1,
    'list.page-up': () => this.selected.index - this.page,
    'list.page-down': () => this.selected.index + this.page,
    'list.top': () => 0,
    'list.bottom': () => this.rows().length - 1,
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'files.open-entry': () => this.choose(this.wishes.open),
    'files.preview': () => this.choose(this.wishes.preview),
    'files.expand': () => this.expand(),
    'files.collapse': () => this.collapse(),
    'files.expand-all': () => void this.tree.expandAll(this.folder()),
    'files.collapse-all': () => this.tree.collapseAll(this.folder()),
    'files.filter': () => this.startFilter(),
    'files.ignored': () => {
      this.hidden = !this.hidden
      this.errands.notice = this.hidden ? 'Ignored files are hidden.' : 'Ignored files are shown.'
    },
    'files.mention': () => this.withPath(this.wishes.mention),
    'files.copy-path': () => this.withPath((path) => this.wishes.copy(path, 'the path')),
    'files.create': () => this.errands.create(this.folder()),
    'files.rename': () => this.withPath((path) => this.errands.rename(path)),
    'files.move': () => this.withPath((path) => this.errands.move(path)),
    'files.delete': () => this.withPath((path) => this.errands.remove(path, this.row?.type === 'directory')),
  }

  private get row() {
    const row = this.rows()[this.selected.index]
    return row?.kind === 'thing' ? row : undefined
  }

  private rows(): readonly TreeRow[] {
    return this.filter.isOn ? this.filter.rows() : this.tree.rows(this.marks, this.hidden)
  }

  private take(changes: readonly Change[]): void {
    if (changes === this.changes) return
    this.changes = changes
    this.marks = new Marks(changes)
  }

  /** Keeps the selection on its path, and in sight where it was moved. */
  private settle(rows: readonly TreeRow[]): void {
    const { path, index } = this.selected
    if (rows[index]?.path !== path) {
      const at = rows.findIndex((row) => row.path === path)
      const next = Math.max(0, Math.min(at < 0 ? index : at, rows.length - 1))
      this.selected = { path: at < 0 ? (rows[next]?.path ?? '') : path, index: next }
    }
    const { index: at } = this.selected
    if (this.reveal) this.first = Math.max(Math.min(this.first, at), at - this.page + 1)
    this.first = Math.max(0, Math.min(this.first, rows.length - this.page))
    this.reveal = false
  }

  private select(wanted: number): void {
    const rows = this.rows()
    const index = Math.max(0, Math.min(wanted, rows.length - 1))
    this.selected = { path: rows[index]?.path ?? '', index }
    this.reveal = true
  }

  private choose(open: (path: string) => void): void {
    const { row } = this
    if (row === undefined) return
    if (row.type === 'directory') return this.toggle(row.path)
    open(row.path)
  }

  private toggle(path: string): void {
    if (this.tree.isOpen(path)) this.tree.collapse(path)
    else void this.tree.expand(path)
  }

  private click(row: TreeRow): void {
    const times = this.clicks.count(0, this.selected.index, performance.now())
    if (row.kind === 'note') return
    if (row.type === 'directory') this.toggle(row.path)
    else if (times > 1) this.open(row.path)
    else this.wishes.preview(row.path)
  }

  /** Opens a file; where it was found by a filter, that has done its work. */
  private open(path: string): void {
    if (this.filter.isOn) {
      this.prompt.close()
      void this.goTo(path)
    }
    this.wishes.open(path)
  }

  private expand(): void {
    const { row } = this
    if (row?.type !== 'directory') return
    if (this.tree.isOpen(row.path)) this.select(this.selected.index + 1)
    else void this.tree.expand(row.path)
  }

  private collapse(): void {
    const row = this.rows()[this.selected.index]
    if (row === undefined) return
    if (row.kind === 'thing' && row.type === 'directory' && this.tree.isOpen(row.path)) this.tree.collapse(row.path)
    else {
      const above = row.kind === 'note' ? row.path : foldersOf(row.path)[0]!
      const at = this.rows().findIndex(({ path }) => path === above)
      if (at >= 0) this.select(at)
    }
  }

  /** The folder that is selected, or that the selected file is in. */
  private folder(): string {
    const { row } = this
    if (row === undefined) return ''
    return row.type === 'directory' && !row.gone ? row.path : foldersOf(row.path)[0]!
  }

  private withPath(act: (path: string) => void): void {
    const { row } = this
    if (row !== undefined) act(row.path)
  }

  private startFilter(): void {
    const before = this.selected.path
    this.source.paths.refresh()
    this.narrow('')
    this.prompt.open({
      label: '/',
      line: '',
      typed: (line) => this.narrow(line),
      done: () => {
        const { row } = this
        this.filter.end()
        if (row === undefined) return
        void this.goTo(row.path)
        this.wishes.open(row.path)
      },
      left: () => {
        this.filter.end()
        void this.goTo(before)
      },
    })
  }

  private narrow(filter: string): void {
    this.filter.type(filter)
    this.first = 0
    this.select(0)
  }

  /** Opens the tree down to a path, and selects it. */
  private async goTo(path: string): Promise<void> {
    this.selected = { path, index: this.selected.index }
    this.reveal = true
    await this.tree.expand(foldersOf(path)[0]!)
    if (this.selected.path === path) this.reveal = true
    this.wishes.changed()
  }

  private lookSoon(): void {
    if (!this.inSight) return
    this.lookTimer ??= setTimeout(() => {
      this.lookTimer = undefined
      if (this.inSight) void this.tree.refresh()
    }, lookMs)
  }

  private paintEmpty(canvas: Canvas, state: State): void {
    const said = this.filter.isOn
      ? this.filter.nothing
      : state.session === undefined
        ? ''
        : 'Nothing is here yet. Ask for something to be made, or press n for a file of your own.'
    for (const [i, row] of wrap([{ text: said, tone: 'dim' }], canvas.width - 2).entries())
      canvas.text(1, this.top + i, row.map(({ text }) => text).join(''), 'dim')
  }

  /** What came of the last errand, at the foot; gives the rows that it took. */
  private paintNotice(canvas: Canvas): number {
    const rows = wrap([{ text: this.errands.notice, tone: 'waiting' }], canvas.width - 2).slice(0, 5)
    const y = canvas.height - rows.length
    canvas.fill(1, y - 1, canvas.width - 2, 1, 'line', '─')
    for (const [i, row] of rows.entries()) canvas.text(1, y + i, row.map(({ text }) => text).join(''), 'waiting')
    return rows.length + 1
  }
}
