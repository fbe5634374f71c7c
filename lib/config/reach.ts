import { ProjectBook } from './project-book.ts'

/** What the person lets the sandboxes of each project reach for good: names of the network, or masked files. */
export class Reach {
  private readonly book: ProjectBook<string[]>

  /** `file`: usually network.json or secrets.json in the data folder; it may be missing. */
  constructor(file: string) {
    this.book = new ProjectBook(file, isTargets)
  }

  /** What was allowed the project: `host:port`, or a path. */
  of(project: string): string[] {
    return this.book.read().get(project) ?? []
  }

  /** Remembers the person's yes. Failure `disk` or `permission` where it cannot be kept. */
  allow(project: string, target: string): void {
    const book = this.book.read()
    this.book.write(book.set(project, [...new Set([...(book.get(project) ?? []), target])]))
  }
}

function isTargets(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((target) => typeof target === 'string')
}
