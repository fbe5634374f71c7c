import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { errorCode } from './files.ts'

/** Bytes of one file that a project brings; more would be no text that a person reads before they say yes. */
export const largestItem = 256 * 1024

/**
 * A regular file that lies in the folder `root`, which is given without links: its bytes; undefined where nothing is
 * there; or the reason why it is not used. Links that lead out of `root` are not followed.
 */
export function readInside(root: string, name: string): Buffer | string | undefined {
  let fd: number
  try {
    const real = realpathSync(join(root, name))
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return 'it is a link that leads out of the project'
    fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = errorCode(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : `it cannot be read (${code ?? String(error)})`
  }
  try {
    if (!fstatSync(fd).isFile()) return 'it is not a regular file'
    const buffer = Buffer.alloc(largestItem + 1)
    let length = 0
    let count: number
    do {
      count = readSync(fd, buffer, length, buffer.length - length, null)
      length += count
    } while (count > 0 && length < buffer.length)
    return length > largestItem
      ? `it is larger than ${largestItem / 1024} KiB`
      : Buffer.from(buffer.subarray(0, length))
  } catch (error) {
    return `it cannot be read (${errorCode(error) ?? String(error)})`
  } finally {
    closeSync(fd)
  }
}
