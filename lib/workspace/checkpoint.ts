import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { beginning, type Checkpoint, type Occasion } from '../core/checkpoints.ts'
import { Failure } from '../core/failure.ts'
import { parseRecord, writeWhole } from './bases.ts'
import { hashIn, type Identity } from './leaf.ts'
import type { Ledger } from './ledger.ts'
import { isErrno } from './nofollow.ts'
import type { Objects } from './objects.ts'

/** All kept contents together, in bytes; the oldest checkpoints go first. */
const defaultCap = 1024 ** 3

/** A moment of the workspace; the contents are in the store. */
export interface Moment {
  /** What each path held that the agent had touched. */
  entries: ReadonlyMap<string, Identity>
  /** What each of them was based on. */
  bases: ReadonlyMap<string, Identity>
  /** Folders of the project that the workspace did not have. */
  gone: readonly string[]
  /** Where the ledger of what was written to the project ended. */
  ledger: number
}

/** A moment as its file has it. */
interface Kept extends Pick<Moment, 'gone' | 'ledger'> {
  parent: string
  at: number
  occasion?: Occasion
  entries: Record<string, Identity>
  bases: Record<string, Identity>
}

/** The moment before anything was changed. */
const nothing: Moment = { entries: new Map(), bases: new Map(), gone: [], ledger: 0 }

/** The moments of a workspace, by content: one small file each, named by a growing number. */
export class Checkpoints {
  private readonly folder: string
  private readonly objects: Objects
  private readonly ledger: Ledger
  private readonly cap: number

  constructor(folder: string, objects: Objects, ledger: Ledger, cap = defaultCap) {
    this.folder = folder
    this.objects = objects
    this.ledger = ledger
    this.cap = cap
  }

  /**
   * Keeps a moment, and gives its name: that of where the workspace stands, if nothing has changed since. `needed` is
   * never thrown away.
   */
  async keep(moment: Moment, needed: Iterable<Identity>, occasion?: Occasion): Promise<string> {
    await fs.mkdir(this.folder, { recursive: true, mode: 0o700 })
    const parent = await this.current()
    if (parent !== beginning && same(await this.moment(parent), moment)) return parent
    const id = String((await this.ids()).reduce((most, known) => Math.max(most, known), 0) + 1)
    const { gone, ledger } = moment
    const [entries, bases] = [Object.fromEntries(moment.entries), Object.fromEntries(moment.bases)]
    const kept: Kept = { parent, at: Date.now(), ...(occasion && { occasion }), entries, bases, gone, ledger }
    await writeWhole(this.file(id), JSON.stringify(kept))
    await this.moveTo(id)
    await this.trim(needed)
    return id
  }

  /** Sorted by time. */
  async list(): Promise<Checkpoint[]> {
    const current = await this.current()
    const ids = (await this.ids()).toSorted((a, b) => a - b).map(String)
    return Promise.all(
      ids.map(async (id) => {
        const { parent, at, occasion } = await this.read(id)
        return { id, parent, at, ...(occasion && { occasion }), current: id === current }
      }),
    )
  }

  /** Failure `missing` where there is no checkpoint of that name. */
  async moment(id: string): Promise<Moment> {
    if (id === beginning && this.ledger.start === 0) return nothing
    const { entries, bases, gone, ledger } = await this.read(id)
    return { entries: new Map(Object.entries(entries)), bases: new Map(Object.entries(bases)), gone, ledger }
  }

  /** From now on the workspace stands there. */
  async moveTo(id: string): Promise<void> {
    await fs.mkdir(this.folder, { recursive: true, mode: 0o700 })
    await writeWhole(join(this.folder, 'current'), id)
  }

  private async current(): Promise<string> {
    const id = await fs.readFile(join(this.folder, 'current'), 'utf8').catch(orNone)
    return id !== undefined && (await this.ids()).includes(Number(id)) ? id : beginning
  }

  /**
   * Drops the oldest until what is left fits in `cap` bytes, and then every content that nothing names. The newest always
   * stays, and so does what is `needed`.
   */
  async trim(needed: Iterable<Identity>, cap = this.cap): Promise<void> {
    const sizes = await this.objects.sizes()
    if (sum(sizes.values()) <= cap) return
    let wanted = new Set(hashes(needed))
    const ids = (await this.ids()).toSorted((a, b) => b - a)
    for (const [age, id] of ids.entries()) {
      const { entries, ledger } = await this.moment(String(id))
      const taken = [...this.ledger.since(ledger).values()].map(({ before }) => before)
      const all = new Set([...wanted, ...hashes(entries.values()), ...hashes(taken)])
      const fits = sum([...all].map((hash) => sizes.get(hash) ?? 0)) <= cap
      if (age > 0 && !fits) {
        for (const old of ids.slice(age)) await fs.rm(this.file(String(old)), { force: true })
        this.ledger.forget((await this.moment(String(ids[age - 1]))).ledger)
        await this.ledger.save()
        break
      }
      wanted = all
    }
    for (const hash of sizes.keys()) if (!wanted.has(hash)) await this.objects.drop(hash)
  }

  private async read(id: string): Promise<Kept> {
    const gone = new Failure('missing', `There is no checkpoint ${id}; old ones are dropped to save space.`)
    if (!/^\d{1,15}$/.test(id)) throw gone
    const text = await fs.readFile(this.file(id), 'utf8').catch(orNone)
    if (text === undefined) throw gone
    return parseRecord(text, this.file(id)) as unknown as Kept
  }

  private async ids(): Promise<number[]> {
    const names = (await fs.readdir(this.folder).catch(orNone)) ?? []
    return names.flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
  }

  private file(id: string): string {
    return join(this.folder, `${id}.json`)
  }
}

function orNone(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT')) throw error
}

function same(one: Moment, other: Moment): boolean {
  const [a, b] = [one, other].map(({ entries, ledger }) => JSON.stringify([ledger, [...entries].toSorted()]))
  return a === b
}

function hashes(identities: Iterable<Identity>): string[] {
  return [...identities].flatMap((identity) => hashIn(identity) ?? [])
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
