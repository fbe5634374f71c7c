import { ProjectBook, isObject } from './project-book.ts'
import type { ProjectItem } from './project-items.ts'

/** By item: the hash of the bytes that the person said yes to. */
type Hashes = Map<string, string>

/** What the person trusts, kept in one file by content: a yes is for these bytes, and asked for again once they change. */
export class Trust {
  private readonly book: ProjectBook<Record<string, string>>

  /** `file`: usually trust.json in the data folder; it may be missing. */
  constructor(file: string) {
    this.book = new ProjectBook(file, isHashes)
  }

  /** True where the person said yes to exactly these bytes, in this place. */
  isTrusted({ project, name, sha256 }: ProjectItem): boolean {
    return new Map(Object.entries(this.book.read().get(project) ?? {})).get(name) === sha256
  }

  /** Remembers the person's yes. Failure `disk` or `permission` where it cannot be kept. */
  trust(items: readonly ProjectItem[]): void {
    this.change(items, (hashes, { name, sha256 }) => void hashes.set(name, sha256))
  }

  /** Forgets the yes. */
  distrust(items: readonly ProjectItem[]): void {
    this.change(items, (hashes, { name }) => void hashes.delete(name))
  }

  private change(items: readonly ProjectItem[], act: (hashes: Hashes, item: ProjectItem) => void): void {
    const book = this.book.read()
    for (const item of items) {
      const hashes: Hashes = new Map(Object.entries(book.get(item.project) ?? {}))
      act(hashes, item)
      if (hashes.size > 0) book.set(item.project, Object.fromEntries(hashes))
      else book.delete(item.project)
    }
    this.book.write(book)
  }
}

function isHashes(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((sha256) => typeof sha256 === 'string')
}
