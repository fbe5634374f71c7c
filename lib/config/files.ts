import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Failure, type FailureCode } from '../core/failure.ts'

/** No configuration file of a person's hand is larger; a device or a runaway file must not be read without end. */
export const largestFile = 1024 * 1024

export interface FileBytes {
  bytes: Buffer
  /** Permission bits. */
  mode: number
}

/**
 * Reads a small regular file whole. Undefined where there is none. A folder, a pipe, a file over `largest` bytes or one
 * that may not be read is a Failure with `code`; `name` is what its sentence calls the file.
 */
export function readSmallFile(
  file: string,
  { name = file, code = 'config', largest = largestFile }: { name?: string; code?: FailureCode; largest?: number } = {},
): FileBytes | undefined {
  const fail = (problem: string, cause?: unknown) => new Failure(code, `${name}: ${problem}`, { file, cause })
  let fd: number
  try {
    // Without O_NONBLOCK opening a pipe would wait for someone to write into it.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fail(`cannot be read (${reason(error)}); check its permissions`, error)
  }
  try {
    const stat = fstatSync(fd)
    if (stat.isDirectory()) throw fail('is a folder, where a file belongs; move it away')
    if (!stat.isFile()) throw fail('is not a regular file; move it away')
    const tooLarge = `is larger than ${largest / 1024} KiB, which no such file needs to be; make it smaller`
    if (stat.size > largest) throw fail(tooLarge)
    const bytes = Buffer.alloc(largest + 1 > stat.size + 1 ? stat.size + 1 : largest + 1)
    let length = 0
    let count: number
    do {
      count = readSync(fd, bytes, length, bytes.length - length, null)
      length += count
    } while (count > 0 && length < bytes.length)
    if (length > stat.size) throw fail('changed while it was read; try again')
    return { bytes: bytes.subarray(0, length), mode: stat.mode & 0o777 }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw fail(`cannot be read (${reason(error)})`, error)
  } finally {
    closeSync(fd)
  }
}

/** Decodes UTF-8. Bytes that are not are a Failure with `code`, which names the line they stand in. */
export function decodeText(bytes: Uint8Array, file: string, name = file, code: FailureCode = 'config'): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const line = new TextDecoder().decode(bytes).split('\uFFFD', 1)[0]!.split('\n').length
    throw new Failure(code, `${name}:${line}: is not UTF-8 text; save the file as UTF-8`, { file, line })
  }
}

/**
 * Writes a file whole or not at all: a temporary file beside it, then a rename. Makes missing folders for this user
 * only; a link is followed, so that a file kept elsewhere stays a link. Failure `permission` or `disk`.
 */
export function writeWhole(file: string, data: string | Uint8Array, mode: number): void {
  let temporary: string | undefined
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const target = realTarget(file)
    temporary = `${target}.${process.pid}.new`
    rmSync(temporary, { force: true })
    const fd = openSync(temporary, 'wx', mode)
    try {
      const bytes = Buffer.from(data)
      for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, target)
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true })
    const code = ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '') ? 'permission' : 'disk'
    throw new Failure(code, `${file}: cannot be written (${reason(error)}); it is as it was before`, {
      file,
      cause: error,
    })
  }
}

function realTarget(file: string): string {
  try {
    return realpathSync(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return file
    throw error
  }
}

/** `ENOENT` and its like, where `error` is one of the system's. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function reason(error: unknown): string {
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EROFS: 'read-only file system',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ENOTDIR: 'part of its path is not a folder',
    ELOOP: 'too many links',
    EISDIR: 'it is a folder',
  }
  const code = errorCode(error)
  return (code && words[code]) ?? code ?? String(error)
}
