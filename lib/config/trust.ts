import { renameSync } from 'node:fs'
import { readSmallFile, writeWhole } from './files.ts'
import type { ProjectItem } from './project-items.ts'

/** By project, by item: the hash of the bytes that the person said yes to. */
type Book = Map<string, Map<string, string>>

/** What the person trusts, kept in one file by content: a yes is for these bytes, and asked for again once they change. */
export class Trust {
  private readonly file: string

  /** `file`: usually trust.json in the data folder; it may be missing. */
  constructor(file: string) {
    this.file = file
  }

  /** True where the person said yes to exactly these bytes, in this place. */
  isTrusted(item: ProjectItem): boolean {
    return this.read().get(item.project)?.get(item.name) === item.sha256
  }

  /** Remembers the person's yes. Failure `disk` or `permission` where it cannot be kept. */
  trust(items: readonly ProjectItem[]): void {
    const book = this.read()
    for (const { project, name, sha256 } of items) {
      const known = book.get(project) ?? new Map<string, string>()
      book.set(project, known.set(name, sha256))
    }
    this.write(book)
  }

  /** Forgets the yes. */
  distrust(items: readonly ProjectItem[]): void {
    const book = this.read()
    for (const { project, name } of items) book.get(project)?.delete(name)
    this.write(book)
  }

  /** Each time from the file: another Drydock may have written. A broken file is kept aside, and means no trust. */
  private read(): Book {
    const read = readSmallFile(this.file)
    if (!read) return new Map()
    const book = parseBook(read.bytes)
    if (book) return book
    renameSync(this.file, `${this.file}.broken-${Date.now()}`)
    return new Map()
  }

  private write(book: Book): void {
    const projects = Object.fromEntries(
      [...book].filter(([, items]) => items.size > 0).map(([project, items]) => [project, Object.fromEntries(items)]),
    )
    writeWhole(this.file, `${JSON.stringify({ version: 1, projects }, undefined, 2)}\n`, 0o600)
  }
}

function parseBook(bytes: Buffer): Book | undefined {
  let data: unknown
  try {
    data = JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
  if (!isTable(data) || data['version'] !== 1 || !isTable(data['projects'])) return undefined
  const book: Book = new Map()
  for (const [project, items] of Object.entries(data['projects'])) {
    if (!isTable(items) || !Object.values(items).every((sha256) => typeof sha256 === 'string')) return undefined
    book.set(project, new Map(Object.entries(items as Record<string, string>)))
  }
  return book
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
