import type { Canvas } from '../canvas.ts'
import { cutMiddle, rowWidth } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { countsOf, signOf, type Marks } from './marks.ts'
import type { ThingRow, TreeRow } from './tree.ts'

export interface RowLook {
  marks: Marks
  /** It is the one that keys are for. */
  selected: boolean
  open: boolean
  ignored: boolean
  /** The viewer shows it. */
  viewed: boolean
}

/** Draws one row of the tree: the sign of a change, the name at its depth, and at the right end what came and went. */
export function paintTreeRow(canvas: Canvas, y: number, row: TreeRow, look: RowLook): void {
  if (look.selected) canvas.fill(0, y, canvas.width, 1, 'selection')
  if (row.kind === 'note')
    canvas.text(
      indent(row.depth),
      y,
      row.text,
      look.selected ? 'selection' : 'dim',
      canvas.width - indent(row.depth) - 1,
    )
  else paintThing(canvas, y, row, look)
}

function paintThing(canvas: Canvas, y: number, row: ThingRow, look: RowLook): void {
  const { marks, selected, open, ignored, viewed } = look
  const change = marks.of(row.path)
  const folder = row.type === 'directory'
  const counts = change !== undefined && !folder ? countsOf(change) : []
  const below = folder && marks.below(row.path)
  const tail = below ? 1 : rowWidth(counts)
  const x = indent(row.depth)
  const dim = ignored || row.type === 'other'
  const plain = row.gone ? 'dim' : dim ? 'dim' : viewed ? 'strong' : 'normal'
  const tone = selected ? 'selection' : plain
  if (folder) canvas.text(x - 2, y, open ? '▾' : '▸', selected ? 'selection' : 'dim')
  const { sign, tone: signTone } = row.gone ? gone : change === undefined ? none : signOf(change)
  if (sign !== '' && !folder) canvas.text(1, y, sign, selected ? 'selection' : signTone)
  const room = canvas.width - x - 1 - (tail > 0 ? tail + 1 : 0)
  canvas.text(x, y, cutMiddle(harmless(row.name) + (row.type === 'symlink' ? ' →' : ''), room), tone)
  let at = canvas.width - 1 - tail
  if (below) canvas.text(at, y, '●', selected ? 'selection' : 'dim')
  for (const span of counts) at = canvas.text(at, y, span.text, selected ? 'selection' : span.tone)
}

const gone = { sign: '−', tone: 'error' } as const
const none = { sign: '', tone: 'normal' } as const

function indent(depth: number): number {
  return 3 + depth * 2
}
