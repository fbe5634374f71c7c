import type { Action } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Tone } from '../../config/theme.ts'
import type { Change, FileDiff, Selection } from '../../core/changes.ts'
import type { Canvas } from '../canvas.ts'
import { count } from '../format/tokens.ts'
import { cutMiddle, wrap, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { Source } from '../source.ts'
import type { State } from '../state.ts'
import { wheelRows, type View, type ViewMouse } from '../view.ts'
import { columns } from '../width.ts'
import { drawHints, hint } from './hints.ts'
import { Hits } from './hits.ts'
import { layDiff, paintDiffRow, type LaidDiff } from './hunks.ts'

/** Files listed at once; the list scrolls with the selection. */
const listRows = 8

export interface ChangesWishes {
  apply(selection: Selection): void
  discard(selection: Selection): void
  /** Something was loaded that changes what is shown. */
  changed(): void
  /** Does what a hint says that was clicked. */
  act(action: Action): void
}

/** What differs from the project: the files, and the hunks of the one that is chosen. */
export class Changes implements View {
  readonly name = 'diff'
  readonly title = 'Diff'
  readonly context = 'diff'
  private readonly hits = new Hits()
  private selected = ''
  private first = 0
  /** The hunk that the next act is about, and those that are to be applied without the others. */
  private hunk = 0
  private readonly taken = new Set<number>()
  private page = 1
  private readonly diffs = new Map<string, FileDiff>()
  private laid: (LaidDiff & { diff: FileDiff | undefined; change: Change; width: number }) | undefined
  private known: readonly Change[] = []
  private readonly keymap: Keymap
  private readonly source: Source
  private readonly wishes: ChangesWishes

  constructor(keymap: Keymap, source: Source, wishes: ChangesWishes) {
    this.keymap = keymap
    this.source = source
    this.wishes = wishes
  }

  /** Takes the changes as they are now; diffs read before are out of date. */
  update(changes: readonly Change[]): void {
    if (changes === this.known) return
    const at = this.index
    this.known = changes
    this.diffs.clear()
    this.taken.clear()
    if (!changes.some((change) => change.path === this.selected)) this.choose(Math.min(at, changes.length - 1))
  }

  note({ changes }: State): string {
    return changes.length === 0 ? '' : String(changes.length)
  }

  hints(): [Action, string][] {
    return [['pane.hide', 'close'], ['pane.zoom', 'zoom'], ['focus.next', 'next pane']] // prettier-ignore
  }

  paint(canvas: Canvas, state: State): void {
    this.hits.clear()
    this.update(state.changes)
    if (this.known.length === 0) return this.paintEmpty(canvas)
    let y = this.paintList(canvas, state)
    y += paintIgnored(canvas, y, state)
    canvas.fill(0, y, canvas.width, 1, 'line', '─')
    y += 1
    const { rows, hunks } = this.lay(canvas.width)
    const several = hunks.length > 1
    this.page = Math.max(1, canvas.height - y - 2)
    this.first = Math.max(0, Math.min(this.first, rows.length - this.page))
    for (const [i, row] of rows.slice(this.first, this.first + this.page).entries()) {
      paintDiffRow(canvas, y + i, row)
      if (several && row.hunk !== undefined) this.paintMark(canvas, y + i, row.hunk, this.first + i === hunks[row.hunk])
    }
    const hints = [
      ...hint(this.keymap, 'diff.apply', this.taken.size > 0 ? 'apply taken' : 'apply file'),
      ...(several ? hint(this.keymap, 'diff.take-hunk', 'take hunk') : []),
      ...hint(this.keymap, 'diff.apply-all', 'all'),
      ...hint(this.keymap, 'diff.discard', 'discard'),
      ...hint(this.keymap, 'diff.next-file', 'next file'),
      ...hint(this.keymap, 'diff.next-hunk', 'next hunk'),
    ]
    drawHints(canvas, 1, canvas.height - 1, canvas.width - 1, hints, this.hits, this.wishes.act)
  }

  act(action: Action): boolean {
    const run = this.acts[action]
    run?.()
    return run !== undefined
  }

  mouse({ action, button, x, y }: ViewMouse): void {
    if (action === 'wheel') this.scroll(button === 'up' ? -wheelRows : wheelRows)
    else if (action === 'down' && button === 'left') this.hits.click(x, y)
  }

  private scroll(by: number): void {
    this.first = Math.max(0, this.first + by)
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'diff.up': () => this.scroll(-1),
    'diff.down': () => this.scroll(1),
    'diff.page-up': () => this.scroll(-this.page),
    'diff.page-down': () => this.scroll(this.page),
    'diff.next-file': () => this.choose(this.index + 1),
    'diff.previous-file': () => this.choose(this.index - 1),
    'diff.next-hunk': () => this.toHunk(1),
    'diff.previous-hunk': () => this.toHunk(-1),
    'diff.take-hunk': () => this.takeHunk(),
    'diff.apply': () => this.selected !== '' && this.wishes.apply(this.chosen()),
    'diff.apply-all': () => this.known.length > 0 && this.wishes.apply('all'),
    'diff.discard': () => this.selected !== '' && this.wishes.discard({ paths: [this.selected] }),
  }

  private get index(): number {
    return Math.max(
      0,
      this.known.findIndex((change) => change.path === this.selected),
    )
  }

  private choose(index: number): void {
    this.selected = this.known[Math.max(0, Math.min(index, this.known.length - 1))]?.path ?? ''
    this.first = 0
    this.hunk = 0
    this.taken.clear()
  }

  private toHunk(direction: -1 | 1): void {
    const hunks = this.laid?.hunks ?? []
    this.hunk = Math.max(0, Math.min(this.hunk + direction, hunks.length - 1))
    this.first = hunks[this.hunk] ?? this.first
  }

  /** Takes the hunk or leaves it, and goes on to the next. */
  private takeHunk(): void {
    if ((this.laid?.hunks.length ?? 0) < 2) return
    if (!this.taken.delete(this.hunk)) this.taken.add(this.hunk)
    this.toHunk(1)
  }

  private chosen(): Selection {
    const paths = [this.selected]
    if (this.taken.size === 0) return { paths }
    const hunks = [...this.taken].toSorted((a, b) => a - b).map((hunk) => ({ hunk }))
    return { paths: [], parts: [{ path: this.selected, hunks }] }
  }

  private paintMark(canvas: Canvas, y: number, hunk: number, isFirst: boolean): void {
    if (this.taken.has(hunk)) canvas.text(0, y, '✓', 'ok')
    else if (isFirst && hunk === this.hunk) canvas.text(0, y, '›', 'accent')
  }

  private paintEmpty(canvas: Canvas): void {
    const said = 'Nothing differs from your project. What the agent changes stands here, to be looked at and applied.'
    for (const [y, row] of wrap([{ text: said, tone: 'dim' }], canvas.width - 2).entries()) {
      canvas.text(1, y, row.map((span) => span.text).join(''), 'dim')
    }
  }

  private paintList(canvas: Canvas, state: State): number {
    const at = this.index
    const rows = Math.min(listRows, this.known.length, Math.max(1, Math.floor(canvas.height / 3)))
    const from = Math.max(0, Math.min(at - Math.floor(rows / 2), this.known.length - rows))
    for (const [i, change] of this.known.slice(from, from + rows).entries()) {
      this.paintFile(canvas, i, change, from + i === at, state)
      this.hits.add(0, i, canvas.width, () => this.choose(from + i))
    }
    return rows
  }

  private paintFile(canvas: Canvas, y: number, change: Change, chosen: boolean, state: State): void {
    const { sign, tone } = markOf(change, state)
    const counts = countsOf(change)
    const width = counts.reduce((sum, span) => sum + columns(span.text), 0)
    const place = chosen && this.known.length > 1 ? `   ${this.index + 1}/${this.known.length}` : ''
    const room = canvas.width - 4 - width - columns(place) - 2
    canvas.text(1, y, sign, tone)
    const name = change.from === undefined ? change.path : `${change.from} → ${change.path}`
    canvas.text(3, y, cutMiddle(harmless(name), room), chosen ? 'strong' : 'dim')
    let x = canvas.width - 1 - width - columns(place)
    for (const span of counts) x = canvas.text(x, y, span.text, span.tone)
    canvas.text(x, y, place, 'dim')
  }

  private lay(width: number): LaidDiff {
    const change = this.known[this.index]!
    const diff = this.diffs.get(change.path)
    if (diff === undefined) void this.load(change)
    const shown = diff ?? { change, hunks: [] }
    if (this.laid?.diff === diff && this.laid?.change === change && this.laid.width === width) return this.laid
    this.laid = { ...layDiff(shown, notesOf(shown), width), diff, change, width }
    return this.laid
  }

  private async load(change: Change): Promise<void> {
    const asked = this.known
    this.diffs.set(change.path, { change, hunks: [] })
    const diff = await this.source.diff(change.path).catch((error: unknown) => ({
      change,
      hunks: [],
      note: error instanceof Error ? error.message : String(error),
    }))
    if (asked !== this.known) return
    this.diffs.set(change.path, diff)
    this.wishes.changed()
  }
}

/** What is left out, in one line. Gives the rows that it took. */
function paintIgnored(canvas: Canvas, y: number, { ignored }: State): number {
  if (ignored.length === 0) return 0
  const said = `and ${count(ignored.length, 'path')} that the project ignores: ${ignored.join(', ')}`
  canvas.text(3, y, harmless(said), 'dim', canvas.width - 4)
  return 1
}

/** What is to be known of a change before its lines. */
function notesOf({ change, note: said }: FileDiff): Span[] {
  const notes: Span[] = []
  if (change.refused !== undefined)
    notes.push({ text: `✗ cannot be applied: ${harmless(change.refused)}`, tone: 'error' })
  if (change.sensitive !== undefined)
    notes.push({ text: `! wants a yes of its own: ${harmless(change.sensitive)}`, tone: 'waiting' })
  if (change.conflict !== undefined)
    notes.push({ text: `? conflict with your file: ${harmless(change.conflict)}`, tone: 'error' })
  else if (change.drifted) notes.push({ text: '? your file changed too: applying merges both', tone: 'waiting' })
  if (said !== undefined && said !== change.refused) notes.push({ text: harmless(said), tone: 'dim' })
  return notes
}

function markOf(change: Change, state: State): { sign: string; tone: Tone } {
  const failed = state.report?.refused.some(({ path }) => path === change.path)
  if (change.refused !== undefined || failed === true) return { sign: '✗', tone: 'error' }
  if (state.report?.conflicts.some(({ path }) => path === change.path)) return { sign: '?', tone: 'waiting' }
  if (change.drifted) return { sign: '?', tone: change.conflict === undefined ? 'waiting' : 'error' }
  return (
    {
      added: { sign: '+', tone: 'ok' },
      changed: { sign: '●', tone: 'normal' },
      deleted: { sign: '−', tone: 'error' },
      renamed: { sign: '→', tone: 'normal' },
    } as const
  )[change.kind]
}

function countsOf(change: Change): Span[] {
  if (change.binary) return [{ text: 'binary', tone: 'dim' }]
  const spans: Span[] = []
  if ((change.added ?? 0) > 0) spans.push({ text: `+${change.added}`, tone: 'ok' })
  if ((change.removed ?? 0) > 0) spans.push({ text: `${spans.length > 0 ? ' ' : ''}−${change.removed}`, tone: 'error' })
  return spans
}
