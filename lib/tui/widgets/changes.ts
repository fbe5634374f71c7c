import type { Action, Context } from '../../config/actions.ts'
import type { FileDiff, Selection } from '../../core/changes.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import type { Highlighter } from '../format/highlight.ts'
import { count } from '../format/tokens.ts'
import { WordMarks } from '../format/word-marks.ts'
import type { Span } from '../format/wrap.ts'
import { Code } from '../review/code.ts'
import { Find } from '../review/find.ts'
import type { Shape } from '../review/items.ts'
import { footHints, paintEmpty, paintTaken } from '../review/foot.ts'
import type { Place } from '../review/page.ts'
import { ChangesSelection, type Point } from '../review/selection.ts'
import { ChangesViewport } from '../review/changes-viewport.ts'
import { Sections, type Section } from '../review/sections.ts'
import { indexesIn, isDecided, Sheet, takenWords, type Spot } from '../review/sheet.ts'
import { changedLines, Taken } from '../review/taken.ts'
import type { KeyEvent } from '../events.ts'
import { Pointer } from '../pointer.ts'
import type { State } from '../state.ts'
import { textBetween } from '../width.ts'
import { half, wheelRows, type View, type ViewLook, type ViewMouse } from '../view.ts'
import { drawHints, hint } from './hints.ts'
import { Hits } from './hits.ts'
import { SearchLine } from './search-line.ts'

/** From this width on the two sides stand beside each other, unless the person wants it otherwise. */
const splitFrom = 110

export interface ChangesWishes {
  diff(path: string, context?: number): Promise<FileDiff>
  /** `over`: files in conflict that become what the agent made of them. */
  apply(selection: Selection, over?: string[]): void
  discard(selection: Selection): void
  /** Something was loaded that changes what is shown. */
  changed(): void
  /** Puts a place into the prompt, and goes there: the person has something to say of it. */
  comment(path: string, more: string): void
  copy(text: string): void
  /** Goes back to where the person came from. */
  back(): void
  /** How the two sides are to stand, where the person has chosen it. */
  shape(): Shape | undefined
  keepShape(shape: Shape | undefined): void
}

/** What differs from the project, one file under the other: looked at, taken or dropped piece by piece, and applied. */
export class Changes implements View {
  readonly name = 'diff'
  readonly title = 'Diff'
  private readonly keymap: Keymap
  private readonly wishes: ChangesWishes
  private readonly hits = new Hits()
  private readonly files: Sections
  private readonly taken = new Taken()
  private readonly code: Code
  private readonly sheet: Sheet
  private readonly view: ChangesViewport
  /** Said in place of what is taken, until the next act. */
  private notice = ''
  private readonly find: Find
  private readonly line: SearchLine
  private readonly selection: ChangesSelection
  private readonly pointer: Pointer<Point>
  /** What places meant in the last frame: the mouse is where the person saw something. */
  private painted = -1

  constructor(keymap: Keymap, highlighter: Highlighter, wishes: ChangesWishes) {
    this.keymap = keymap
    this.wishes = wishes
    this.files = new Sections(wishes, () => wishes.changed())
    this.code = new Code(highlighter, new WordMarks(() => wishes.changed()))
    highlighter.onLoaded(() => (this.code.recolour(), wishes.changed()))
    this.sheet = new Sheet(this.files, this.taken, this.code)
    this.view = new ChangesViewport(this.files, this.sheet)
    this.find = new Find(this.files, this.sheet, this.view)
    this.line = new SearchLine(keymap, this.find)
    const { view } = this
    this.selection = new ChangesSelection(this.sheet)
    this.pointer = new Pointer(this.selection, {
      rows: () => view.shown.length,
      at: (x, y) => view.shown[y] && { place: view.shown[y], x },
      scroll: (by) => view.scroll(by),
      clicked: ({ place, x }) => this.click(place, x),
      selected: () => wishes.copy(this.selection.text()),
      changed: wishes.changed,
    })
  }

  get contexts(): readonly Context[] {
    return this.line.contexts('diff')
  }

  note({ changes }: State): string {
    return changes.length === 0 ? '' : String(changes.length)
  }

  hints(): [Action, string][] {
    return [['pane.hide', 'close'], ['pane.zoom', 'zoom'], ['focus.next', 'next pane']] // prettier-ignore
  }

  paint(canvas: Canvas, state: State, { focused }: ViewLook): void {
    this.hits.clear()
    this.files.update(state.changes, state.report)
    this.taken.forget(new Set(this.files.list.map(({ change }) => change.path)))
    this.view.follow()
    if (this.files.list.length === 0) {
      this.letGo()
      this.view.shown = []
      this.line.end()
      return paintEmpty(canvas, state)
    }
    const foot = canvas.height < 6 ? 0 : canvas.height < 9 ? 1 : 2
    const shape = this.wishes.shape() ?? (canvas.width >= splitFrom ? 'split' : 'unified')
    this.view.resize(canvas.width, Math.max(1, canvas.height - 1 - foot), shape)
    this.letGo()
    this.find.follow()
    this.view.place()
    this.sheet.paintHead(canvas, 0, this.view.top.section, this.spot)
    for (const [i, place] of this.view.shown.entries()) {
      this.sheet.paint(canvas, 1 + i, place, this.spot, focused)
      this.paintChosen(canvas, 1 + i, place)
      if (this.sheet.items(place.section)[place.item]!.kind === 'choices')
        this.paintChoices(canvas, 1 + i, place.section)
    }
    if (foot === 2) paintTaken(canvas, this.words(), state)
    if (this.line.isActive) this.line.paint(canvas, canvas.height - 1, focused)
    else if (foot > 0)
      drawHints(
        canvas,
        1,
        canvas.height - 1,
        canvas.width - 1,
        footHints(this.keymap, this.files, this.taken, this.view),
        this.hits,
        (action) => this.act(action),
      )
    this.readWhatIsSeen()
  }

  /** What the mouse is drawn over is another thing once places mean something else. */
  private letGo(): void {
    if (this.files.version !== this.painted) this.pointer.dispose()
    this.painted = this.files.version
  }

  act(action: Action): boolean {
    if (this.files.list.length > 0 && this.line.act(action)) return true
    if (action === 'pane.hide' && this.spot.line !== undefined) {
      this.spot.line = undefined
      return true
    }
    const run = this.acts[action]
    if (run === undefined) return false
    this.notice = ''
    if (this.files.list.length > 0) run()
    return true
  }

  key(event: KeyEvent): boolean {
    return this.line.key(event)
  }

  paste(text: string): boolean {
    return this.line.paste(text)
  }

  mouse(event: ViewMouse): void {
    const { action, button, x, y } = event
    if (action === 'wheel') return this.view.scroll(button === 'up' ? -wheelRows : wheelRows)
    if (this.files.version !== this.painted) return
    if (action !== 'down' || button !== 'left' || !this.press(x, y)) this.pointer.mouse({ ...event, y: y - 1 })
  }

  /** True where something under a press does what is written on it. */
  private press(x: number, y: number): boolean {
    if (this.line.click(x, y) || this.hits.click(x, y)) return true
    if (y !== 0 || this.files.list.length === 0) return false
    this.clickFile(this.view.top.section, x)
    return true
  }

  seen(on: boolean): void {
    if (!on) this.pointer.dispose()
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'diff.up': () => this.view.step(-1),
    'diff.down': () => this.view.step(1),
    'diff.page-up': () => this.view.scroll(-this.view.height),
    'diff.page-down': () => this.view.scroll(this.view.height),
    'diff.half-page-up': () => this.view.scroll(-half(this.view.height)),
    'diff.half-page-down': () => this.view.scroll(half(this.view.height)),
    'diff.top': () => this.view.toFile(0),
    'diff.bottom': () => this.view.toEnd(),
    'diff.next-file': () => this.view.toFile(this.spot.section + 1),
    'diff.previous-file': () => this.view.toFile(this.spot.section - 1),
    'diff.next-hunk': () => this.view.toHunk(1),
    'diff.previous-hunk': () => this.view.toHunk(-1),
    'diff.take-hunk': () => this.take(),
    'diff.take-file': () => this.taken.toggleFile(this.section),
    'diff.lines': () => this.toLines(),
    'diff.fold': () => this.fold([this.section], !this.section.folded),
    'diff.fold-all': () =>
      this.fold(
        this.files.list,
        this.files.list.some(({ folded }) => !folded),
      ),
    'diff.more': () => void this.files.widen(this.section, Math.max(0, this.spot.hunk)),
    'diff.shape': () => this.wishes.keepShape(this.files.shape === 'split' ? 'unified' : 'split'),
    'diff.apply': () => this.apply(this.files.list),
    'diff.apply-file': () => this.apply([this.section]),
    'diff.discard': () => this.wishes.discard({ paths: [this.view.path] }),
    'diff.sides': () => this.onConflict(() => this.turnSides()),
    'diff.take-theirs': () => this.onConflict(() => this.wishes.apply({ paths: [this.view.path] }, [this.view.path])),
    'diff.keep-mine': () => this.onConflict(() => this.wishes.discard({ paths: [this.view.path] })),
    'diff.comment': () => this.comment(),
  }

  private get section(): Section {
    return this.view.section
  }

  private get spot(): Spot {
    return this.view.spot
  }

  /** Takes what is acted on, or drops it, and goes on to what is next. */
  private take(): void {
    const { section } = this
    const { hunk, line } = this.spot
    if (!isDecided(section)) return this.turnSides()
    if (line !== undefined) {
      this.taken.toggleLine(section, hunk, line)
      return this.view.step(1)
    }
    if (hunk < 0 || section.folded) this.taken.toggleFile(section)
    else this.taken.toggleHunk(section, hunk)
    this.view.toHunk(1)
  }

  private toLines(): void {
    const { section, spot } = this
    const hunk = this.files.hunksOf(section)[spot.hunk]
    if (hunk === undefined || section.folded || !isDecided(section)) return
    const [first] = changedLines(hunk)
    this.view.goTo({ ...spot, line: spot.line === undefined ? first : undefined })
  }

  private fold(sections: readonly Section[], folded: boolean): void {
    for (const section of sections) {
      section.folded = folded
      this.files.relay(section)
    }
    this.view.goTo({ section: this.spot.section, hunk: folded ? -1 : 0 })
    this.view.top = { section: this.spot.section, item: 0, row: 0 }
  }

  private turnSides(): void {
    if (this.section.diff?.sides === undefined) return
    this.section.sides = !this.section.sides
    this.files.relay(this.section)
    this.view.toFile(this.spot.section)
  }

  /** Does something about the conflict of this file; where it has none, goes to the next file that has one. */
  private onConflict(act: () => void): void {
    if (isConflict(this.section)) return act()
    const { list } = this.files
    const below = list.findIndex((one, at) => at > this.spot.section && isConflict(one))
    const next = below < 0 ? list.findIndex(isConflict) : below
    if (next < 0) this.notice = 'no file is in conflict'
    else this.view.toFile(next)
  }

  /** Applies what is taken of these; what has changed since it was shown is shown first. */
  private apply(sections: readonly Section[]): void {
    const selection = this.taken.selection(sections)
    const paths = new Set([...selection.paths, ...(selection.parts ?? []).map(({ path }) => path)])
    if (paths.size === 0) {
      this.notice = sections.some(({ change }) => change.conflict !== undefined)
        ? 'nothing is taken: decide the conflict first'
        : 'nothing is taken'
      return
    }
    const old = sections.filter((one) => paths.has(one.change.path) && one.diff !== undefined && isOld(one))
    if (old.length > 0) {
      for (const one of old) this.files.read(one)
      this.notice = `${count(old.length, 'file')} changed since: look again, then apply`
      return this.view.toFile(this.files.list.indexOf(old[0]!))
    }
    this.wishes.apply(selection)
    this.wishes.back()
  }

  private comment(): void {
    const { change } = this.section
    const hunk = this.files.hunksOf(this.section)[this.spot.hunk]
    const line = hunk?.lines[this.spot.line ?? changedLines(hunk)[0] ?? 0]
    const at = line === undefined ? '' : `:${line.after ?? line.before}`
    const heading = hunk?.heading === undefined ? '' : ` (${hunk.heading})`
    this.wishes.comment(change.path, `${at}${heading}`)
  }

  private clickFile(section: number, x: number): void {
    this.view.goTo({ section, hunk: this.files.list[section]!.folded ? -1 : 0 }, false)
    if (x < 3) this.taken.toggleFile(this.section)
    else this.fold([this.section], !this.section.folded)
  }

  private click({ section, item }: Place, x: number): void {
    // What was clicked on may have gone since it was painted.
    const one = section < this.sheet.sections ? this.sheet.items(section)[item] : undefined
    if (one === undefined) return
    if (one.kind === 'file') return this.clickFile(section, x)
    if (!('hunk' in one)) return
    this.view.goTo({ section, hunk: one.hunk }, false)
    if (!isDecided(this.section)) return
    if (one.kind === 'hunk') return this.taken.toggleHunk(this.section, one.hunk)
    const { code, middle, digits } = this.sheet.measureOf(section)
    const inGutter = one.kind === 'line' ? x < code : x < 3 + digits + 3 || (x >= middle && x < middle + digits + 4)
    const right = one.kind === 'pair' && (x >= middle || one.left === undefined)
    const index = one.kind === 'pair' ? (right ? one.right : one.left)?.index : indexesIn(one)[0]
    const sign = this.files.hunksOf(this.section)[one.hunk]?.lines[index ?? -1]?.sign
    if (inGutter && index !== undefined && (sign === '+' || sign === '-'))
      this.taken.toggleLine(this.section, one.hunk, index)
  }

  private readWhatIsSeen(): void {
    const seen = new Set([this.view.top.section, ...this.view.shown.map(({ section }) => section)])
    for (const section of seen) if (!this.files.list[section]!.folded) this.files.read(this.files.list[section]!)
  }

  /** What is searched for, and what the mouse is drawn over, over the row that has it. */
  private paintChosen(canvas: Canvas, y: number, place: Place): void {
    for (const side of this.line.isActive ? (['left', 'right'] as const) : []) {
      const row = this.sheet.textAt(place, side)
      if (row === undefined) continue
      for (const { from, to, tone } of this.find.marks(place, side))
        canvas.text(row.x + from, y, textBetween(row.text, from, to), tone)
    }
    const chosen = this.selection.within(place)
    if (chosen !== undefined) canvas.text(chosen.x, y, chosen.text, 'selection')
  }

  private words(): Span[] {
    return this.notice === '' ? takenWords(this.taken, this.files.list) : [{ text: this.notice, tone: 'waiting' }]
  }

  private paintChoices(canvas: Canvas, y: number, section: number): void {
    const hints = [
      ...hint(this.keymap, 'diff.keep-mine', 'keep yours'),
      ...hint(this.keymap, 'diff.take-theirs', 'take the agent’s'),
      ...hint(this.keymap, 'diff.sides', this.files.list[section]!.sides ? 'its changes' : 'both sides'),
    ]
    drawHints(canvas, 3, y, canvas.width - 1, hints, this.hits, (action) => {
      this.view.goTo({ section, hunk: 0 }, false)
      this.act(action)
    })
  }
}

function isConflict({ change }: Section): boolean {
  return change.conflict !== undefined
}

function isOld({ stale, reading }: Section): boolean {
  return stale || reading
}
