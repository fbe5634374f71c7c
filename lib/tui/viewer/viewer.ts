import type { Action, Context } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import type { KeyEvent } from '../events.ts'
import type { Highlighter } from '../format/highlight.ts'
import { cutMiddle, wrap } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { LinePrompt } from '../line-prompt.ts'
import { Pointer } from '../pointer.ts'
import type { Source } from '../source.ts'
import type { State } from '../state.ts'
import { half, wheelRows, type View, type ViewLook, type ViewMouse } from '../view.ts'
import { SearchLine } from '../widgets/search-line.ts'
import { columns } from '../width.ts'
import { Document } from './document.ts'
import { editFile } from './edit.ts'
import { FileChanges } from './file-changes.ts'
import { FileColours } from './file-colours.ts'
import { FileSearch } from './file-search.ts'
import { sizeText } from './kind.ts'
import { Page, type Place } from './page.ts'
import { gutter, paintFileRow } from './paint.ts'
import { FileSelection } from './selection.ts'

/** Milliseconds from a change in the workspace to a look at the file. */
const lookMs = 150
/** Columns that a key scrolls sideways. */
const sideStep = 8

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
  private readonly pointer: Pointer<Place>
  /** Asks for the number of a line. */
  private readonly prompt = new LinePrompt()
  private readonly search: FileSearch
  private readonly line: SearchLine
  private readonly colours: FileColours
  private readonly changes: FileChanges
  private document: Document | undefined
  /** The file that is being opened, so that a later one wins. */
  private opening = ''
  private asked = 0
  private marked: number | undefined
  private notice = ''
  private inSight = false
  private lookTimer: NodeJS.Timeout | undefined

  constructor(keymap: Keymap, source: Source, highlighter: Highlighter, wishes: ViewerWishes) {
    this.source = source
    this.wishes = wishes
    this.colours = new FileColours(highlighter, this.page, wishes.changed)
    this.changes = new FileChanges(source, wishes.changed)
    this.search = new FileSearch(this.page, () => this.document?.lines, wishes.changed)
    this.line = new SearchLine(keymap, this.search)
    const { page, selection } = this
    this.pointer = new Pointer(selection, {
      rows: () => page.height,
      at: (x, y) => page.placeAt(x, y),
      scroll: (by) => page.scroll(by),
      selected: () => void this.copySelected(),
      changed: wishes.changed,
    })
    source.files.onChange(() => this.lookSoon())
  }

  /** The path of the file that is shown. */
  get path(): string | undefined {
    return this.opening === '' ? undefined : this.opening
  }

  get contexts(): readonly Context[] {
    return this.prompt.isOpen ? ['picker'] : this.line.contexts('viewer')
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
      this.line.end()
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
    return [['search.open', 'search'], ['viewer.go-to-line', 'line'], ['viewer.wrap', 'wrap'], ['viewer.mention', 'to prompt'], ['viewer.edit', 'edit'], ['pane.hide', 'close']] // prettier-ignore
  }

  seen(on: boolean): void {
    this.inSight = on
    this.colours.see(on)
    if (on) {
      return void this.follow()
    }
    this.prompt.close()
    this.line.end()
    this.pointer.dispose()
    clearTimeout(this.lookTimer)
    this.lookTimer = undefined
  }

  paint(canvas: Canvas, state: State, { focused }: ViewLook): void {
    this.changes.update(state.changes)
    const { document, page } = this
    if (document === undefined)
      return paintSentence(canvas, 'Files are shown here: choose one in the files, or find it by its name.', 0)
    if (document.note !== '') {
      this.paintHead(canvas, document)
      return paintSentence(canvas, document.note, 2)
    }
    const foot = this.prompt.isOpen || this.notice !== '' || this.line.isActive ? 1 : 0
    const digits = String(document.lines.known).length
    const rows = page.rows(canvas.width - digits - gutter - 2, canvas.height - 1 - foot)
    this.paintHead(canvas, document)
    for (const [i, row] of rows.entries()) {
      const look = {
        digits,
        mark: this.changes.marks.get(row.line),
        marked: row.line === this.marked,
        accents: [...this.selection.of(row.line), ...this.search.accents(row.line)],
      }
      paintFileRow(canvas, i + 1, row, page.line(row.line), look)
    }
    if (this.prompt.isOpen) this.prompt.paint(canvas, canvas.height - 1, focused)
    else if (this.notice !== '') canvas.text(1, canvas.height - 1, this.notice, 'waiting', canvas.width - 2)
    else if (this.line.isActive) this.line.paint(canvas, canvas.height - 1, focused)
  }

  act(action: Action): boolean {
    if (this.prompt.act(action) || this.searches(action)) return true
    const act = this.acts[action]
    if (act === undefined) return false
    this.notice = ''
    act()
    return true
  }

  key(event: KeyEvent): boolean {
    return this.prompt.key(event) || this.line.key(event)
  }

  paste(text: string): boolean {
    return this.prompt.paste(text) || this.line.paste(text)
  }

  mouse(event: ViewMouse): void {
    const { action, button, x, y } = event
    if (this.document === undefined || this.document.note !== '') return
    if (action === 'wheel') return this.page.scroll(button === 'up' ? -wheelRows : wheelRows)
    if (button !== 'left' || (action === 'down' && this.line.click(x, y))) return
    const at = { x: x - String(this.document.lines.known).length - gutter - 1, y: y - 1 }
    if (action === 'down') this.marked = this.page.placeAt(at.x, at.y).line
    this.pointer.mouse({ ...event, ...at })
  }

  /** Copies what is selected. False where nothing is. */
  private copySelected(): boolean {
    const text = this.selection.text()
    if (text !== '') this.wishes.copy(text)
    return text !== ''
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'viewer.up': () => this.page.scroll(-1),
    'viewer.down': () => this.page.scroll(1),
    'viewer.page-up': () => this.page.scroll(1 - this.page.height),
    'viewer.page-down': () => this.page.scroll(this.page.height - 1),
    'viewer.half-page-up': () => this.page.scroll(-half(this.page.height)),
    'viewer.half-page-down': () => this.page.scroll(half(this.page.height)),
    'viewer.left': () => this.page.scrollSideways(-sideStep),
    'viewer.right': () => this.page.scrollSideways(sideStep),
    'viewer.top': () => this.page.toTop(),
    'viewer.bottom': () => void this.toLine(Infinity),
    'viewer.go-to-line': () =>
      this.prompt.open({
        label: 'Line:',
        line: '',
        done: (line) => /^\d+$/.test(line) && void this.toLine(Number(line)),
      }),
    'viewer.wrap': () => this.page.setWrap(!this.page.wrap),
    'viewer.next-change': () => this.toChange(1),
    'viewer.previous-change': () => this.toChange(-1),
    'viewer.copy': () => void (this.copySelected() || this.copyLine()),
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
    if (other) this.page.left = 0
    if (document.note === '') {
      void document.countAll()
      this.colours.take(document)
      this.changes.show(document.path)
    }
    if (!other) this.search.again()
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

  /** Where there is text to search. */
  private searches(action: Action): boolean {
    if (this.document === undefined || this.document.note !== '' || !this.line.act(action)) return false
    this.notice = ''
    return true
  }

  private toChange(by: 1 | -1): void {
    const { starts } = this.changes
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
