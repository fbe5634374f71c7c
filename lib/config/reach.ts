import { renameSync } from 'node:fs'
import { readSmallFile, writeWhole } from './files.ts'

/** By project: what was allowed, as `host:port`. */
type Book = Map<string, string[]>

/** What the person lets the sandboxes of each project reach for good, kept in one file: nothing of it is the project's. */
export class Reach {
  private readonly file: string

  /** `file`: usually network.json in the data folder; it may be missing. */
  constructor(file: string) {
    this.file = file
  }

  /** What was allowed the project, as `host:port`. */
  of(project: string): string[] {
    return this.read().get(project) ?? []
  }

  /** Remembers the person's yes. Failure `disk` or `permission` where it cannot be kept. */
  allow(project: string, target: string): void {
    const book = this.read()
    book.set(project, [...new Set([...(book.get(project) ?? []), target])])
    const projects = Object.fromEntries(book)
    writeWhole(this.file, `${JSON.stringify({ version: 1, projects }, undefined, 2)}\n`, 0o600)
  }

  /** Each time from the file: another Drydock may have written. A broken file is kept aside, and allows nothing. */
  private read(): Book {
    const read = readSmallFile(this.file)
    if (!read) return new Map()
    const book = parseBook(read.bytes)
    if (book) return book
    renameSync(this.file, `${this.file}.broken-${Date.now()}`)
    return new Map()
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
  for (const [project, targets] of Object.entries(data['projects'])) {
    if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string')) return undefined
    book.set(project, targets)
  }
  return book
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
