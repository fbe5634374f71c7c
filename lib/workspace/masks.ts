import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { pathBelow, pathFromBytes } from '../core/paths.ts'
import { sha256 } from '../core/hash.ts'
import { fileIdentity, type Identity } from './leaf.ts'
import { isErrno } from './nofollow.ts'

/** What a file holds that stands for a secret: whoever has a copy of it has nothing. */
export const standInText =
  '# Drydock hides this file from the sandbox: it looks like a secret. The tool `read` asks the person to show it.\n'

export const standIn: Identity = fileIdentity(sha256(standInText), false)

/**
 * Files that stand for the project's secrets: a tree beside the project that has a file wherever that has a secret, and
 * nothing else. It lies over the project, as the sandbox sees it, like a layer; what is in it is what is masked.
 */
export class Masks {
  /** Absolute path of the tree. */
  readonly folder: string
  private readonly project: string
  private readonly owner: { uid: number; gid: number } | undefined
  private readonly masked: Set<string>

  private constructor(folder: string, project: string, masked: Iterable<string>, owner?: { uid: number; gid: number }) {
    this.folder = folder
    this.project = project
    this.masked = new Set(masked)
    this.owner = process.getuid?.() === 0 ? owner : undefined
  }

  /** Those that an earlier session left. */
  static async left(folder: string, project: string): Promise<Masks> {
    return new Masks(folder, project, await filesIn(folder, ''))
  }

  /** Makes the tree anew. Not while it is mounted. */
  static async lay(
    folder: string,
    project: string,
    paths: readonly string[],
    owner: { uid: number; gid: number },
  ): Promise<Masks> {
    await fs.rm(folder, { recursive: true, force: true })
    await fs.mkdir(folder, { recursive: true })
    const masks = new Masks(folder, project, [], owner)
    await masks.likeFolder('')
    for (const path of paths) await masks.add(path)
    return masks
  }

  /** What is masked. */
  get paths(): string[] {
    return [...this.masked]
  }

  has(path: string): boolean {
    return this.masked.has(path)
  }

  /** Where the sandbox's view of the project has a path from. */
  rootOf(path: string): string {
    return this.has(path) ? this.folder : this.project
  }

  /** Masks a file of the project; nothing where it is none. */
  async add(path: string): Promise<void> {
    const stat = await fs.lstat(pathBelow(this.project, path)).catch(() => undefined)
    if (!stat?.isFile()) return
    await this.makeFolder(dirname(path))
    const file = pathBelow(this.folder, path)
    await fs.rm(file, { force: true })
    await fs.writeFile(file, standInText, { mode: 0o444 })
    await fs.chmod(file, 0o444)
    await this.own(file)
    this.masked.add(path)
  }

  async remove(path: string): Promise<void> {
    this.masked.delete(path)
    await fs.rm(pathBelow(this.folder, path), { force: true })
  }

  private async makeFolder(path: string): Promise<void> {
    if (path === '.') return
    await this.makeFolder(dirname(path))
    const made = await fs.mkdir(pathBelow(this.folder, path)).then(
      () => true,
      (error: unknown) => {
        if (!isErrno(error, 'EEXIST')) throw error
        return false
      },
    )
    if (made) await this.likeFolder(path)
  }

  /** Of folders that lie over each other the uppermost is seen: it has to look like the project's. */
  private async likeFolder(path: string): Promise<void> {
    const [own, theirs] = [pathBelow(this.folder, path), pathBelow(this.project, path)]
    const { mode, uid, gid } = await fs.stat(theirs)
    await fs.chmod(own, (mode & 0o7777) | 0o700)
    if (this.owner) await fs.chown(own, uid, gid)
  }

  private async own(file: Buffer): Promise<void> {
    if (this.owner) await fs.chown(file, this.owner.uid, this.owner.gid)
  }
}

async function filesIn(folder: string, path: string): Promise<string[]> {
  const options = { withFileTypes: true, encoding: 'buffer' } as const
  const entries = await fs.readdir(pathBelow(folder, path), options).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  })
  const found = entries.map(async (entry) => {
    const inner = (path === '' ? '' : `${path}/`) + pathFromBytes(entry.name)
    return entry.isDirectory() ? filesIn(folder, inner) : [inner]
  })
  return (await Promise.all(found)).flat()
}
