import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { Bases, parseRecord, writeWhole } from './bases.ts'
import { Doubt } from './doubt.ts'
import { Ledger } from './ledger.ts'
import { letOwnerIn } from './let-in.ts'
import { Masks } from './masks.ts'
import { isErrno } from './nofollow.ts'
import { Objects } from './objects.ts'

/** How a kept workspace was made. Times in nanoseconds, as in `Trees`. */
export interface StoreState {
  mode: 'overlay' | 'copy'
  openedNs: bigint
  filledNs: bigint
  /** Folders of the project that a copy was made without. */
  apart: string[]
}

/** The same as its file has it. */
interface Written {
  project: string
  mode: StoreState['mode']
  openedNs: string
  filledNs: string
  apart?: string[]
}

/** The folder of the person's data in which one project's workspace lies between sessions. */
export class Store {
  readonly folder: string
  readonly project: string
  readonly upper: string
  readonly work: string
  readonly copy: string
  readonly lock: string
  readonly journal: string
  readonly checkpoints: string
  readonly objects: Objects
  /** The workspace's own git, what it was given last, and an empty folder. */
  readonly git: string
  readonly gitGiven: string
  readonly nothing: string
  /** What stands for the project's secrets: what the last session left, until this one has its own. */
  masks: Masks

  private constructor(folder: string, project: string, masks: Masks) {
    this.folder = folder
    this.project = project
    this.upper = join(folder, 'upper')
    this.work = join(folder, 'work')
    this.copy = join(folder, 'copy')
    this.lock = join(folder, 'lock')
    this.journal = join(folder, 'journal.json')
    this.checkpoints = join(folder, 'checkpoints')
    this.objects = new Objects(join(folder, 'objects'))
    this.git = join(folder, 'git')
    this.gitGiven = join(folder, 'git.json')
    this.nothing = join(folder, 'nothing')
    this.masks = masks
  }

  static async open(folder: string, project: string): Promise<Store> {
    await fs.mkdir(folder, { recursive: true, mode: 0o700 })
    const store = new Store(folder, project, await Masks.left(join(folder, 'masks'), project))
    for (const filled of [store.upper, store.copy, store.git]) await letOwnerIn(filled)
    return store
  }

  doubt(): Promise<Doubt> {
    return Doubt.load(join(this.folder, 'at-work'))
  }

  bases(): Promise<Bases> {
    return Bases.load(join(this.folder, 'bases.json'))
  }

  ledger(): Promise<Ledger> {
    return Ledger.load(join(this.folder, 'applied.json'))
  }

  /** Undefined where there is no workspace yet. Failure `disk` where it is another project's. */
  async state(): Promise<StoreState | undefined> {
    const file = join(this.folder, 'state.json')
    const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return undefined
      throw error
    })
    if (text === undefined) return undefined
    const { project, mode, openedNs, filledNs, apart = [] } = parseRecord(text, file) as unknown as Written
    if (project !== this.project)
      throw new Failure('disk', `${this.folder} holds the workspace of ${project}.`, { file })
    return { mode, openedNs: BigInt(openedNs), filledNs: BigInt(filledNs), apart }
  }

  async keepState({ mode, openedNs, filledNs, apart }: StoreState): Promise<void> {
    const { project } = this
    const state: Written = { project, mode, openedNs: String(openedNs), filledNs: String(filledNs), apart }
    await writeWhole(join(this.folder, 'state.json'), JSON.stringify(state))
  }

  /**
   * This moment, as the file system stamps it: later than everything that was written before, by a tick of its clock,
   * which is coarser than the time of day.
   */
  async moment(): Promise<bigint> {
    const file = join(this.folder, 'moment')
    const stamp = async () => {
      await fs.writeFile(file, '')
      return (await fs.stat(file, { bigint: true })).ctimeNs
    }
    const first = await stamp()
    for (;;) {
      const now = await stamp()
      if (now > first) return now
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
}
