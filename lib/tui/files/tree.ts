import { Failure } from '../../core/failure.ts'
import type { FileDoor, FileEntry, Listing } from '../file-door.ts'
import { foldersOf, type Marks } from './marks.ts'

/** One row of the tree. */
export type TreeRow = ThingRow | { kind: 'note'; path: string; depth: number; text: string }

export interface ThingRow {
  kind: 'thing'
  path: string
  name: string
  depth: number
  type: FileEntry['type']
  /** It was in the project and is not in the workspace. */
  gone: boolean
  entry?: FileEntry
}

/** Folders that are opened at once; what lies below the others is a key away. */
const mostOpened = 300

interface Known {
  listing: Listing
  /** Folders first, then by name. */
  sorted: readonly FileEntry[]
  /** Of each entry that was asked about. */
  ignored: Map<FileEntry, boolean>
  /** Whether the folder itself is ignored, once that was asked. */
  under?: boolean
  /** The folder's time when it was listed. */
  mtimeMs?: number
}

/** A folder with more is listed anew only where its time says that something came or went. */
const large = 2_000

/** A folder's place in the tree that is listed but not opened is never looked at: one listing for each opened folder. */
export class Tree {
  private readonly open = new Set<string>([''])
  private readonly known = new Map<string, Known | Failure>()
  private readonly door: FileDoor
  private readonly changed: () => void
  private laid: { rows: TreeRow[]; marks: Marks; hidden: boolean } | undefined
  private looking: Promise<void> | undefined
  private again = false

  /** `changed`: something was listed that changes the rows. */
  constructor(door: FileDoor, changed: () => void) {
    this.door = door
    this.changed = changed
  }

  /** The rows as they are known now; `hidden`: without what is ignored. The same array while nothing has changed. */
  rows(marks: Marks, hidden: boolean): readonly TreeRow[] {
    if (this.laid?.marks === marks && this.laid.hidden === hidden) return this.laid.rows
    const rows: TreeRow[] = []
    this.add(rows, '', 0, marks, hidden)
    this.laid = { rows, marks, hidden }
    return rows
  }

  isOpen(path: string): boolean {
    return this.open.has(path)
  }

  /** True for what an ignore file names, or a folder above it. */
  isIgnored(path: string): boolean {
    const [folder = ''] = foldersOf(path)
    const name = folder === '' ? path : path.slice(folder.length + 1)
    const known = this.known.get(folder)
    if (known !== undefined && !(known instanceof Failure)) {
      const entry = known.sorted.find((one) => one.name === name)
      if (entry !== undefined) return this.ignores(folder, known, entry)
    }
    return folder !== '' && this.isIgnored(folder)
  }

  /** Whether an entry of a listed folder is ignored. */
  isEntryIgnored({ path, entry }: ThingRow): boolean {
    const [folder = ''] = foldersOf(path)
    const known = this.known.get(folder)
    if (entry === undefined || known === undefined || known instanceof Failure) return false
    return this.ignores(folder, known, entry)
  }

  /** Opens a folder, and all above it. */
  async expand(path: string): Promise<void> {
    const wanted = [path, ...foldersOf(path)].filter((folder) => !this.open.has(folder) || !this.known.has(folder))
    for (const folder of wanted) this.open.add(folder)
    await Promise.all(wanted.map((folder) => this.list(folder)))
    this.tell()
  }

  collapse(path: string): void {
    this.open.delete(path)
    this.tell()
  }

  /** Opens a folder and the folders in it that are not ignored, as many as one likes to see at once. */
  async expandAll(path: string): Promise<void> {
    let level = [path]
    let left = mostOpened
    while (level.length > 0) {
      const opened = level.slice(0, left)
      left -= opened.length
      for (const folder of opened) this.open.add(folder)
      await Promise.all(opened.filter((folder) => !this.known.has(folder)).map((folder) => this.list(folder)))
      level = opened.flatMap((folder) => this.foldersIn(folder))
    }
    this.tell()
  }

  /** Closes a folder and all that are open in it; of the root, all in it. */
  collapseAll(path: string): void {
    for (const folder of this.open)
      if (path === '' ? folder !== '' : folder === path || folder.startsWith(`${path}/`)) this.open.delete(folder)
    this.tell()
  }

  /** Lists anew what is open; folders that are gone are forgotten. Calls that come meanwhile are one more look after it. */
  async refresh(): Promise<void> {
    if (this.looking !== undefined) {
      this.again = true
      return this.looking
    }
    this.looking = this.look()
    try {
      await this.looking
    } finally {
      this.looking = undefined
    }
  }

  private async look(): Promise<void> {
    do {
      this.again = false
      // What is closed is listed when it is opened again.
      for (const folder of this.known.keys()) if (!this.open.has(folder)) this.known.delete(folder)
      // The root first: a folder's rules are those of all above it.
      const folders = [...this.open].toSorted((a, b) => a.split('/').length - b.split('/').length)
      for (const folder of folders) await this.list(folder)
      this.tell()
    } while (this.again)
  }

  private async list(folder: string): Promise<void> {
    try {
      const before = this.known.get(folder)
      const isLarge = before !== undefined && !(before instanceof Failure) && before.sorted.length > large
      const time = isLarge ? (await this.door.stat(folder)).mtimeMs : undefined
      if (isLarge && time === before.mtimeMs) return
      const listing = await this.door.list(folder)
      this.known.set(folder, { listing, sorted: sorted(listing.entries), ignored: new Map(), mtimeMs: time })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (error.code === 'missing' && folder !== '') this.known.delete(folder)
      else this.known.set(folder, error)
    }
  }

  private tell(): void {
    this.laid = undefined
    this.changed()
  }

  private foldersIn(folder: string): string[] {
    const known = this.known.get(folder)
    if (known === undefined || known instanceof Failure) return []
    return known.sorted
      .filter((entry) => entry.type === 'directory' && !this.ignores(folder, known, entry))
      .map(({ name }) => join(folder, name))
  }

  private ignores(folder: string, known: Known, entry: FileEntry): boolean {
    let is = known.ignored.get(entry)
    if (is === undefined) {
      known.under ??= folder !== '' && this.isIgnored(folder)
      is = known.under || known.listing.ignores(entry)
      known.ignored.set(entry, is)
    }
    return is
  }

  private add(rows: TreeRow[], folder: string, depth: number, marks: Marks, hidden: boolean, isGone = false): void {
    const known = this.known.get(folder)
    if (known instanceof Failure) {
      rows.push({ kind: 'note', path: folder, depth, text: known.message })
      return
    }
    const before = rows.length
    // What is gone has its place among what is there.
    if (known === undefined && !isGone) return
    for (const entry of withGone(known?.sorted ?? [], marks.goneFrom(folder))) {
      const { name, type } = entry
      const path = join(folder, name)
      const gone = !('there' in entry)
      if (hidden && known !== undefined && !gone && this.ignores(folder, known, entry.there)) continue
      rows.push({ kind: 'thing', path, name, depth, type, gone, ...(!gone && { entry: entry.there }) })
      if (type === 'directory' && this.open.has(path)) this.add(rows, path, depth + 1, marks, hidden, gone)
    }
    if (rows.length === before && depth > 0 && known !== undefined)
      rows.push({ kind: 'note', path: folder, depth, text: 'empty' })
  }
}

type Shown = { name: string; type: FileEntry['type']; there: FileEntry } | { name: string; type: FileEntry['type'] }

function* withGone(entries: readonly FileEntry[], gone: ReadonlyMap<string, boolean>): Iterable<Shown> {
  if (gone.size === 0) {
    for (const there of entries) yield { name: there.name, type: there.type, there }
    return
  }
  const names = new Set(entries.map(({ name }) => name))
  const lost = [...gone].flatMap(([name, wasFolder]): FileEntry[] =>
    names.has(name) ? [] : [{ name, type: wasFolder ? 'directory' : 'file' }],
  )
  const isLost = new Set(lost)
  for (const one of sorted([...entries, ...lost]))
    yield isLost.has(one) ? { name: one.name, type: one.type } : { name: one.name, type: one.type, there: one }
}

/** Folders first, then by name, capitals counting for nothing; git's own folder is nobody's. */
function sorted(entries: readonly FileEntry[]): FileEntry[] {
  const keyed = entries
    .filter(({ name }) => name !== '.git')
    .map((entry) => ({ entry, key: (entry.type === 'directory' ? '0' : '1') + entry.name.toLowerCase() }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry.name < b.entry.name ? -1 : 1))
  return keyed.map(({ entry }) => entry)
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
