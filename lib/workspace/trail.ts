import type { Disposable } from '../core/dispose.ts'
import { pathToBytes } from '../core/paths.ts'
import { Folder, isErrno } from './nofollow.ts'

/**
 * The way down to a path in one tree, folder by folder and through no link, held open: from one path to its neighbour is
 * a step and not the whole way again. Whoever makes one disposes it.
 */
export class Trail implements Disposable {
  readonly root: string
  private top: Folder | undefined
  private readonly steps: { name: string; folder: Folder }[] = []

  constructor(root: string) {
    this.root = root
  }

  /** The folder that holds `path`, open until the next call; undefined where a step is missing or is no folder. */
  async holding(path: string): Promise<{ folder: Folder; name: Buffer } | undefined> {
    const parts = path.split('/')
    const name = pathToBytes(parts.pop()!)
    let same = 0
    while (same < parts.length && this.steps[same]?.name === parts[same]) same += 1
    for (const { folder } of this.steps.splice(same).toReversed()) await folder.dispose()
    let folder = this.steps.at(-1)?.folder ?? (this.top ??= await Folder.open(this.root))
    for (const part of parts.slice(same)) {
      const inner = await folder.folder(pathToBytes(part)).catch((error: unknown) => {
        if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
        throw error
      })
      if (!inner) return undefined
      this.steps.push({ name: part, folder: inner })
      folder = inner
    }
    return { folder, name }
  }

  async dispose(): Promise<void> {
    for (const { folder } of this.steps.splice(0).toReversed()) await folder.dispose()
    await this.top?.dispose()
    this.top = undefined
  }
}
