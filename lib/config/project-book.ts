import { renameSync } from 'node:fs'
import { readSmallFile, writeWhole } from './files.ts'

/** What is kept for each project, in one file of our own (mode 0600): nothing of it is the project's. */
export class ProjectBook<T> {
  private readonly file: string
  private readonly isEntry: (value: unknown) => value is T

  /** `file`: in the data folder; it may be missing. `isEntry`: whether a value read is what is kept for a project. */
  constructor(file: string, isEntry: (value: unknown) => value is T) {
    this.file = file
    this.isEntry = isEntry
  }

  /** Each time from the file: another Drydock may have written. A broken file is kept aside, and holds nothing. */
  read(): Map<string, T> {
    const read = readSmallFile(this.file)
    if (!read) return new Map()
    const book = this.parse(read.bytes)
    if (book) return book
    renameSync(this.file, `${this.file}.broken-${Date.now()}`)
    return new Map()
  }

  /** Failure `disk` or `permission` where it cannot be kept. */
  write(book: ReadonlyMap<string, T>): void {
    const projects = Object.fromEntries(book)
    writeWhole(this.file, `${JSON.stringify({ version: 1, projects }, undefined, 2)}\n`, 0o600)
  }

  private parse(bytes: Buffer): Map<string, T> | undefined {
    let data: unknown
    try {
      data = JSON.parse(bytes.toString())
    } catch {
      return undefined
    }
    if (!isObject(data) || data['version'] !== 1 || !isObject(data['projects'])) return undefined
    const book = new Map<string, T>()
    for (const [project, entry] of Object.entries(data['projects'])) {
      if (!this.isEntry(entry)) return undefined
      book.set(project, entry)
    }
    return book
  }
}

/** A JSON object: no list, not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
