import { constants, type BigIntStats } from 'node:fs'
import * as fs from 'node:fs/promises'
import type { Disposable } from '../core/dispose.ts'
import { pathToBytes } from '../core/paths.ts'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, O_CREAT, O_EXCL } = constants

/** Bytes that a folder takes for itself with some 20,000 names in it, on the usual file systems. */
const largeFolder = 2 ** 20
/** Names of such a folder that are read at a time. */
const pieceOfFolder = 4096

/**
 * A folder held open, whose entries are reached by name and never through a link: Node has no openat(2), and
 * `/proc/self/fd/N/name` is its equal on Linux. Names are bytes. Whoever opens one disposes it.
 */
export class Folder implements Disposable {
  private readonly handle: fs.FileHandle

  private constructor(handle: fs.FileHandle) {
    this.handle = handle
  }

  /** Opens a folder that is trusted: links in the path itself are followed. */
  static async open(path: string | Buffer): Promise<Folder> {
    return new Folder(await fs.open(path, O_RDONLY | O_DIRECTORY))
  }

  /** Opens the folder that holds `path`, step by step; undefined where a step is missing. ENOTDIR where one is a link. */
  static async holding(root: string, path: string): Promise<{ folder: Folder; name: Buffer } | undefined> {
    const parts = path.split('/').map(pathToBytes)
    const name = parts.pop()!
    let folder = await Folder.open(root)
    for (const part of parts) {
      const inner = await folder.folder(part).catch(async (error: unknown) => {
        await folder.dispose()
        if (isErrno(error, 'ENOENT')) return undefined
        throw error
      })
      if (!inner) return undefined
      await folder.dispose()
      folder = inner
    }
    return { folder, name }
  }

  /** Opens the folder of that name. Throws ENOENT, ENOTDIR (a link too), EACCES as the system does. */
  async folder(name: Buffer): Promise<Folder> {
    return new Folder(await fs.open(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  }

  /** Gives its owner back the rights to it that whoever worked in it may have taken. */
  async letOwnerIn(): Promise<void> {
    const { mode } = await this.handle.stat()
    if ((mode & 0o700) !== 0o700) await this.handle.chmod((mode & 0o777) | 0o700)
  }

  async names(): Promise<Buffer[]> {
    return fs.readdir(this.at(Buffer.alloc(0)), { encoding: 'buffer' })
  }

  /**
   * All names; those of a folder that takes so much of its disk that they are very many, by some thousands at a time:
   * whoever has seen enough need not read what is left.
   */
  async *someNames(): AsyncGenerator<Buffer[]> {
    const { size } = await this.handle.stat()
    if (size < largeFolder) return yield this.names()
    const path = this.at(Buffer.alloc(0)).toString()
    const entries = await fs.opendir(path, { encoding: 'buffer' as BufferEncoding, bufferSize: pieceOfFolder })
    let names: Buffer[] = []
    for await (const { name } of entries) {
      names.push(name as unknown as Buffer)
      if (names.length < pieceOfFolder) continue
      yield names
      names = []
    }
    yield names
  }

  /** Whether nothing is in it: found without reading all that is. */
  async isEmpty(): Promise<boolean> {
    const entries = await fs.opendir(this.at(Buffer.alloc(0)).toString(), { bufferSize: 1 })
    try {
      return (await entries.read()) === null
    } finally {
      await entries.close()
    }
  }

  /** The names of the folders in it. */
  async folders(): Promise<Buffer[]> {
    const entries = await fs.readdir(this.at(Buffer.alloc(0)), { encoding: 'buffer', withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  }

  /** Of the thing itself, not of what a link points to; undefined where there is none. */
  async stat(name: Buffer): Promise<BigIntStats | undefined> {
    return fs.lstat(this.at(name), { bigint: true }).catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return undefined
      throw error
    })
  }

  async self(): Promise<BigIntStats> {
    return this.handle.stat({ bigint: true })
  }

  async target(name: Buffer): Promise<Buffer> {
    return fs.readlink(this.at(name), { encoding: 'buffer' })
  }

  /** Opens a regular file for reading; throws ELOOP for a link, and EINVAL for what is no file (a FIFO is not waited on). */
  async file(name: Buffer): Promise<fs.FileHandle> {
    const handle = await fs.open(this.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
    throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' })
  }

  /** Makes a new file; throws EEXIST where anything of that name is there. The umask counts. */
  async create(name: Buffer, mode: number): Promise<fs.FileHandle> {
    return fs.open(this.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  }

  async makeFolder(name: Buffer): Promise<void> {
    await fs.mkdir(this.at(name))
  }

  async makeLink(name: Buffer, target: Buffer): Promise<void> {
    await fs.symlink(target, this.at(name))
  }

  async own(name: Buffer, uid: number, gid: number): Promise<void> {
    await fs.lchown(this.at(name), uid, gid)
  }

  async rename(from: Buffer, to: Buffer): Promise<void> {
    await fs.rename(this.at(from), this.at(to))
  }

  async unlink(name: Buffer): Promise<void> {
    await fs.unlink(this.at(name))
  }

  async removeFolder(name: Buffer): Promise<void> {
    await fs.rmdir(this.at(name))
  }

  /** Puts what was made, renamed or removed in it on the disk. */
  async sync(): Promise<void> {
    await this.handle.sync()
  }

  async dispose(): Promise<void> {
    await this.handle.close()
  }

  private at(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`/proc/self/fd/${this.handle.fd}/`), name])
  }
}

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
