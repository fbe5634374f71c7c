import { posix } from 'node:path'
import { Failure } from '../core/failure.ts'
import type { Files } from '../sandbox/sandbox.ts'
import { Patience, Patterns } from '../workspace/patterns.ts'
import { heed } from './abort.ts'

/** A .gitignore is not longer than this, in bytes. */
const longest = 1024 * 1024

/**
 * What .gitignore files say, each from its own folder down, the nearest first; the person's patterns come last. The
 * files are read as folders are entered.
 */
export class IgnoreRules {
  private readonly byFolder = new Map<string, Patterns>()
  private readonly root: string
  private readonly own: Patterns
  private readonly patience = new Patience()

  constructor(root: string, patterns: readonly string[]) {
    this.root = root
    this.own = new Patterns(patterns.join('\n'), this.patience)
  }

  /** Reads the .gitignore of a folder inside the root, if there is one. */
  async enter(folder: string, files: Files, signal: AbortSignal): Promise<void> {
    if (this.byFolder.has(folder)) return
    try {
      const data = await heed(signal, files.read(posix.join(folder, '.gitignore'), { offset: 0, length: longest }))
      this.byFolder.set(folder, new Patterns(data.toString(), this.patience))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.byFolder.set(folder, new Patterns('', this.patience))
    }
  }

  /** Enters every folder from the root to this one; true where one of them is itself ignored. */
  async enterDown(folder: string, files: Files, signal: AbortSignal): Promise<boolean> {
    const steps = posix.relative(this.root, folder).split('/').filter(Boolean)
    let at = this.root
    await this.enter(at, files, signal)
    for (const step of steps) {
      at = posix.join(at, step)
      if (this.ignored(at, true)) return true
      await this.enter(at, files, signal)
    }
    return false
  }

  /** What the rules entered so far say of an absolute path below the root. */
  ignored(path: string, directory: boolean): boolean {
    const end = directory ? '/' : ''
    for (let folder = posix.dirname(path); folder.length >= this.root.length; folder = posix.dirname(folder)) {
      const ignored = this.byFolder.get(folder)?.ignores(posix.relative(folder, path) + end)
      if (ignored !== undefined) return ignored
      if (folder === '/') break
    }
    return this.own.ignores(posix.relative(this.root, path) + end) === true
  }
}
