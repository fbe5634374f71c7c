import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { sha256 } from '../core/hash.ts'
import { isErrno } from './nofollow.ts'

const chunkBytes = 256 * 1024

/** Files above this many bytes are never read: a sparse one may pretend to be any size. */
export const hugeBytes = 1024 ** 3

/** Contents by their SHA-256, in a folder of our own outside the project: `ab/cdef…`. */
export class Objects {
  private readonly root: string

  constructor(root: string) {
    this.root = root
  }

  async has(hash: string): Promise<boolean> {
    return fs.access(this.path(hash)).then(
      () => true,
      () => false,
    )
  }

  /** The whole content. Failure `missing` where it is not kept, `disk` where it is no longer what it was. */
  async get(hash: string): Promise<Buffer> {
    const bytes = await fs.readFile(this.path(hash)).catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) throw new Failure('missing', `The content ${hash.slice(0, 12)} is no longer kept.`)
      throw error
    })
    if (sha256(bytes) === hash) return bytes
    throw new Failure('disk', `The kept content ${this.path(hash)} is damaged; it was not used.`)
  }

  async put(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes)
    if (!(await this.has(hash))) await this.place(hash, (file) => fs.writeFile(file, bytes))
    return hash
  }

  /** The hash of the first `size` bytes of an open file: all that it was, however it grows meanwhile. */
  async hash(handle: fs.FileHandle, size: number): Promise<string> {
    const hash = createHash('sha256')
    for await (const chunk of chunks(handle, size)) hash.update(chunk)
    return hash.digest('hex')
  }

  /** The same, read once: what is kept is what was hashed. */
  async keep(handle: fs.FileHandle, size: number): Promise<string> {
    const draft = await this.draft()
    const hash = createHash('sha256')
    const file = await fs.open(draft, 'wx', 0o600)
    try {
      for await (const chunk of chunks(handle, size)) {
        hash.update(chunk)
        await file.writeFile(chunk)
      }
    } catch (error) {
      await fs.rm(draft, { force: true })
      throw error
    } finally {
      await file.close()
    }
    const name = hash.digest('hex')
    await fs.mkdir(join(this.root, name.slice(0, 2)), { recursive: true, mode: 0o700 })
    await fs.rename(draft, this.path(name))
    return name
  }

  /** Puts a kept content on the disk for good: asked for before the project is written. */
  async sync(hash: string): Promise<void> {
    for (const path of [this.path(hash), join(this.root, hash.slice(0, 2)), this.root]) {
      const handle = await fs.open(path, 'r')
      await handle.sync().finally(() => handle.close())
    }
  }

  /** Bytes of each kept content by its hash. */
  async sizes(): Promise<Map<string, number>> {
    const sizes = new Map<string, number>()
    for (const folder of await fs.readdir(this.root).catch(() => [])) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue
      for (const name of await fs.readdir(join(this.root, folder)))
        sizes.set(folder + name, (await fs.stat(join(this.root, folder, name))).size)
    }
    return sizes
  }

  async drop(hash: string): Promise<void> {
    await fs.rm(this.path(hash), { force: true })
  }

  private async place(hash: string, write: (draft: string) => Promise<void>): Promise<void> {
    const draft = await this.draft()
    await write(draft)
    await fs.mkdir(join(this.root, hash.slice(0, 2)), { recursive: true, mode: 0o700 })
    await fs.rename(draft, this.path(hash))
  }

  private async draft(): Promise<string> {
    await fs.mkdir(this.root, { recursive: true, mode: 0o700 })
    return join(this.root, `draft-${randomBytes(8).toString('hex')}`)
  }

  private path(hash: string): string {
    return join(this.root, hash.slice(0, 2), hash.slice(2))
  }
}

async function* chunks(handle: fs.FileHandle, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size))
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, size - at), at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
