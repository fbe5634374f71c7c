import { posix } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { Failure } from '../core/failure.ts'
import type { Files } from '../sandbox/sandbox.ts'
import { heed } from './abort.ts'

/** A .gitignore is not longer than this, in bytes. */
const longest = 1024 * 1024

/**
 * What .gitignore files say, each from its own folder down, the nearest first; the person's patterns come last. The
 * files are read as folders are entered.
 */
export class IgnoreRules {
  private readonly byFolder = new Map<string, Ignore>()
  private readonly root: string
  private readonly own: Ignore

  constructor(root: string, patterns: readonly string[]) {
    this.root = root
    this.own = ignore().add([...patterns])
  }

  /** Reads the .gitignore of a folder inside the root, if there is one. */
  async enter(folder: string, files: Files, signal: AbortSignal): Promise<void> {
    if (this.byFolder.has(folder)) return
    try {
      const data = await heed(signal, files.read(posix.join(folder, '.gitignore'), { offset: 0, length: longest }))
      this.byFolder.set(folder, ignore().add(data.toString()))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.byFolder.set(folder, ignore())
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
      const verdict = this.byFolder.get(folder)?.test(posix.relative(folder, path) + end)
      if (verdict?.ignored || verdict?.unignored) return verdict.ignored
      if (folder === '/') break
    }
    return this.own.ignores(posix.relative(this.root, path) + end)
  }
}
