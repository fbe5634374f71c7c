import type { Change, DiffLine, FileDiff, FilePart, Hunk, HunkPart, Selection } from '../../core/changes.ts'

export type TakenState = 'taken' | 'some' | 'dropped' | 'never'

/** A change, with its diff as far as it was read. */
export interface Reviewed {
  change: Change
  diff?: FileDiff | undefined
}

/** Lines by which a hunk is known again after its file was read anew. */
const tellingLines = 50

/**
 * What of the changes is to be applied: all, but what the person drops; of a file in conflict nothing, but what they take.
 * Hunks are known by what they change, so that a file which is read again keeps what was decided.
 */
export class Taken {
  private readonly files = new Map<string, boolean>()
  /** By path and hunk; a set holds the lines that are dropped of a hunk that is taken. */
  private readonly hunks = new Map<string, boolean | ReadonlySet<number>>()
  private readonly keys = new WeakMap<FileDiff, string[]>()

  ofHunk(file: Reviewed, hunk: number): TakenState {
    if (isNever(file)) return 'never'
    const held = this.held(file, hunk)
    return typeof held === 'object' ? 'some' : held ? 'taken' : 'dropped'
  }

  ofLine(file: Reviewed, hunk: number, line: number): boolean {
    const held = this.held(file, hunk)
    return typeof held === 'object' ? !held.has(line) : held
  }

  ofFile(file: Reviewed): TakenState {
    if (isNever(file)) return 'never'
    const hunks = hunksOf(file)
    if (hunks.length === 0) return this.usual(file) ? 'taken' : 'dropped'
    const states = new Set(hunks.map((_, hunk) => this.ofHunk(file, hunk)))
    return states.size === 1 ? [...states][0]! : 'some'
  }

  /** Drops all of a file where something of it is taken, else takes all. */
  toggleFile(file: Reviewed): void {
    const wanted = this.ofFile(file) === 'dropped'
    for (const [hunk] of hunksOf(file).entries()) this.hunks.delete(this.key(file, hunk))
    this.files.set(file.change.path, wanted)
  }

  toggleHunk(file: Reviewed, hunk: number): void {
    this.hunks.set(this.key(file, hunk), this.ofHunk(file, hunk) === 'dropped')
  }

  toggleLine(file: Reviewed, hunk: number, line: number): void {
    const changed = changedLines(hunksOf(file)[hunk]!)
    const dropped = new Set(changed.filter((one) => this.ofLine(file, hunk, one) === (one === line)))
    const held = dropped.size === 0 ? true : dropped.size === changed.length ? false : dropped
    this.hunks.set(this.key(file, hunk), held)
  }

  /** Decides as it is by itself again, but of what is still there. */
  forget(paths: ReadonlySet<string>): void {
    for (const path of this.files.keys()) if (!paths.has(path)) this.files.delete(path)
    for (const key of this.hunks.keys()) if (!paths.has(key.split('\0')[0]!)) this.hunks.delete(key)
  }

  /** What is taken of these. */
  selection(files: readonly Reviewed[]): Exclude<Selection, 'all'> {
    const paths: string[] = []
    const parts: FilePart[] = []
    for (const file of files) {
      const state = this.ofFile(file)
      if (state === 'taken') paths.push(file.change.path)
      else if (state === 'some') parts.push({ path: file.change.path, hunks: this.partsOf(file) })
    }
    return parts.length === 0 ? { paths } : { paths, parts }
  }

  /** How many files have something taken, and the lines that these bring and take away. */
  counts(files: readonly Reviewed[]): { files: number; added: number; removed: number } {
    const sum = { files: 0, added: 0, removed: 0 }
    for (const file of files) {
      const state = this.ofFile(file)
      if (state === 'dropped' || state === 'never') continue
      sum.files += 1
      const { added = 0, removed = 0 } = state === 'taken' ? file.change : this.linesOf(file)
      sum.added += added
      sum.removed += removed
    }
    return sum
  }

  private partsOf(file: Reviewed): HunkPart[] {
    return hunksOf(file).flatMap((one, hunk): HunkPart[] => {
      const state = this.ofHunk(file, hunk)
      if (state === 'dropped') return []
      if (state === 'taken') return [{ hunk }]
      return [{ hunk, lines: changedLines(one).filter((line) => this.ofLine(file, hunk, line)) }]
    })
  }

  private linesOf(file: Reviewed): { added: number; removed: number } {
    const sum = { added: 0, removed: 0 }
    for (const [hunk, { lines }] of hunksOf(file).entries()) {
      if (this.ofHunk(file, hunk) === 'dropped') continue
      for (const [i, { sign }] of lines.entries()) {
        if (sign !== ' ' && this.ofLine(file, hunk, i)) sum[sign === '+' ? 'added' : 'removed'] += 1
      }
    }
    return sum
  }

  private usual({ change }: Reviewed): boolean {
    return this.files.get(change.path) ?? change.conflict === undefined
  }

  private held(file: Reviewed, hunk: number): boolean | ReadonlySet<number> {
    return this.hunks.get(this.key(file, hunk)) ?? this.usual(file)
  }

  private key({ change, diff }: Reviewed, hunk: number): string {
    if (diff === undefined) return `${change.path}\0`
    let keys = this.keys.get(diff)
    if (keys === undefined) {
      const seen = new Map<string, number>()
      keys = diff.hunks.map((one) => {
        const told = toldBy(one)
        const times = seen.get(told) ?? 0
        seen.set(told, times + 1)
        return `${change.path}\0${times}\0${told}`
      })
      this.keys.set(diff, keys)
    }
    return keys[hunk]!
  }
}

/** The indexes of the lines that a hunk removes and adds. */
export function changedLines({ lines }: { lines: readonly DiffLine[] }): number[] {
  return lines.flatMap(({ sign }, i) => (sign === ' ' ? [] : [i]))
}

function toldBy({ beforeLines, afterLines, lines }: Hunk): string {
  const told: string[] = []
  for (const { sign, text } of lines) {
    if (sign !== ' ') told.push(`${sign}${text.slice(0, 200)}`)
    if (told.length === tellingLines) break
  }
  return `${beforeLines},${afterLines}\n${told.join('\n')}`
}

function hunksOf({ diff }: Reviewed): readonly Hunk[] {
  return diff?.hunks ?? []
}

function isNever({ change }: Reviewed): boolean {
  return change.refused !== undefined
}
