import type { Action, Context } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import type { Clipboard } from '../clipboard.ts'
import { conversationText } from '../conversation-text.ts'
import type { KeyEvent } from '../events.ts'
import type { Highlighter } from '../format/highlight.ts'
import { isProseLoaded, loadProse } from '../format/prose.ts'
import { textOf, toned } from '../format/row.ts'
import { WordMarks } from '../format/word-marks.ts'
import type { Row } from '../format/wrap.ts'
import { Pointer } from '../pointer.ts'
import type { Source } from '../source.ts'
import type { Entry, State } from '../state.ts'
import { wheelRows, type ViewMouse } from '../view.ts'
import { columns } from '../width.ts'
import { compare, ConversationRows, type Place } from './conversation-rows.ts'
import { ConversationSelection, type Spot } from './conversation-selection.ts'
import { ConversationViewport } from './conversation-viewport.ts'
import { copyLabel } from './entry.ts'
import { Pace } from './pace.ts'
import { Search } from './search.ts'
import { SearchLine, type Searched } from './search-line.ts'
import { fileOf, isOnFile } from './tool-file.ts'

export interface TranscriptParts {
  keymap: Keymap
  highlighter: Highlighter
  clipboard: Clipboard
  source: Pick<Source, 'open'>
  /** Shows a file of the workspace in the viewer, at a line counted from 1. */
  openFile(path: string, how?: { line?: number }): void
  /** Milliseconds since 1970. */
  now(): number
  /** Asks for a frame. */
  changed(): void
  /** Says something on the status line for a moment. */
  say(message: string): void
}

/** The conversation. What it costs to show and to move does not depend on how long it is. */
export class Transcript {
  private readonly rows: ConversationRows
  private readonly view: ConversationViewport
  private readonly selection: ConversationSelection
  private readonly search: Search
  private readonly line: SearchLine
  private readonly pace: Pace
  private readonly pointer: Pointer<Spot>
  /** The entry that the keys act on. */
  private selected: number | undefined
  private state: State | undefined
  private readonly parts: TranscriptParts

  constructor(parts: TranscriptParts) {
    const { keymap, highlighter, clipboard, now, changed } = parts
    this.parts = parts
    const recolour = () => (this.recolour(), changed())
    const words = new WordMarks(recolour)
    highlighter.onLoaded(recolour)
    this.rows = new ConversationRows(highlighter, words)
    this.pace = new Pace(now, changed)
    this.view = new ConversationViewport(this.rows, this.pace)
    this.selection = new ConversationSelection(this.rows)
    this.search = new Search(this.rows, () => this.found())
    this.line = new SearchLine(keymap, this.searched)
    const { view, selection } = this
    this.pointer = new Pointer(selection, {
      rows: () => view.shown.length,
      // Rows begin beside a column of air.
      at: (x, y) => view.shown[y] && { ...view.shown[y], column: Math.max(0, x - 1) },
      scroll: (by) => view.scroll(by),
      clicked: (spot) => this.click(spot, spot.column),
      selected: () => void clipboard.copy(selection.text()),
      changed,
      now,
    })
    if (!isProseLoaded()) void loadProse().then(recolour)
  }

  dispose(): void {
    this.search.end()
    this.pace.dispose()
    this.pointer.dispose()
  }

  /** True where the end is in view and stays there as more comes. */
  get following(): boolean {
    return this.view.isFollowing
  }

  /** Takes the conversation as it is, and the columns that it is to have: before anything is asked about its rows. */
  lookAt(state: State, width: number, now: number): void {
    const other = this.rows.lookAt(state, width - 2, now)
    if (state !== this.state) this.search.update(state.settled.length)
    this.state = state
    if (!other) return
    this.selection.clear()
    this.search.relocate()
    this.pace.forget()
  }

  /** Rows that have come since the view stopped following, at most 999. */
  get unread(): number {
    return this.view.unread
  }

  /** Where its keys are bound. */
  get contexts(): readonly Context[] {
    return this.line.contexts('transcript')
  }

  paint(canvas: Canvas, state: State, now: number): void {
    this.lookAt(state, canvas.width, now)
    this.view.height = Math.max(1, canvas.height - (this.line.isActive ? 1 : 0))
    for (const [y, place] of this.view.places(state.turn !== undefined).entries()) {
      paintRow(canvas, y, this.marked(place))
      if (place.entry === this.selected && this.rows.isHead(place)) canvas.text(1, y, '›', 'focus')
    }
    if (this.line.isActive) this.line.paint(canvas, this.view.height)
  }

  /** Does what an action says. False where it is not one of its own, or has nothing to do here. */
  act(action: Action): boolean {
    // What is selected goes besides, and is no reason to keep what the key means elsewhere.
    if (action === 'turn.cancel') this.selection.clear()
    if (this.state === undefined) return false
    if (this.line.act(action)) return true
    const act = this.acts[action]
    act?.()
    return act !== undefined
  }

  key(event: KeyEvent): boolean {
    return this.line.key(event)
  }

  paste(text: string): boolean {
    return this.line.paste(text)
  }

  mouse(event: ViewMouse): void {
    const { action, button, x, y } = event
    if (this.state === undefined) return
    if (action === 'wheel') this.view.scroll(button === 'up' ? -wheelRows : wheelRows)
    else if (action !== 'down' || !this.line.click(x, y)) this.pointer.mouse(event)
  }

  toEnd(): void {
    this.view.follow()
    this.selected = undefined
  }

  /** Colours or the rules of Markdown have come that were not there before. */
  recolour(): void {
    this.rows.recolour()
  }

  private readonly searched: Searched = {
    look: (words) => this.search.look(words, this.view.start().entry),
    go: (direction) => this.go(direction),
    found: () => this.search.found,
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'transcript.up': () => this.view.scroll(-1),
    'transcript.down': () => this.view.scroll(1),
    'transcript.page-up': () => this.view.page(-1),
    'transcript.page-down': () => this.view.page(1),
    'transcript.half-page-up': () => this.view.page(-0.5),
    'transcript.half-page-down': () => this.view.page(0.5),
    'transcript.top': () => this.view.show({ entry: 0, piece: 0, row: 0 }),
    'transcript.bottom': () => this.toEnd(),
    'transcript.previous': () => this.select(-1),
    'transcript.next': () => this.select(1),
    'transcript.previous-turn': () => this.turn(-1),
    'transcript.next-turn': () => this.turn(1),
    'transcript.toggle': () => this.toggle(),
    'transcript.file': () => this.openFile(),
    'transcript.copy': () => this.copy(),
    'transcript.copy-code': () => this.copyCode(),
    'transcript.page': () => this.openIn('pager'),
    'transcript.edit': () => this.openIn('editor'),
  }

  /** Selects the next entry in a direction that has something to open, and brings it into view. */
  private select(direction: -1 | 1): void {
    const { shown } = this.view
    const from = this.selected ?? (direction < 0 ? this.rows.count : (shown[0]?.entry ?? 0) - 1)
    const at = this.nearest(from, direction, canOpen)
    if (at === undefined) return
    this.selected = at
    if (!shown.some(({ entry }) => entry === at)) this.view.show({ entry: at, piece: 0, row: 0 })
  }

  /** Goes to the prompt before or after what is in view. */
  private turn(direction: -1 | 1): void {
    const [first] = this.view.shown
    if (first === undefined) return
    const inside = direction < 0 && (first.piece > 0 || first.row > 0) ? 1 : 0
    const at = this.nearest(first.entry + inside, direction, ({ kind }) => kind === 'prompt')
    if (at !== undefined) this.view.show({ entry: at, piece: 0, row: 0 })
    else if (direction > 0) this.toEnd()
  }

  private nearest(from: number, direction: -1 | 1, wanted: (entry: Entry) => boolean): number | undefined {
    for (let at = from + direction; at >= 0 && at < this.rows.count; at += direction)
      if (wanted(this.rows.entry(at))) return at
    return undefined
  }

  private toggle(): void {
    const at = this.selected
    if (at === undefined || at >= this.rows.count || !canOpen(this.rows.entry(at))) return
    // What is being read stays where it is, where what opens has room: only what is below the row moves.
    const start = this.view.start()
    const opens = !this.rows.isOpen(at)
    this.selection.clear()
    this.rows.open(at, opens)
    if (opens) this.view.showOpened(at, start)
    else this.view.show(start)
  }

  private click(place: Place, column: number): void {
    if (this.isCopyLabel(place, column)) return this.copyBlock(place)
    if (!this.rows.isHead(place) || !canOpen(this.rows.entry(place.entry))) return
    this.selected = place.entry
    const entry = this.rows.entry(place.entry)
    if (entry.kind === 'tool' && isOnFile(entry, column)) this.openFile()
    else this.toggle()
  }

  /** Shows the file of the selected call; with none selected, of the last one that is about a file. */
  private openFile(): void {
    const at = this.selected ?? this.nearest(this.rows.count, -1, hasFile)
    const entry = at === undefined ? undefined : this.rows.entry(at)
    const file = entry?.kind === 'tool' ? fileOf(entry) : undefined
    if (file === undefined) this.parts.say('this step is about no file')
    else this.parts.openFile(file.path, file)
  }

  private isCopyLabel(place: Place, column: number): boolean {
    const { entry, piece, row } = place
    const code = row === 0 && piece > 0 ? this.rows.code(entry, piece) : undefined
    if (code === undefined || this.rows.code(entry, piece - 1) === code) return false
    const end = columns(textOf(this.rows.row(place)))
    return column >= end - copyLabel.length && column < end
  }

  private copy(): void {
    const { clipboard } = this.parts
    if (this.selection.range !== undefined) return void clipboard.copy(this.selection.text())
    const at = this.selected ?? this.nearest(this.rows.count, -1, ({ kind }) => kind === 'text')
    const entry = at === undefined ? undefined : this.rows.entry(at)
    if (entry?.kind === 'tool') void clipboard.copy(entry.output, 'the output')
    else void clipboard.copy(entry?.text ?? '', 'the message')
  }

  /** Copies the lowest code in view, and selects it; with code selected, the code before that. */
  private copyCode(): void {
    const { range } = this.selection
    let at = range === undefined ? this.view.shown.at(-1) : this.before(range.from)
    while (at !== undefined && this.rows.code(at.entry, at.piece) === undefined) at = this.before(at)
    if (at === undefined) return this.parts.say('there is no code above')
    this.copyBlock(at)
    if (!this.view.shown.some(({ entry, piece }) => entry === at.entry && piece === at.piece))
      this.view.show(this.rows.retreat({ ...at, row: 0 }, 2))
  }

  /** The piece before the one of a place. */
  private before({ entry, piece }: Place): Place | undefined {
    if (piece > 0) return { entry, piece: piece - 1, row: 0 }
    const text = this.nearest(entry, -1, ({ kind }) => kind === 'text')
    return text === undefined ? undefined : { entry: text, piece: this.rows.pieces(text) - 1, row: 0 }
  }

  private copyBlock({ entry, piece }: Place): void {
    const code = this.rows.code(entry, piece)!
    let [first, last] = [piece, piece]
    while (first > 0 && this.rows.code(entry, first - 1) === code) first -= 1
    while (last + 1 < this.rows.pieces(entry) && this.rows.code(entry, last + 1) === code) last += 1
    const end = this.rows.rows(entry, last).length - 1
    // Over the code is a row of air, or of what can be done with it.
    this.selection.coverRows({ entry, piece: first, row: 1 }, { entry, piece: last, row: end })
    void this.parts.clipboard.copy(code, 'the code')
  }

  private openIn(program: 'pager' | 'editor'): void {
    const text = conversationText(this.state!)
    this.parts.source.open(text, program, 'conversation.md').catch((error: unknown) => {
      this.parts.say(error instanceof Error ? error.message : String(error))
    })
  }

  private go(direction: -1 | 1): void {
    const [first] = this.view.shown
    const place = first && this.search.go(direction, first)?.[0]?.place
    if (place !== undefined) this.view.reveal(place)
  }

  /** More was found: the first match is gone to as soon as there is one. */
  private found(): void {
    if (this.search.current === undefined) this.go(1)
    this.parts.changed()
  }

  /** A row with the matches in it and what is selected of it. */
  private marked(place: Place): Row {
    let row = this.rows.row(place)
    const { current } = this.search
    for (const match of this.search.matches(place.entry, place.piece)) {
      const tone = isSame(match, current) ? 'matchAt' : 'match'
      for (const { place: at, from, to } of match) if (at.row === place.row) row = toned(row, from, to, tone)
    }
    const selected = this.selection.columnsOf(place)
    return selected === undefined ? row : toned(row, ...selected, 'selection')
  }
}

type Found = ReturnType<Search['matches']>[number]

function isSame([a]: Found, other: Found | undefined): boolean {
  const b = other?.[0]
  return b !== undefined && compare(a!.place, b.place) === 0 && a!.from === b.from
}

function paintRow(canvas: Canvas, y: number, row: Row): void {
  let x = 1
  for (const { text, tone, href } of row)
    x = canvas.text(x, y, text, tone, Math.max(0, canvas.width - 1 - x), undefined, href)
}

function hasFile(entry: Entry): boolean {
  return entry.kind === 'tool' && fileOf(entry) !== undefined
}

function canOpen(entry: Entry): boolean {
  return entry.kind === 'tool' || entry.kind === 'thought' || entry.kind === 'prompt'
}
