import { type BigIntStats, constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { Failure, type FailureCode } from '../core/failure.ts'
import { pathBelow, pathFromBytes } from '../core/paths.ts'
import type { FileEntry, FileStat, FileType } from '../tui/file-door.ts'

/** No link is followed at a path's end, and nobody waits for the other end of a pipe. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The files of a folder of this machine, to be looked at. */
export class ProjectFolder {
  private readonly root: string

  constructor(root: string) {
    this.root = root
  }

  async list(folder: string): Promise<FileEntry[]> {
    const entries = await readdir(this.at(folder), { withFileTypes: true, encoding: 'buffer' }).catch(failed(folder))
    return entries.map((entry) => ({ name: pathFromBytes(entry.name), type: typeOf(entry) }))
  }

  async stat(path: string): Promise<FileStat> {
    const stat = await lstat(this.at(path)).catch(failed(path))
    const found = { type: typeOf(stat), size: stat.size, mtimeMs: Math.floor(stat.mtimeMs) }
    if (found.type !== 'symlink') return found
    return { ...found, target: pathFromBytes(await readlink(this.at(path), 'buffer').catch(failed(path))) }
  }

  async read(path: string, offset: number, length: number): Promise<Buffer> {
    const handle = await open(this.at(path), flags).catch(failed(path))
    try {
      if (!(await handle.stat()).isFile()) throw new Failure('permission', `${path} is not a regular file.`)
      const bytes = Buffer.alloc(length)
      let taken = 0
      while (taken < length) {
        const { bytesRead } = await handle.read(bytes, taken, length - taken, offset + taken).catch(failed(path))
        if (bytesRead === 0) break
        taken += bytesRead
      }
      return bytes.subarray(0, taken)
    } finally {
      await handle.close()
    }
  }

  private at(path: string): Buffer {
    return pathBelow(this.root, path)
  }
}

function typeOf(entry: Pick<BigIntStats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileType {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'symlink' : 'other'
}

const reasons: Record<string, [FailureCode, string]> = {
  ENOENT: ['missing', 'does not exist'],
  ENOTDIR: ['missing', 'is not a folder'],
  EISDIR: ['directory', 'is a folder'],
  EACCES: ['permission', 'may not be read by you'],
  EPERM: ['permission', 'may not be read by you'],
  ELOOP: ['permission', 'is a link: what it leads to is looked at in the sandbox only'],
}

/** Throws what the system said as a Failure. */
function failed(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const [code, said] = reasons[error.code ?? ''] ?? ['disk', `could not be read: ${error.message}`]
    throw new Failure(code, `${path || 'The project'} ${said}.`, { file: path, cause: error })
  }
}
