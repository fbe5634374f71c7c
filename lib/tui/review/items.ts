import type { Tone } from '../../config/theme.ts'
import type { Change, DiffLine, FileDiff, Hunk } from '../../core/changes.ts'
import { pairsOf } from '../format/pairs.ts'

/** One thing in the changes, of one row or, where a line is long, of several. */
export type Item =
  | { kind: 'file' }
  | { kind: 'note'; text: string; tone: Tone }
  /** What can be done about a conflict. */
  | { kind: 'choices' }
  | { kind: 'hunk'; hunk: number }
  /** A line over the whole width; `index` is that in its hunk, -1 for more of what is around it. */
  | { kind: 'line'; hunk: number; line: DiffLine; index: number }
  /** A line of both sides, beside each other. */
  | { kind: 'pair'; hunk: number; left?: Numbered; right?: Numbered }
  | { kind: 'end' }

export interface Numbered {
  line: DiffLine
  index: number
}

export type Shape = 'unified' | 'split'

export interface ItemOptions {
  shape: Shape
  /** Of a conflict, how the two sides differ is shown instead of what the agent changed. */
  sides: boolean
  /** Said of an application of it that failed. */
  trouble?: string | undefined
  /** More of what is around a hunk: its lines before and after. */
  around(hunk: number): { before: readonly DiffLine[]; after: readonly DiffLine[] }
}

/** All that stands of one file, from its heading to the empty row after it. `diff`: absent until it was read. */
export function itemsOf(change: Change, diff: FileDiff | undefined, options: ItemOptions): Item[] {
  const items: Item[] = [{ kind: 'file' }]
  for (const note of notesOf(change, diff, options)) items.push({ kind: 'note', ...note })
  if (change.conflict !== undefined) items.push({ kind: 'choices' })
  const hunks = shownHunks(diff, options.sides)
  for (const [hunk, { lines }] of hunks.entries()) {
    const { before, after } = options.around(hunk)
    items.push({ kind: 'hunk', hunk })
    pushLines(items, hunk, before, -1, options.shape)
    pushLines(items, hunk, lines, 0, options.shape)
    pushLines(items, hunk, after, -1, options.shape)
  }
  items.push({ kind: 'end' })
  return items
}

/** The hunks that are shown of a diff. */
export function shownHunks(diff: FileDiff | undefined, sides: boolean): readonly Hunk[] {
  return (sides ? diff?.sides : undefined) ?? diff?.hunks ?? []
}

function pushLines(items: Item[], hunk: number, lines: readonly DiffLine[], first: number, shape: Shape): void {
  const indexed = (i: number) => (first < 0 ? -1 : i)
  if (shape === 'unified') {
    for (const [i, line] of lines.entries()) items.push({ kind: 'line', hunk, line, index: indexed(i) })
    return
  }
  const numbered = (i: number | undefined) => i !== undefined && { line: lines[i]!, index: indexed(i) }
  for (const pair of pairsOf(lines)) {
    const [left, right] = [numbered(pair.left), numbered(pair.right)]
    items.push({ kind: 'pair', hunk, ...(left && { left }), ...(right && { right }) })
  }
}

/** What is to be known of a change before its lines. */
function notesOf(
  change: Change,
  diff: FileDiff | undefined,
  { trouble, sides }: ItemOptions,
): { text: string; tone: Tone }[] {
  const notes: { text: string; tone: Tone }[] = []
  const { refused, sensitive, conflict, drifted } = change
  if (refused !== undefined) notes.push({ text: `✗ cannot be applied: ${refused}`, tone: 'error' })
  if (sensitive !== undefined) notes.push({ text: `! wants a yes of its own: ${sensitive}`, tone: 'waiting' })
  if (conflict !== undefined) {
    notes.push({ text: `? conflict with your file: ${conflict}`, tone: 'error' })
    if (diff?.sides !== undefined)
      notes.push({ text: sides ? '− is your file now, + is the agent’s' : 'What the agent changed', tone: 'dim' })
  } else if (drifted) notes.push({ text: '? your file changed too: applying merges both', tone: 'waiting' })
  if (trouble !== undefined && trouble !== conflict && trouble !== refused)
    notes.push({ text: `✗ not applied: ${trouble}`, tone: 'error' })
  if (diff === undefined) notes.push({ text: 'reading…', tone: 'dim' })
  else if (diff.note !== undefined && diff.note !== refused) notes.push({ text: diff.note, tone: 'dim' })
  return notes
}
