import { structuredPatch } from 'diff'
import { diff3Merge } from 'node-diff3'
import type { DiffLine, Hunk, HunkPart } from '../core/changes.ts'

/** Above this many bytes on either side nothing is compared line by line. */
export const maxTextBytes = 5 * 1024 * 1024
const sniffBytes = 8 * 1024
/** Above this many edits, or milliseconds, the two sides are shown as one replaced block. */
const maxEdits = 2000
const maxMs = 300
/** Above this many pairs of lines, equal heads and tails aside, a merge would take seconds. */
const maxPairs = 50_000_000

/** What stands after a line without an end, in the unified format. */
const noNewline = '\\ No newline at end of file'

export interface LineDiff {
  added: number
  removed: number
  hunks: Hunk[]
  /** What the lines alone do not show: line ends, the end of the file, a diff that was cut short. */
  note?: string
}

export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, sniffBytes).includes(0)
}

/**
 * The lines that differ between two texts. Compared byte for byte, so that a line end counts as a difference; a carriage
 * return stays in a line's text where not all lines of both sides end with one. `context`: how many equal lines are
 * shown around what differs.
 */
export function diffLines(before: Buffer, after: Buffer, context = 3): LineDiff {
  // One character a byte: any encoding is compared exactly.
  const sides = [before.toString('latin1'), after.toString('latin1')] as const
  const patch = structuredPatch('', '', ...sides, '', '', { context, maxEditLength: maxEdits, timeout: maxMs })
  const dropReturn = sides.every((text) => text === '' || endsWithReturns(text))
  const hunks = patch
    ? patch.hunks.map((hunk) => ({
        beforeStart: hunk.oldStart,
        beforeLines: hunk.oldLines,
        afterStart: hunk.newStart,
        afterLines: hunk.newLines,
        lines: number(hunk.lines, hunk.oldStart, hunk.newStart),
      }))
    : [replacedBlock(...sides)]
  let added = 0
  let removed = 0
  for (const hunk of hunks) {
    for (const line of hunk.lines) {
      if (line.sign === '+') added += 1
      if (line.sign === '-') removed += 1
      if (dropReturn && line.text.endsWith('\r')) [line.text, line.end] = [line.text.slice(0, -1), '\r\n']
      line.text = Buffer.from(line.text, 'latin1').toString('utf8')
    }
  }
  const note = notes(...sides, patch !== undefined)
  return { added, removed, hunks, ...(note !== '' && { note }) }
}

/** What `before` becomes when of the hunks to `after`, or of what they remove and add, only some is taken. */
export function takeHunks(before: Buffer, after: Buffer, hunks: readonly Hunk[], taken: readonly HunkPart[]): Buffer {
  const [old, now] = [before, after].map((side) => splitLines(side.toString('latin1'))) as [string[], string[]]
  const result: string[] = []
  let at = 0
  for (const [index, { beforeStart, beforeLines, afterStart, afterLines, lines }] of hunks.entries()) {
    const part = taken.find(({ hunk }) => hunk === index)
    if (part === undefined) continue
    const wanted = part.lines && new Set(part.lines)
    const whole = () => now.slice(afterStart - 1, afterStart - 1 + afterLines)
    for (const line of old.slice(at, beforeStart - 1)) result.push(line)
    for (const line of wanted === undefined ? whole() : someLines(lines, wanted, old, now)) result.push(line)
    at = beforeStart - 1 + beforeLines
  }
  for (const line of old.slice(at)) result.push(line)
  // What had no end where it was may have become a line among others.
  const text = result.map((line, i) => (i + 1 < result.length && !line.endsWith('\n') ? `${line}\n` : line)).join('')
  return Buffer.from(text, 'latin1')
}

/** What a hunk's old lines become when of its removed and added lines only some are taken, by their index. */
function someLines(lines: readonly DiffLine[], taken: ReadonlySet<number>, old: string[], now: string[]): string[] {
  return lines.flatMap(({ sign, before, after }, i) => {
    if (sign === '+') return taken.has(i) ? [now[after! - 1]!] : []
    return sign === '-' && taken.has(i) ? [] : [old[before! - 1]!]
  })
}

/**
 * Merges what `ours` and `theirs` each changed in `base`, line by line. Undefined where they changed the same lines, and
 * for binary or very large contents.
 */
export function mergeLines(ours: Buffer, base: Buffer, theirs: Buffer): Buffer | undefined {
  const sides = [ours, base, theirs]
  if (sides.some((side) => side.length > maxTextBytes || isBinary(side))) return undefined
  const lines = sides.map((side) => splitLines(side.toString('latin1'))) as [string[], string[], string[]]
  const { head, tail } = sharedEnds(lines)
  const [a, o, b] = lines.map((side) => side.slice(head, side.length - tail)) as [string[], string[], string[]]
  if (Math.max(a.length, b.length) * o.length > maxPairs) return undefined
  const merged = lines[1].slice(0, head)
  for (const region of diff3Merge(a, o, b, { excludeFalseConflicts: true })) {
    if (!region.ok) return undefined
    for (const line of region.ok) merged.push(line)
  }
  for (const line of lines[1].slice(lines[1].length - tail)) merged.push(line)
  return Buffer.from(merged.join(''), 'latin1')
}

/** How many lines all sides have in common at their beginning and, apart from those, at their end. */
function sharedEnds(sides: string[][]): { head: number; tail: number } {
  const [first, ...others] = sides as [string[], ...string[][]]
  const shortest = Math.min(...sides.map((side) => side.length))
  let head = 0
  while (head < shortest && others.every((side) => side[head] === first[head])) head += 1
  let tail = 0
  while (tail < shortest - head && others.every((side) => side.at(-1 - tail) === first.at(-1 - tail))) tail += 1
  return { head, tail }
}

/** Each with its line end. */
function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

function number(lines: string[], before: number, after: number): DiffLine[] {
  const numbered: DiffLine[] = []
  for (const line of lines) {
    const sign = line[0]
    const text = line.slice(1)
    if (sign === ' ') numbered.push({ sign, text, before: before++, after: after++ })
    if (sign === '-') numbered.push({ sign, text, before: before++ })
    if (sign === '+') numbered.push({ sign, text, after: after++ })
    if (sign === '\\') numbered.at(-1)!.end = ''
  }
  return numbered
}

/** All between the first and the last line that differ, as removed and added again. */
function replacedBlock(before: string, after: string): Hunk {
  const old = splitLines(before)
  const now = splitLines(after)
  const { head, tail } = sharedEnds([old, now])
  const removed = old.slice(head, old.length - tail)
  const added = now.slice(head, now.length - tail)
  return {
    beforeStart: head + 1,
    beforeLines: removed.length,
    afterStart: head + 1,
    afterLines: added.length,
    lines: number([...signed('-', removed), ...signed('+', added)], head + 1, head + 1),
  }
}

function signed(sign: '-' | '+', lines: string[]): string[] {
  return lines.flatMap((line) => (line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, noNewline]))
}

function endsWithReturns(text: string): boolean {
  return !/(?:^|[^\r])\n/.test(text) && text.includes('\r\n')
}

function lineEnds(text: string): string {
  if (!text.includes('\n')) return ''
  if (endsWithReturns(text)) return 'CRLF'
  return text.includes('\r\n') ? 'mixed' : 'LF'
}

function notes(before: string, after: string, exact: boolean): string {
  const said: string[] = []
  const [old, now] = [lineEnds(before), lineEnds(after)]
  if (old !== '' && now !== '' && old !== now) said.push(`Line ends change from ${old} to ${now}.`)
  const [closed, closes] = [before, after].map((text) => text === '' || text.endsWith('\n'))
  if (closed && !closes) said.push('No newline at the end of the new file.')
  if (!closed && closes) said.push('No newline at the end of the old file.')
  if (!closed && !closes) said.push('No newline at the end of either file.')
  if (!exact) said.push('Shown as one replaced block: too much differs to line the two sides up.')
  return said.join(' ')
}
