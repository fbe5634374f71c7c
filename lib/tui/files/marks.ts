import type { Tone } from '../../config/theme.ts'
import type { Change } from '../../core/changes.ts'
import type { Span } from '../format/wrap.ts'

/** What the changes say of each path, and of each folder that has one below. */
export class Marks {
  private readonly changes = new Map<string, Change>()
  private readonly touched = new Set<string>()
  /** By folder the names of what is gone from it; true: it was a folder. */
  private readonly gone = new Map<string, Map<string, boolean>>()

  constructor(changes: readonly Change[]) {
    for (const change of changes) {
      this.changes.set(change.path, change)
      this.touch(change.path)
      if (change.kind === 'deleted') this.lose(change.path, change.type === 'directory')
      if (change.from !== undefined) this.lose(change.from, false)
    }
  }

  of(path: string): Change | undefined {
    return this.changes.get(path)
  }

  /** Whether something below a folder differs. */
  below(folder: string): boolean {
    return this.touched.has(folder)
  }

  /** What may be gone from a folder, by name; true: it was a folder. What is there all the same has only lost something. */
  goneFrom(folder: string): ReadonlyMap<string, boolean> {
    return this.gone.get(folder) ?? nothing
  }

  private touch(path: string): void {
    for (const folder of foldersOf(path)) this.touched.add(folder)
  }

  private lose(path: string, wasFolder: boolean): void {
    this.touch(path)
    let below = path
    let folder = wasFolder
    for (const above of foldersOf(path)) {
      const names = this.gone.get(above) ?? new Map<string, boolean>()
      this.gone.set(above, names)
      names.set(above === '' ? below : below.slice(above.length + 1), folder)
      below = above
      folder = true
    }
  }
}

const nothing: ReadonlyMap<string, boolean> = new Map()

/** The folders that a path is in, the nearest first; the last is the empty path. */
export function foldersOf(path: string): string[] {
  const folders: string[] = []
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end))
  return [...folders, '']
}

/** The sign before a changed file. */
export function signOf({ kind, refused, drifted, conflict }: Change): { sign: string; tone: Tone } {
  if (refused !== undefined) return { sign: '✗', tone: 'error' }
  if (drifted) return { sign: '?', tone: conflict === undefined ? 'waiting' : 'error' }
  return signs[kind]
}

const signs = {
  added: { sign: '+', tone: 'ok' },
  changed: { sign: '●', tone: 'normal' },
  deleted: { sign: '−', tone: 'error' },
  renamed: { sign: '→', tone: 'normal' },
} as const

/** How many lines came and went, for the right end of a row. */
export function countsOf({ binary, added = 0, removed = 0, kind }: Change): Span[] {
  if (binary) return [{ text: 'binary', tone: 'dim' }]
  const spans: Span[] = []
  if (added > 0) spans.push({ text: `+${added}`, tone: 'ok' })
  if (removed > 0) spans.push({ text: `−${removed}`, tone: 'error' })
  return spans.length > 0 ? spans : [{ text: kind === 'deleted' ? 'gone' : '', tone: 'dim' }]
}
