import type { Tone } from '../../config/theme.ts'
import type { FileDiff } from '../../core/changes.ts'

export interface LineMark {
  sign: string
  tone: Tone
}

const added: LineMark = { sign: '+', tone: 'ok' }
const changed: LineMark = { sign: '~', tone: 'waiting' }
const removed: LineMark = { sign: '−', tone: 'error' }

/** What became of a file's lines against the project's: by line, counted from 0. Where some are gone, the next is marked. */
export function changedLines({ hunks }: FileDiff): ReadonlyMap<number, LineMark> {
  const marks = new Map<number, LineMark>()
  for (const { lines, afterStart } of hunks) {
    let gone = 0
    let next = afterStart
    for (const { sign, after } of lines) {
      if (after !== undefined) next = after + 1
      if (sign === '-') gone += 1
      else if (sign === '+') {
        marks.set(after! - 1, gone > 0 ? changed : added)
        gone -= 1
      } else {
        if (gone > 0) marks.set(after! - 1, removed)
        gone = 0
      }
    }
    if (gone > 0) marks.set(Math.max(0, next - 2), removed)
  }
  return marks
}
