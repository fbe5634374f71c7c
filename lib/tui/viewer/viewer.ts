import type { Action, Context } from '../../config/actions.ts'
import type { Change } from '../../core/changes.ts'
import type { Canvas } from '../canvas.ts'
import type { KeyEvent } from '../events.ts'
import { cutMiddle, wrap } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { LinePrompt } from '../line-prompt.ts'
import type { Source } from '../source.ts'
import type { State } from '../state.ts'
import { wheelRows, type View, type ViewLook, type ViewMouse } from '../view.ts'
import { columns } from '../width.ts'
import { changedLines, type LineMark } from './changed-lines.ts'
import { Colours } from './colours.ts'
import { Document, wholeBytes } from './document.ts'
import { editFile } from './edit.ts'
import { sizeText } from './kind.ts'
import { Page } from './page.ts'
import { gutter, paintFileRow, type Accent } from './paint.ts'
import { mostMatches, Search, type Match } from './search.ts'
import { FileSelection } from './selection.ts'

/** Milliseconds from a change in the workspace to a look at the file. */
const lookMs = 150
/** Columns that a key scrolls sideways. */
const sideStep = 8
/** Characters up to which a file is coloured at once; of a longer one first what is in view. */
const colouredAtOnce = 64 * 1024

export interface ViewerWishes {
  mention(path: string): void
  copy(text: string, what?: string): void
  /** Asks for a frame. */
  changed(): void
}

/** A file of the workspace, to be read: coloured, searched, copied from; it follows the file. */
export class Viewer implements View {
  readonly name = 'viewer'
  readonly title = 'Viewer'
  private readonly source: Source
  private readonly wishes: ViewerWishes
  private readonly page = new Page()
  private readonly selection = new FileSelection(this.page)
  private readonly prompt = new LinePrompt()
  private readonly colours = new Colours()
  private document: Document | undefined
  /** The file that is being opened, so that a later one wins. */
  private opening = ''
  private asked = 0
  private marked: number | undefined
  private search: Search | undefined
  private current: Match | undefined
  private marks: ReadonlyMap<number, LineMark> = new Map()
  private changes: readonly Change[] = []
  private notice = ''
  private inSight = false
  /** It waits for its colours until it is seen. */
  private plain = false
  private lookTimer: NodeJS.Timeout | undefined

  constructor(source: Source, wishes: ViewerWishes) {
    this.source = source
    this.wishes = wishes
    source.files.onChange(() => this.lookSoon())
  }

  /** The path of the file that is shown. */
  get path(): string | undefined {
    return this.opening === '' ? undefined : this.opening
  }

  get context(): Context {
    return this.prompt.isOpen ? 'picker' : 'viewer'
  }

  /** Shows a file, at a line counted from 1 where one is given. */
  show(path: string, line?: number): void {
    void this.open(path, line)
  }

  private async open(path: string, line: number | undefined): Promise<void> {
    const again = path === this.document?.path
    this.opening = path
    this.notice = ''
    if (line !== undefined) this.marked = line - 1
    else if (!again) this.marked = undefined
    if (!again) {
      this.selection.clear()
      this.stopSearch()
    }
    await this.load(path, again ? this.page.top.line : (this.marked ?? 0))
    if (this.document?.path !== path) return
    if (line !== undefined) {
      await this.document.lines.count(line)
      this.marked = Math.min(line, this.document.lines.known) - 1
      this.page.reveal({ line: this.marked, at: 0 })
    } else if (!again) this.page.toTop()
    this.wishes.changed()
  }

  note(): string {
    return ''
  }

  hints(): [Action, string][] {
    if (this.prompt.isOpen) return [['list.choose', 'go'], ['list.close', 'back']] // prettier-ignore
    if (this.document === undefined)
      return [
        ['file.open', 'open a file'],
        ['files.open', 'files'],
      ]
    const found: [Action, string][] = this.search === undefined ? [] : [['viewer.next', 'next'], ['viewer.previous', 'before']] // prettier-ignore
    return [...found, ['viewer.search', 'search'], ['viewer.go-to-line', 'line'], ['viewer.wrap', 'wrap'], ['viewer.mention', 'to prompt'], ['viewer.edit', 'edit'], ['pane.hide', 'close']] // prettier-ignore
  }

  seen(on: boolean): void {
    this.inSight = on
    if (on) {
      if (this.plain && this.document !== undefined) void this.colour(this.document)
      return void this.follow()
    }
    this.prompt.close()
    clearTimeout(this.lookTimer)
    this.lookTimer = undefined
    void this.colours.dispose()
  }

  paint(canvas: Canvas, state: State, { focused }: ViewLook): void {
    this.takeChanges(state.changes)
    const { document, page } = this
    if (document === undefined)
      return paintSentence(canvas, 'Files are shown here: choose one in the files, or find it by its name.', 0)
    if (document.note !== '') {
      this.paintHead(canvas, document)
      return paintSentence(canvas, document.note, 2)
    }
    const asking = this.prompt.isOpen || this.notice !== ''
    const digits = String(document.lines.known).length
    const rows = page.rows(canvas.width - digits - gutter - 2, canvas.height - 1 - (asking ? 1 : 0))
    this.paintHead(canvas, document)
    for (const [i, row] of rows.entries()) {
      const look = {
        digits,
        mark: this.marks.get(row.line),
        marked: row.line === this.marked,
        accents: this.accents(row.line),
      }
      paintFileRow(canvas, i + 1, row, page.line(row.line), look)
    }
    if (this.prompt.isOpen) this.prompt.paint(canvas, canvas.height - 1, focused, this.foundText())
    else if (this.notice !== '') canvas.text(1, canvas.height - 1, this.notice, 'waiting', canvas.width - 2)
  }

  act(action: Action): boolean {
    if (this.prompt.act(action)) return true
    const act = this.acts[action]
    if (act === undefined) return false
    this.notice = ''
    act()
    return true
  }

  key(event: KeyEvent): boolean {
    return this.prompt.key(event)
  }

  paste(text: string): boolean {
    return this.prompt.paste(text)
  }

  mouse({ action, button, x, y }: ViewMouse): void {
    if (this.document === undefined || this.document.note !== '') return
    if (action === 'wheel') return this.page.scroll(button === 'up' ? -wheelRows : wheelRows)
    if (button !== 'left') return
    const column = x - String(this.document.lines.known).length - gutter - 1
    if (action === 'down') {
      this.selection.press(column, y - 1, performance.now())
      this.marked = this.page.placeAt(column, y - 1).line
    } else if (action === 'drag') this.selection.drag(column, y - 1)
    else if (action === 'up' && !this.selection.isEmpty) this.wishes.copy(this.selection.text())
  }

  async dispose(): Promise<void> {
    await this.colours.dispose()
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'viewer.up': () => this.page.scroll(-1),
    'viewer.down': () => this.page.scroll(1),
    'viewer.page-up': () => this.page.scroll(1 - this.page.height),
    'viewer.page-down': () => this.page.scroll(this.page.height - 1),
    'viewer.left': () => this.page.scrollSideways(-sideStep),
    'viewer.right': () => this.page.scrollSideways(sideStep),
    'viewer.top': () => this.page.toTop(),
    'viewer.bottom': () => void this.toLine(Infinity),
    'viewer.search': () => this.startSearch(),
    'viewer.next': () => this.toMatch(1),
    'viewer.previous': () => this.toMatch(-1),
    'viewer.go-to-line': () =>
      this.prompt.open({
        label: 'Line:',
        line: '',
        done: (line) => /^\d+$/.test(line) && void this.toLine(Number(line)),
      }),
    'viewer.wrap': () => this.page.setWrap(!this.page.wrap),
    'viewer.next-change': () => this.toChange(1),
    'viewer.previous-change': () => this.toChange(-1),
    'viewer.copy': () => {
      if (!this.selection.isEmpty) this.wishes.copy(this.selection.text())
      else this.copyLine()
    },
    'viewer.copy-path': () => this.document && this.wishes.copy(this.document.path, 'the path'),
    'viewer.mention': () => this.document && this.wishes.mention(this.document.path),
    'viewer.edit': () => void this.edit(),
  }

  private async load(path: string, near: number): Promise<void> {
    this.asked += 1
    const asked = this.asked
    const document = await Document.open(this.source.files, path, near, this.wishes.changed)
    if (asked !== this.asked) return document.close()
    const other = path !== this.document?.path
    this.document?.close()
    this.document = document
    this.page.take(document)
    if (other) {
      this.page.left = 0
      this.marks = new Map()
    }
    if (document.note === '') {
      void document.countAll()
      void this.colour(document)
      void this.mark(document)
    }
    if (this.search !== undefined && !other) this.find(this.search.query, false)
  }

  /** What is in view is coloured first; of a large file nothing else is. */
  private async colour(document: Document): Promise<void> {
    // Nobody looks: it is done once somebody does.
    this.plain = !this.inSight
    if (this.plain) return
    const { window } = document
    const all = document.stat.size <= wholeBytes
    if (!all || document.stat.size > colouredAtOnce) {
      const first = Math.max(window.from, this.page.top.line - this.page.height)
      const part = window.lines.slice(first - window.from, first - window.from + this.page.height * 3)
      await this.takeColours(document, first, part)
    }
    if (all) await this.takeColours(document, 0, document.window.lines)
  }

  private async takeColours(document: Document, from: number, lines: Document['window']['lines']): Promise<void> {
    const rows = this.inSight ? await this.colours.of(document.path, lines) : []
    if (document !== this.document || rows.length === 0) return
    this.page.colour(from, rows)
    this.wishes.changed()
  }

  private async mark(document: Document): Promise<void> {
    const change = this.changes.find(({ path }) => path === document.path)
    const wanted = change !== undefined && !change.binary && (change.kind === 'changed' || change.kind === 'renamed')
    const diff = wanted ? await this.source.diff(document.path).catch(() => undefined) : undefined
    if (document !== this.document) return
    this.marks = diff === undefined ? new Map() : changedLines(diff)
    this.wishes.changed()
  }

  private takeChanges(changes: readonly Change[]): void {
    if (changes === this.changes) return
    this.changes = changes
    if (this.document !== undefined) void this.mark(this.document)
  }

  private lookSoon(): void {
    if (!this.inSight || this.document === undefined) return
    this.lookTimer ??= setTimeout(() => {
      this.lookTimer = undefined
      void this.follow()
    }, lookMs)
  }

  /** Opens the file anew where it is not what it was; what is in view stays where it is. */
  private async follow(): Promise<void> {
    const { document } = this
    if (document === undefined || document.path !== this.opening) return
    const now = await this.source.files.stat(document.path).catch(() => undefined)
    const { size, mtimeMs, type } = document.stat
    const same =
      now === undefined ? type === 'other' : now.size === size && now.mtimeMs === mtimeMs && now.type === type
    if (same || document !== this.document) return
    this.selection.clear()
    await this.load(document.path, this.page.top.line)
    this.wishes.changed()
  }

  /** Goes to a line counted from 1. */
  private async toLine(line: number): Promise<void> {
    const { document } = this
    if (document === undefined || document.note !== '') return
    if (!document.lines.whole) this.notice = 'Counting the lines…'
    await document.lines.count(line, () => document !== this.document)
    this.notice = ''
    if (document !== this.document) return
    if (line === Infinity) this.page.toEnd()
    else {
      this.marked = Math.max(0, Math.min(line, document.lines.known) - 1)
      this.page.reveal({ line: this.marked, at: 0 })
    }
    this.wishes.changed()
  }

  private startSearch(): void {
    if (this.document === undefined || this.document.note !== '') return
    const before = this.search?.query ?? ''
    this.prompt.open({
      label: '/',
      line: '',
      typed: (line) => this.find(line, true),
      done: (line) => line === '' && before !== '' && this.find(before, true),
      left: () => this.stopSearch(),
    })
  }

  private find(query: string, go: boolean): void {
    this.stopSearch()
    if (query === '' || this.document === undefined) return
    const search = new Search(query, this.document.lines, this.wishes.changed)
    this.search = search
    void search.run(this.page.top.line, (match) => {
      if (search !== this.search) return
      this.current = match
      if (go && match !== undefined) this.reveal(match)
      this.wishes.changed()
    })
  }

  private stopSearch(): void {
    this.search?.stop()
    this.search = undefined
    this.current = undefined
  }

  private toMatch(by: 1 | -1): void {
    if (this.search === undefined) return
    const from = this.current ?? { line: this.page.top.line, at: by > 0 ? -1 : 0 }
    this.current = this.search.next(from, by)
    if (this.current !== undefined) this.reveal(this.current)
    this.notice = this.foundText()
  }

  private reveal({ line, at }: Match): void {
    this.page.reveal({ line, at: this.page.line(line)?.drawn(at) ?? at })
  }

  private toChange(by: 1 | -1): void {
    const lines = [...this.marks.keys()].toSorted((a, b) => a - b)
    // Lines that changed together are one change.
    const starts = lines.filter((line, i) => line - 1 !== lines[i - 1])
    const at = this.marked ?? this.page.top.line
    const next = by > 0 ? starts.find((line) => line > at) : starts.findLast((line) => line < at)
    if (next === undefined)
      this.notice = starts.length === 0 ? 'Nothing here differs from your project.' : 'No more changes that way.'
    else void this.toLine(next + 1)
  }

  private copyLine(): void {
    const line = this.marked === undefined ? undefined : this.document?.line(this.marked)
    if (line === undefined) this.notice = 'Drag over what is to be copied, or click on a line.'
    else this.wishes.copy(line.text)
  }

  private async edit(): Promise<void> {
    const { document } = this
    if (document === undefined) return
    this.notice = await editFile(this.source, document)
    await this.follow()
    this.wishes.changed()
  }

  private accents(line: number): Accent[] {
    const laid = this.page.line(line)
    if (laid === undefined) return []
    const found = (this.search?.of(line) ?? []).map((match): Accent => ({
      from: laid.drawn(match.at),
      to: laid.drawn(match.at + match.length),
      tone: match === this.current ? 'matchAt' : 'match',
    }))
    return [...this.selection.of(line), ...found]
  }

  private foundText(): string {
    const { search, current } = this
    if (search === undefined) return ''
    if (search.matches.length === 0) return search.done ? 'nothing found' : '…'
    const all = `${search.matches.length}${search.matches.length >= mostMatches || !search.done ? '+' : ''}`
    return current === undefined ? all : `${search.indexOf(current) + 1} of ${all}`
  }

  /** The path, and at the right what is known of the file. */
  private paintHead(canvas: Canvas, { path, stat, lines, note }: Document): void {
    const at = this.page.top.line + 1
    const all = lines.whole ? String(lines.known) : `${Math.floor(lines.part * 100)} %`
    const parts = note === '' ? [this.page.wrap ? 'wrapped' : '', sizeText(stat.size), `${at}/${all}`] : []
    const right = parts.filter((part) => part !== '').join('   ')
    canvas.text(1, 0, cutMiddle(harmless(path), canvas.width - columns(right) - 4), 'strong')
    canvas.text(canvas.width - 1 - columns(right), 0, right, 'dim')
  }
}

function paintSentence(canvas: Canvas, sentence: string, y: number): void {
  for (const [i, row] of wrap([{ text: sentence, tone: 'dim' }], canvas.width - 2).entries())
    canvas.text(1, y + i, row.map(({ text }) => text).join(''), 'dim')
}
