import type { Change } from '../../core/changes.ts'
import type { Source } from '../source.ts'
import { changedLines, type LineMark } from './changed-lines.ts'

/** What of the file that is shown differs from the project, by its lines. */
export class FileChanges {
  /** By line, counted from 0. */
  marks: ReadonlyMap<number, LineMark> = new Map()
  private path: string | undefined
  private changes: readonly Change[] = []
  private asked = 0
  private readonly source: Pick<Source, 'diff'>
  private readonly changed: () => void

  constructor(source: Pick<Source, 'diff'>, changed: () => void) {
    this.source = source
    this.changed = changed
  }

  /** Another file is shown, or the same as it is now. */
  show(path: string): void {
    if (path !== this.path) this.marks = new Map()
    this.path = path
    void this.mark(path)
  }

  /** Takes what differs in the whole workspace as it is now. */
  update(changes: readonly Change[]): void {
    if (changes === this.changes) return
    this.changes = changes
    if (this.path !== undefined) void this.mark(this.path)
  }

  /** Where changes begin: lines that changed together are one. */
  get starts(): number[] {
    const lines = [...this.marks.keys()].toSorted((a, b) => a - b)
    return lines.filter((line, i) => line - 1 !== lines[i - 1])
  }

  private async mark(path: string): Promise<void> {
    this.asked += 1
    const { asked } = this
    const change = this.changes.find((one) => one.path === path)
    const wanted = change !== undefined && !change.binary && (change.kind === 'changed' || change.kind === 'renamed')
    const diff = wanted ? await this.source.diff(path).catch(() => undefined) : undefined
    if (asked !== this.asked) return
    this.marks = diff === undefined ? new Map() : changedLines(diff)
    this.changed()
  }
}
