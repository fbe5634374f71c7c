import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import type { Disposable } from '../../core/dispose.ts'
import { Failure } from '../../core/failure.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { OwnGit } from './own.ts'
import { namesIn } from './repository.ts'

/** Milliseconds in which the writes of one git command come together. */
const settleMs = 50

/** Folders of refs that are watched in a repository; what changes in others is seen with the next change of HEAD. */
const mostFolders = 500

/**
 * Has the workspace's git follow the project's while a session runs: at once, and whenever git writes in the project.
 * `onProblem` hears once why it has none, or why it does not follow.
 */
export class Following implements Disposable {
  private readonly git: OwnGit
  private readonly sandbox: Sandbox
  private readonly onProblem: (failure: Failure) => void
  private readonly watchers = new Map<string, FSWatcher>()
  private timer: NodeJS.Timeout | undefined
  private running: Promise<void> = Promise.resolve()
  private over = false
  private told = false

  constructor(git: OwnGit, sandbox: Sandbox, onProblem: (failure: Failure) => void) {
    this.git = git
    this.sandbox = sandbox
    this.onProblem = onProblem
  }

  /** Resolves when the workspace's git is as the project's. */
  async start(): Promise<void> {
    if (this.git.problem) this.tell(this.git.problem)
    await this.watch().catch((error: unknown) => this.tell(error))
    await this.follow()
  }

  async dispose(): Promise<void> {
    this.over = true
    clearTimeout(this.timer)
    for (const watcher of this.watchers.values()) watcher.close()
    this.watchers.clear()
    await this.running
  }

  private follow(): Promise<void> {
    this.running = this.git.follow(this.sandbox).catch((error: unknown) => {
      if (!this.over) this.tell(error)
    })
    return this.running
  }

  private async watch(): Promise<void> {
    for (const { dir, common } of this.git.repositories) {
      this.add(dir)
      this.add(common)
      await this.addRefs(common, 'refs', { left: mostFolders })
    }
  }

  private async addRefs(common: string, path: string, most: { left: number }): Promise<void> {
    if (this.over || most.left-- <= 0) return
    this.add(join(common, path))
    for (const { name, isFolder } of await namesIn(common, path))
      if (isFolder) await this.addRefs(common, `${path}/${name}`, most)
  }

  private add(folder: string): void {
    if (this.over || this.watchers.has(folder)) return
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || !name.endsWith('.lock')) this.soon()
      })
      const drop = () => {
        watcher.close()
        this.watchers.delete(folder)
      }
      watcher.on('error', drop)
      this.watchers.set(folder, watcher)
    } catch (cause) {
      this.tell(new Failure('sandbox', `Changes in ${folder} are not noticed: ${(cause as Error).message}.`, { cause }))
    }
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      if (!this.over) this.running = this.start()
    }, settleMs)
  }

  private tell(error: unknown): void {
    if (this.told) return
    this.told = true
    this.onProblem(
      error instanceof Failure ? error : new Failure('sandbox', (error as Error).message, { cause: error }),
    )
  }
}
