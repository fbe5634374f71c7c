import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { parseRecord, writeWhole } from './bases.ts'
import { hashIn, type Identity } from './leaf.ts'
import { isErrno } from './nofollow.ts'
import type { Objects } from './objects.ts'

/** All kept contents together, in bytes; the oldest checkpoints go first. */
const defaultCap = 1024 ** 3

/** What the workspace held at some moments, by content: one small file each, named by a growing number. */
export class Checkpoints {
  private readonly folder: string
  private readonly objects: Objects
  private readonly cap: number

  constructor(folder: string, objects: Objects, cap = defaultCap) {
    this.folder = folder
    this.objects = objects
    this.cap = cap
  }

  /** `entries` says what each path held whose contents are in the store. `needed` is never thrown away. */
  async keep(entries: ReadonlyMap<string, Identity>, needed: Iterable<Identity>): Promise<string> {
    await fs.mkdir(this.folder, { recursive: true, mode: 0o700 })
    const id = String((await this.ids()).reduce((most, known) => Math.max(most, known), 0) + 1)
    await writeWhole(this.file(id), JSON.stringify(Object.fromEntries(entries)))
    await this.trim(needed)
    return id
  }

  /** Failure `missing` where there is no checkpoint of that name. */
  async entries(id: string): Promise<Map<string, Identity>> {
    const gone = new Failure('missing', `There is no checkpoint ${id}; old ones are dropped to save space.`)
    if (!/^\d{1,15}$/.test(id)) throw gone
    const text = await fs.readFile(this.file(id), 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) throw gone
      throw error
    })
    return new Map(Object.entries(parseRecord<Identity>(text, this.file(id))))
  }

  /** Drops the oldest until what is left fits, and then every content that nothing names. The newest always stays. */
  private async trim(needed: Iterable<Identity>): Promise<void> {
    const sizes = await this.objects.sizes()
    if (sum(sizes.values()) <= this.cap) return
    let wanted = new Set(hashes(needed))
    const ids = (await this.ids()).toSorted((a, b) => b - a)
    for (const [age, id] of ids.entries()) {
      const all = new Set([...wanted, ...hashes((await this.entries(String(id))).values())])
      const fits = sum([...all].map((hash) => sizes.get(hash) ?? 0)) <= this.cap
      if (age > 0 && !fits) {
        for (const old of ids.slice(age)) await fs.rm(this.file(String(old)), { force: true })
        break
      }
      wanted = all
    }
    for (const hash of sizes.keys()) if (!wanted.has(hash)) await this.objects.drop(hash)
  }

  private async ids(): Promise<number[]> {
    const names = await fs.readdir(this.folder)
    return names.flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
  }

  private file(id: string): string {
    return join(this.folder, `${id}.json`)
  }
}

function hashes(identities: Iterable<Identity>): string[] {
  return [...identities].flatMap((identity) => hashIn(identity) ?? [])
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
