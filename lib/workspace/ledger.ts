import * as fs from 'node:fs/promises'
import { parseRecord, writeWhole } from './bases.ts'
import type { Identity } from './leaf.ts'
import { isErrno } from './nofollow.ts'
import type { Step } from './place.ts'

interface Written {
  /** The number of the first entry: what was before it is forgotten. */
  start: number
  steps: Step[]
}

/** What was written to the project, in order, so that it can be taken back. Kept in one JSON file. */
export class Ledger {
  private readonly file: string
  private readonly written: Written
  private dirty = false

  private constructor(file: string, written: Written) {
    this.file = file
    this.written = written
  }

  static async load(file: string): Promise<Ledger> {
    const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return '{}'
      throw error
    })
    const { start = 0, steps = [] } = parseRecord(text, file) as Partial<Written>
    return new Ledger(file, { start, steps })
  }

  /** The number of the next entry: this moment. */
  get end(): number {
    return this.written.start + this.written.steps.length
  }

  get start(): number {
    return this.written.start
  }

  add({ path, before, after }: Step): void {
    this.written.steps.push({ path, before, after })
    this.dirty = true
  }

  /** For each path that was written since a moment: what it held then, and what was written last. */
  since(moment: number): Map<string, { before: Identity; after: Identity }> {
    const found = new Map<string, { before: Identity; after: Identity }>()
    for (const { path, before, after } of this.written.steps.slice(Math.max(0, moment - this.start)))
      found.set(path, { before: found.get(path)?.before ?? before, after })
    return found
  }

  /** Forgets what was written before a moment. */
  forget(moment: number): void {
    if (moment <= this.start) return
    this.written.steps.splice(0, moment - this.start)
    this.written.start = moment
    this.dirty = true
  }

  async save(): Promise<void> {
    if (!this.dirty) return
    await writeWhole(this.file, JSON.stringify(this.written))
    this.dirty = false
  }
}
