import type { Tone } from '../../config/theme.ts'
import type { DiffLine } from '../../core/changes.ts'
import type { PlanStep } from '../../core/events.ts'
import { codeRows, type Colours } from '../format/code.ts'
import { stepRows, stepsIn } from '../format/steps.ts'
import { pairsOf } from '../format/pairs.ts'
import { marked } from '../format/row.ts'
import { count } from '../format/tokens.ts'
import type { Range, WordMarks } from '../format/word-marks.ts'
import { rowWidth, wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { ToolEntry } from '../state.ts'
import { indent } from './laid.ts'

/** Lines shown of one argument. */
const mostLines = 400

export interface ArgumentsLook {
  /** Columns from the gutter on. */
  width: number
  colours: Colours
  words: WordMarks
}

const margin: Row = [...indent, ...indent]

/**
 * What a call was given, as far as its line does not say it: a change as a diff, a command and a file's contents as code,
 * a plan as steps, everything else by its name.
 */
export function argumentRows({ args, subject }: ToolEntry, { width, colours, words }: ArgumentsLook): Row[] {
  const given = objectOf(args)
  if (given === undefined) return args === '' ? [] : named('arguments', args, width)
  const { old, new: replacement, edits, ...others } = given
  const path = typeof given['path'] === 'string' ? given['path'] : ''
  const changes = [{ old, new: replacement }, ...(Array.isArray(edits) ? edits : [])].filter(isChange)
  const rows = Object.entries(others).flatMap(([name, value]) => {
    if (value === subject) return []
    const steps = name === 'steps' ? stepsIn(value) : undefined
    if (steps !== undefined) return planned(steps, width)
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    if (name === 'command') return code('bash', text, width, colours)
    if (name === 'content') return code(/\.(\w+)$/.exec(path)?.[1] ?? '', text, width, colours)
    return named(name, text, width)
  })
  const diffs = changes.flatMap((change, i) => [...(i > 0 ? [[]] : []), ...diffRows(change, width, words)])
  return [...rows, ...diffs]
}

/** What a call was given, by name; undefined where it is no object of JSON. */
export function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

interface Replaced {
  old: string
  new: string
}

function isChange(value: unknown): value is Replaced {
  const { old, new: replacement } = (value ?? {}) as Record<string, unknown>
  return typeof old === 'string' && typeof replacement === 'string'
}

function code(language: string, text: string, width: number, colours: Colours): Row[] {
  const { lines, more } = first(text)
  return [...codeRows(language, lines, colours, width, margin), ...more]
}

/** A name, and beside it what it stands for; under it what has several lines. */
function named(name: string, text: string, width: number): Row[] {
  const { lines, more } = first(text)
  const label = `${harmless(name.slice(0, 40))}  `
  const beside = lines.length === 1
  const head: Row = [...margin, { text: label, tone: 'dim' }]
  const hang: Row = [...margin, ...indent]
  const rows = lines.flatMap((line) =>
    wrap([{ text: harmless(line), tone: 'normal' }], width, beside ? head : hang, hang),
  )
  return beside ? rows : [head, ...rows, ...more]
}

/** What was replaced and by what, between the lines that both begin and end with. */
function diffRows({ old, new: replacement }: Replaced, width: number, words: WordMarks): Row[] {
  const [before, after] = [old.split('\n'), replacement.split('\n')]
  const most = Math.min(before.length, after.length)
  let [start, end] = [0, 0]
  while (start < most && before[start] === after[start]) start += 1
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const lines = [
    ...signed(' ', before.slice(0, start)),
    ...signed('-', before.slice(start, before.length - end)),
    ...signed('+', after.slice(start, after.length - end)),
    ...signed(' ', before.slice(before.length - end)),
  ]
  const shown = lines.slice(0, mostLines)
  const marks = marksOf(shown, words)
  const rows = shown.flatMap((line, i) => diffRow(line, marks.get(i) ?? [], width))
  return [...rows, ...moreRows(lines.length - mostLines)]
}

function signed(sign: DiffLine['sign'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ sign, text }))
}

/** The words that differ in a changed line and the one that it became, by the lines' indexes. */
function marksOf(lines: readonly DiffLine[], words: WordMarks): Map<number, readonly Range[]> {
  const marks = new Map<number, readonly Range[]>()
  if (!words.isReady) return marks
  for (const { left, right } of pairsOf(lines)) {
    if (left === undefined || right === undefined || left === right) continue
    const { before = [], after = [] } = words.of(lines[left]!.text, lines[right]!.text) ?? {}
    marks.set(left, before).set(right, after)
  }
  return marks
}

function diffRow({ sign, text: line }: DiffLine, marks: readonly Range[], width: number): Row[] {
  const tone: Tone = sign === '+' ? 'added' : sign === '-' ? 'removed' : 'normal'
  const text = harmless(line.slice(0, 4_000))
  // Marks count in the text as it is; where it is shown otherwise they would stand beside the words.
  const spans = marked([{ text, tone }], text === line ? marks : [], sign === '+' ? 'addedWord' : 'removedWord')
  const rows = wrap(
    spans,
    width,
    [...margin, { text: sign === '-' ? '− ' : `${sign} `, tone, copies: '' }],
    [...margin, { text: '  ', tone, copies: '' }],
  )
  // The ground of a line goes on to the edge.
  return rows.map((row) => [...row, { text: ' '.repeat(Math.max(0, width - rowWidth(row))), tone, copies: '' }])
}

function planned(steps: readonly PlanStep[], width: number): Row[] {
  const rows = steps.slice(0, mostLines).flatMap((step) => stepRows(step, width, margin))
  return [...rows, ...moreRows(steps.length - mostLines)]
}

function first(text: string): { lines: string[]; more: Row[] } {
  const lines = text.replace(/\n$/, '').split('\n')
  return { lines: lines.slice(0, mostLines), more: moreRows(lines.length - mostLines) }
}

function moreRows(lines: number): Row[] {
  return lines > 0 ? [[...margin, { text: `… and ${count(lines, 'more line')}`, tone: 'dim', copies: '' }]] : []
}
