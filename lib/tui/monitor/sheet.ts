import type { Tone } from '../../config/theme.ts'
import type { Row } from '../format/wrap.ts'
import { columns } from '../width.ts'
import type { Figure, Section } from './figures.ts'
import { slots } from './series.ts'

/** What draws charts, loaded when one is to be seen. */
export type Charts = typeof import('./charts.ts')

/** A text in a row, from a column on and no further than `max` columns. */
export interface Piece {
  x: number
  text: string
  tone: Tone
  max: number
}

/** What the charts are drawn with. */
export interface Look {
  /** Absent until they are loaded. */
  charts: Charts | undefined
  /** Seconds that they show. */
  span: number
  /** What was measured last is what is now. */
  fresh: boolean
}

/** From this width on the sections stand side by side, and from this one a figure has its course and its limit beside it. */
const besideFrom = 110
const wideFrom = 60

/** Rows of a line chart. */
const chartRows = { least: 4, most: 12 }

/** The part of a limit from which on it stands out. */
const nearlyAll = 0.8

/** All that there is to be seen in so many columns; as tall as `height` where there is so much to be shown, or taller. */
export function layOut(sections: readonly Section[], width: number, height: number, look: Look): Piece[][] {
  if (width < besideFrom) return stacked(sections, width, height, look)
  const half = Math.floor((width - 1) / 2)
  const columnsOf = sections.map((section) => stacked([section], half, height, look))
  const rows = Math.max(...columnsOf.map(({ length }) => length))
  return Array.from({ length: rows }, (_, y) =>
    columnsOf.flatMap((column, i) => (column[y] ?? []).map((piece) => ({ ...piece, x: piece.x + i * (half + 1) }))),
  )
}

/** Sections under each other; what room is left goes to line charts, the first of the figures first. */
function stacked(sections: readonly Section[], width: number, height: number, look: Look): Piece[][] {
  const figures = sections.flatMap((section) => section.figures)
  const spare = height - figures.length - sections.length * 2 + 1
  const wanted = figures.filter(({ large, course }) => large && course !== undefined)
  const drawn = wanted.slice(0, Math.max(0, Math.floor(spare / chartRows.least)))
  const tall = Math.min(chartRows.most, Math.floor(spare / Math.max(1, drawn.length)))
  return sections.flatMap((section, i) => [
    ...(i === 0 ? [] : [[]]),
    headOf(section, width),
    ...section.figures.flatMap((figure) =>
      drawn.includes(figure)
        ? [rowOf(figure, width, look, false), ...chartOf(figure, width, tall, look)]
        : [rowOf(figure, width, look, true)],
    ),
  ])
}

function headOf({ title, about }: Section, width: number): Piece[] {
  const x = 1 + columns(title) + 2
  return [
    { x: 1, text: title, tone: 'strong', max: width - 2 },
    { x, text: about.text, tone: about.tone, max: width - 1 - x },
  ]
}

/** A figure in one row: what it is, how much, how it went on, and of what. */
function rowOf(figure: Figure, width: number, look: Look, withCourse: boolean): Piece[] {
  const isWide = width >= wideFrom
  const value = { x: 11, width: isWide ? 20 : 17 }
  const x = value.x + value.width
  const rest = width - 1 - x
  const right = isWide ? Math.max(16, Math.min(28, Math.floor(rest * 0.4))) : rest - 1
  const course = isWide ? rest - right - 2 : figure.part === undefined ? rest : 0
  return [
    { x: 1, text: figure.label, tone: 'dim', max: value.x - 2 },
    { x: value.x, text: figure.value, tone: figure.tone, max: hasMore(figure) ? value.width - 1 : width - 1 - value.x },
    ...(withCourse ? courseOf(figure, x, course, look) : []),
    ...limitOf(figure, width - 1 - right, right, look),
    ...(isWide ? noteOf(figure, width - 1 - right, right) : []),
  ]
}

function hasMore({ course, part, note }: Figure): boolean {
  return course !== undefined || part !== undefined || note !== undefined
}

function courseOf({ course }: Figure, x: number, width: number, { charts, span }: Look): Piece[] {
  if (course === undefined || charts === undefined || width < 6) return []
  const parts = slots(course.points, span, width).map((value) => value / course.top)
  return [{ x, text: charts.sparkline(parts), tone: 'normal', max: width }]
}

function limitOf({ part }: Figure, x: number, width: number, { charts }: Look): Piece[] {
  if (part === undefined) return []
  const tone = part >= nearlyAll ? 'waiting' : 'dim'
  const written = part > 0 && part < 0.005 ? '<1 %' : `${Math.round(part * 100)} %`
  const bar = width < 12 ? width : width - 6
  const pieces = charts === undefined || bar < 4 ? [] : placed(charts.gauge(part, bar, tone), x)
  if (bar === width) return pieces
  return [...pieces, { x: x + width - columns(written), text: written, tone, max: width }]
}

function noteOf({ note }: Figure, x: number, width: number): Piece[] {
  return note === undefined ? [] : [{ x, text: note, tone: 'dim', max: width }]
}

function chartOf({ course }: Figure, width: number, height: number, { charts, span, fresh }: Look): Piece[][] {
  const rows: Piece[][] = Array.from({ length: height }, () => [])
  if (charts === undefined) return rows
  const { gutter, line, footRows } = charts
  const room = width - 2
  // Two dots a column; no more points than seconds.
  const count = Math.min(span, (room - gutter) * 2)
  const parts = slots(course!.points, span, count).map((value) => value / course!.top)
  for (const [y, row] of line(parts, room, height).entries()) rows[y] = placed(row, 1)
  const beside = (text: string): Piece => ({ x: gutter - columns(text), text, tone: 'dim', max: gutter })
  rows[0]!.push(beside(course!.topLabel))
  rows[height - footRows - 1]!.push(beside('0'))
  const [since, until] = [`${span / 60} min ago`, fresh ? 'now' : '']
  rows[height - 1] = [
    { x: gutter + 1, text: since, tone: 'dim', max: room - gutter },
    { x: width - 1 - columns(until), text: until, tone: 'dim', max: room },
  ]
  return rows
}

/** A row of spans from a column on. */
function placed(row: Row, from: number): Piece[] {
  let x = from
  return row.map(({ text, tone }) => {
    const piece = { x, text, tone, max: text.length }
    x += text.length
    return piece
  })
}
