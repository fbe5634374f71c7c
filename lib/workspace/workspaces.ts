import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { sha256 } from '../core/hash.ts'
import { writeWhole } from './bases.ts'
import { letOwnerIn } from './let-in.ts'
import { Lock, type LockOptions } from './lock.ts'
import { checkWorkspaceName, isWorkspaceName, mainWorkspace, nextName } from './name.ts'
import { isErrno } from './nofollow.ts'
import { recover } from './open.ts'
import { removeTree } from './remove-tree.ts'
import { asFailure } from './as-failure.ts'
import { Store } from './store.ts'
import { WriteLock } from './write-lock.ts'

/** Where all that is kept for a project lies: a folder that a person can tell by its name. */
export function projectFolder(dataDir: string, project: string): string {
  return join(dataDir, 'projects', folderName(project))
}

function folderName(project: string): string {
  const hash = sha256(project).slice(0, 12)
  return `${basename(project).slice(0, 48)}-${hash}`
}

/** The folder of what package managers in the sandboxes of a project have fetched, below that of all its workspaces. */
export function packagesIn(shared: string): string {
  return join(shared, 'packages')
}

/** A workspace that is ours until its lock is released. */
export interface Claim {
  name: string
  /** The folder in which it is kept. */
  store: string
  /** The folder of what all workspaces of the project share. */
  shared: string
  lock: Lock
}

/** The workspaces of one project, by name; each is a folder of its own, which shares nothing with the others. */
export class Workspaces {
  readonly project: string
  /** What all of them share: which project it is, and the lock for writing to it. */
  readonly shared: string
  private readonly shelf: string

  private constructor(dataDir: string, project: string) {
    this.project = project
    this.shared = projectFolder(dataDir, project)
    this.shelf = join(this.shared, 'workspaces')
  }

  /**
   * Makes the folders, takes up what an earlier Drydock kept, and completes what a crash interrupted in any workspace.
   * Errors: `Failure` `busy` where that earlier Drydock is still at work, `disk` and `permission`.
   */
  static async open(dataDir: string, project: string): Promise<Workspaces> {
    const workspaces = new Workspaces(dataDir, project)
    try {
      await fs.mkdir(workspaces.shelf, { recursive: true, mode: 0o700 })
      await workspaces.sayWhose()
      await workspaces.takeUpEarlier(join(dataDir, 'workspaces', folderName(project)))
      await workspaces.recoverAll()
    } catch (error) {
      throw asFailure(error, workspaces.shared, project)
    }
    return workspaces
  }

  /** Those that there are: `main` first, the others by their names. */
  async names(): Promise<string[]> {
    const names = (await fs.readdir(this.shelf)).filter(isWorkspaceName)
    return names.toSorted((a, b) => rank(a).localeCompare(rank(b), 'en', { numeric: true }))
  }

  store(name: string): string {
    return join(this.shelf, checkWorkspaceName(name))
  }

  /**
   * Takes the workspace of that name for a session, and makes it where there is none. Without a name: the first of
   * `main`, `2`, `3`… that no other session has. Failure `busy` where another has the named one, `usage` for no name.
   */
  async claim(name?: string): Promise<Claim> {
    if (name !== undefined) return this.take(name)
    for (let taken = 0; ; taken++) {
      try {
        return await this.take(nextName(taken), { patienceMs: 2000 })
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'busy')) throw error
      }
    }
  }

  /** Gives it another name. Failure `missing`, `exists`, `busy`, or `usage` for what is no name. */
  async rename(from: string, to: string): Promise<void> {
    const target = this.store(to)
    await this.moving(from, async () => {
      if (existsSync(target)) throw new Failure('exists', `There is a workspace ${to} already.`)
      return target
    })
  }

  /**
   * Removes it for good, with all that it holds, and the project's packages with the last one, where `agreed`, asked once
   * nobody else can work in it, says so. Gives whether it did. Failure `missing`, `busy`, or `disk` where something of it
   * cannot be removed.
   */
  async remove(name: string, agreed: () => Promise<boolean>): Promise<boolean> {
    // Under a name that is nobody's it is gone at once, however long the rest takes.
    const aside = () => join(this.shelf, `.removed-${randomBytes(8).toString('hex')}`)
    const removed = await this.moving(name, async () => ((await agreed()) ? aside() : undefined))
    // What was fetched for the project goes with its last workspace.
    const packages = packagesIn(this.shared)
    if (removed && existsSync(packages) && (await this.names()).length === 0) {
      // Whoever worked in it may have closed it, and no folder is moved that may not be written.
      await letOwnerIn(packages)
      await fs.rename(packages, aside())
    }
    for (const left of await fs.readdir(this.shelf))
      if (left.startsWith('.removed-')) await removeTree(join(this.shelf, left))
    return removed
  }

  /** Holds a workspace while `where` says where its folder shall be moved to, if anywhere. */
  private async moving(name: string, where: () => Promise<string | undefined>): Promise<boolean> {
    const store = this.store(name)
    if (!existsSync(store)) throw missing(name, await this.names())
    const lock = await Lock.take(join(store, 'lock'), { brief: true })
    let moved: string | undefined
    try {
      const target = await where()
      if (target !== undefined) await fs.rename(store, target)
      moved = target
    } finally {
      // Where it was, somebody else may have made another by now.
      await (moved === undefined ? lock.release() : fs.rm(join(moved, 'lock')))
    }
    return moved !== undefined
  }

  private async take(name: string, options: LockOptions = {}): Promise<Claim> {
    const store = this.store(name)
    for (let attempt = 1; ; attempt++) {
      try {
        await fs.mkdir(store, { recursive: true, mode: 0o700 })
        const lock = await Lock.take(join(store, 'lock'), options)
        await fs.writeFile(join(store, 'used'), '')
        return { name, store, shared: this.shared, lock }
      } catch (error) {
        // Somebody has removed or renamed it meanwhile.
        if (!isErrno(error, 'ENOENT') || attempt === 5) throw asFailure(error, store, this.project)
      }
    }
  }

  private async sayWhose(): Promise<void> {
    const file = join(this.shared, 'project.json')
    if (existsSync(file)) return
    const draft = join(this.shared, `.project-${randomBytes(8).toString('hex')}`)
    await writeWhole(draft, JSON.stringify({ project: this.project }))
    await fs.rename(draft, file)
  }

  /** Before workspaces had names there was one a project. It becomes `main`, in one step. */
  private async takeUpEarlier(earlier: string): Promise<void> {
    if (!existsSync(earlier)) return
    try {
      await Lock.take(join(earlier, 'lock'), { brief: true })
      const store = await this.moveToFree(earlier)
      await fs.rm(join(store, 'lock'))
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error // another session was faster
    }
  }

  private async moveToFree(folder: string): Promise<string> {
    for (let taken = 0; ; taken++) {
      const store = this.store(nextName(taken))
      try {
        await fs.rename(folder, store)
        return store
      } catch (error) {
        if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error
      }
    }
  }

  private async recoverAll(): Promise<void> {
    for (const name of await this.names()) {
      const store = await Store.open(this.store(name), this.project)
      if (!existsSync(store.journal)) continue
      try {
        const lock = await Lock.take(store.lock, { brief: true, patienceMs: 0 })
        await recover(store, new WriteLock(join(this.shared, 'writing'))).finally(() => lock.release())
      } catch (error) {
        // Whoever has it does it, and what is damaged says so to whoever opens it.
        if (!(error instanceof Failure)) throw error
      }
    }
  }
}

function rank(name: string): string {
  return name === mainWorkspace ? '' : name
}

export function missing(name: string, there: readonly string[]): Failure {
  const known = there.length === 0 ? 'there are none yet' : `there are ${there.join(', ')}`
  return new Failure('missing', `This project has no workspace ${name}: ${known}.`)
}
