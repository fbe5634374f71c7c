import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/**
 * A file that lines are appended to, each on disk (as far as the system is concerned) before `append` returns, so that
 * nothing is lost however the program ends. Only its owner can read it. Past `largest` bytes it becomes FILE.1, the one
 * before that FILE.2, and so on for `keep` files. Nothing here throws: a log that cannot be written is not worth
 * ending the program for; the first line that gets through again says how many were lost.
 */
export class LogFile {
  private readonly file: string
  private readonly largest: number
  private readonly keep: number
  private fd: number | undefined
  private size = 0
  private lost = 0

  constructor(file: string, { largest = 5 * 1024 * 1024, keep = 3 } = {}) {
    this.file = file
    this.largest = largest
    this.keep = keep
  }

  /** Appends one line; `line` has no line end. */
  append(line: string): void {
    try {
      if (this.lost > 0) {
        this.write(JSON.stringify({ level: 'warn', message: `${this.lost} lines could not be written` }))
        this.lost = 0
      }
      this.write(line)
    } catch {
      this.lost += 1
      // A file that went wrong is opened anew at the next line.
      this.close()
    }
  }

  close(): void {
    const { fd } = this
    this.fd = undefined
    try {
      if (fd !== undefined) closeSync(fd)
    } catch {
      // It is gone either way.
    }
  }

  private write(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    this.fd ??= this.open()
    if (this.size > 0 && this.size + bytes.length > this.largest) this.rotate()
    this.fd ??= this.open()
    const written = writeSync(this.fd, bytes)
    this.size += written
    if (written === bytes.length) return
    // Half a line on a full disk: end it, so that the next one stands alone.
    this.size += writeSync(this.fd, '\n')
    this.lost += 1
  }

  private open(): number {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 })
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
    const fd = openSync(this.file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
    const stat = fstatSync(fd)
    // One that was there may have been open to others; what is no file of ours keeps its mode.
    if (stat.isFile()) fchmodSync(fd, 0o600)
    this.size = stat.size
    return fd
  }

  private rotate(): void {
    // Another Drydock may have rotated already: then only go on in the new file.
    const ours = fstatSync(this.fd!)
    const named = statSync(this.file, { throwIfNoEntry: false })
    this.close()
    if (named === undefined || named.ino !== ours.ino) return
    for (let number = this.keep; number > 0; number--) {
      const from = number === 1 ? this.file : `${this.file}.${number - 1}`
      if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${this.file}.${number}`)
    }
  }
}
