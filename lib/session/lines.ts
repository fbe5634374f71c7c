import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { Failure } from '../core/failure.ts'

const newline = 10
const pieceBytes = 256 * 1024

/**
 * The whole lines of a session log in their order, without their ends, read piece by piece, so that who has seen enough
 * reads no more. An unfinished last line, as a crash leaves it, is none. Failure `missing` or `disk`.
 */
export function* linesOf(path: string): Generator<string> {
  const fd = open(path)
  try {
    const piece = Buffer.alloc(pieceBytes)
    let begun: Buffer[] = []
    for (let at = 0; ;) {
      const length = read(fd, path, piece, at)
      if (length === 0) return
      at += length
      let from = 0
      for (let end = piece.indexOf(newline); end >= 0 && end < length; end = piece.indexOf(newline, from)) {
        begun.push(piece.subarray(from, end))
        yield Buffer.concat(begun).toString()
        begun = []
        from = end + 1
      }
      begun.push(Buffer.from(piece.subarray(from, length)))
    }
  } finally {
    closeSync(fd)
  }
}

/** The same lines from the last to the first. */
export function* linesBack(path: string): Generator<string> {
  const fd = open(path)
  try {
    let rest = Buffer.alloc(0)
    let whole = false
    for (let at = fstatSync(fd).size; at > 0;) {
      const piece = Buffer.alloc(Math.min(pieceBytes, at))
      at -= piece.length
      const bytes = Buffer.concat([piece.subarray(0, read(fd, path, piece, at)), rest])
      let end = bytes.length
      for (
        let start = bytes.lastIndexOf(newline);
        start >= 0;
        start = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1)
      ) {
        if (whole) yield bytes.toString('utf8', start + 1, end)
        whole = true
        end = start
      }
      rest = bytes.subarray(0, end)
    }
    if (whole) yield rest.toString()
  } finally {
    closeSync(fd)
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Failure('missing', `There is no session log ${path}.`, { file: path })
    throw unreadable(path, error)
  }
}

function read(fd: number, path: string, into: Buffer, at: number): number {
  try {
    return readSync(fd, into, 0, into.length, at)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): Failure {
  const { message } = cause as NodeJS.ErrnoException
  return new Failure('disk', `The session log ${path} cannot be read: ${message}.`, { file: path, cause })
}
