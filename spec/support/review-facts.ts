import type { Change, FileDiff } from '../../lib/core/changes.ts'
import { withHeadings } from '../../lib/workspace/headings.ts'
import { diffLines } from '../../lib/workspace/lines.ts'
import { finished, type Fact } from './facts.ts'

/** A change from one text to another, with its diff as the workspace tells it. */
export function reviewed(path: string, before: string, after: string, more: Partial<Change> = {}): FileDiff {
  const [old, now] = [Buffer.from(before), Buffer.from(after)]
  const { hunks, added, removed, note } = diffLines(old, now)
  const kind = before === '' ? 'added' : after === '' ? 'deleted' : 'changed'
  const change: Change = { path, kind, type: 'file', size: now.length, added, removed, binary: false, drifted: false }
  return { change: { ...change, ...more }, hunks: withHeadings(hunks, old), ...(note !== undefined && { note }) }
}

const parseBefore = [
  "import { parts } from './parts.js'",
  '// Parses a day.',
  '',
  'export const separator = "-"',
  '',
  'export function isDay(text) {',
  '  return /^\\d{4}-\\d{2}-\\d{2}$/.test(text)',
  '}',
  '',
  '/** The day that a text names. */',
  'export function parse(text) {',
  "  const [y, m, d] = text.split('-').map(Number)",
  '  return new Date(y, m - 1, d)',
  '}',
  '',
].join('\n')

const parseAfter = parseBefore
  .replace('// Parses a day.', '// Parses a day; a day that does not exist is an error.')
  .replace(
    '  return new Date(y, m - 1, d)',
    [
      '  const date = new Date(y, m - 1, d)',
      '  if (date.getDate() !== d || date.getMonth() !== m - 1)',
      '    throw new RangeError(`no such day: ${text}`)',
      '  return date',
    ].join('\n'),
  )

const format = (name: string, order: string) =>
  [
    '/** A day as text. */',
    `export function format(date, separator = '${name}') {`,
    '  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()]',
    `  return parts.map(pad)${order}.join(separator)`,
    '}',
    '',
  ].join('\n')

/** A conflict: what the person and the agent made of one line. */
export const conflicted: FileDiff = {
  ...reviewed('src/format.js', format('-', ''), format('/', ''), {
    drifted: true,
    conflict: 'Both sides changed it in the same place, or it is not text.',
  }),
  sides: diffLines(Buffer.from(format('.', '.reverse()')), Buffer.from(format('/', ''))).hunks,
}

/** One of each kind of change. */
export const diffs: FileDiff[] = [
  reviewed('src/parse.js', parseBefore, parseAfter),
  conflicted,
  reviewed('NOTES.md', '', '# Days\n\nA day that does not exist is refused.\n'),
  reviewed('.envrc', 'use node\n', 'use node 22\n', { sensitive: 'Your shell runs it when you enter the folder.' }),
  {
    ...reviewed('bin/days', '#!/bin/sh\n', '#!/bin/sh\n', { executable: true }),
    note: 'Becomes executable.',
  },
  {
    change: { path: 'latest', kind: 'added', type: 'symlink', size: 12, binary: false, drifted: false },
    hunks: [],
    note: 'A link to src/parse.js.',
  },
  {
    change: {
      ...reviewed('lib/pad.js', '', '').change,
      kind: 'renamed',
      from: 'src/pad.js',
      added: 0,
      removed: 0,
    },
    hunks: [],
    note: 'Renamed from src/pad.js, not changed.',
  },
  { change: { path: 'logo.png', kind: 'deleted', type: 'file', size: 0, binary: true, drifted: false }, hunks: [] },
  {
    change: {
      ...reviewed('.git/config', '', 'x').change,
      refused: 'It lies in .git, which is never written.',
    },
    hunks: [],
    note: 'It lies in .git, which is never written.',
  },
]

/** A finished turn that left these changes. */
export function leaves(left: readonly FileDiff[]): Fact[] {
  return [...finished, ['workspace.changed', { changes: left.map(({ change }) => change) }]]
}
