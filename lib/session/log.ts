import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import type { Disposable } from '../core/dispose.ts'
import { durable, type Events, type Facts } from '../core/events.ts'
import { Failure } from '../core/failure.ts'

/** One line of the log: when, what, and its data. */
export type LoggedEvent = { [K in keyof Facts]: { at: number; event: K; data: Facts[K] } }[keyof Facts]

export interface LogOptions {
  /** Takes the known secrets out of a text. */
  redact?: (text: string) => string
  /** Milliseconds since 1970. */
  now?: () => number
}

const newline = 10

/**
 * The session on disk: JSON lines, each event whole or not at all. Written synchronously, so that an event is the
 * kernel's before the next step is taken, and survives `kill -9`; at each turn's end it is the disk's.
 */
export class SessionLog implements Disposable {
  private readonly path: string
  private readonly redact: (text: string) => string
  private readonly now: () => number
  private fd: number | undefined
  /** Where the last whole line ends. */
  private end: number
  /** Part of a line that could not be finished lies behind `end`. */
  private torn = false

  /** Opens or makes the file (mode 0600); a line that a crash left torn is cut off. Failure `disk`. */
  constructor(path: string, { redact = (text) => text, now = Date.now }: LogOptions = {}) {
    this.path = path
    this.redact = redact
    this.now = now
    try {
      this.fd = openSync(path, 'a+', 0o600)
      this.end = endOfLastLine(this.fd)
      if (this.end < fstatSync(this.fd).size) ftruncateSync(this.fd, this.end)
    } catch (error) {
      this.dispose()
      throw unwritable(path, error)
    }
  }

  /**
   * Keeps a durable event (the table of lib/core/events.ts); passes over others. Failure `disk` where it cannot: then
   * the log is as it was before.
   */
  append<K extends keyof Facts>(name: K, payload: Events[K]): void {
    if (!durable[name]) return
    const redacted = (_: string, value: unknown) => (typeof value === 'string' ? this.redact(value) : value)
    this.write(JSON.stringify({ at: this.now(), event: name, data: payload }, redacted))
    if (name === 'turn.ended') this.sync()
  }

  dispose(): void {
    if (this.fd !== undefined) closeSync(this.fd)
    this.fd = undefined
  }

  private write(line: string): void {
    if (this.fd === undefined) throw new Failure('disk', `The session log ${this.path} is closed.`)
    const bytes = Buffer.from(`${line}\n`)
    try {
      if (this.torn) this.cut(this.fd)
      this.torn = true
      for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at)
      this.torn = false
      this.end += bytes.length
    } catch (error) {
      try {
        this.cut(this.fd)
      } catch {
        // Still torn: tried again before the next line, and the reader passes over it.
      }
      throw unwritable(this.path, error)
    }
  }

  private cut(fd: number): void {
    ftruncateSync(fd, this.end)
    this.torn = false
  }

  private sync(): void {
    try {
      fdatasyncSync(this.fd!)
    } catch (error) {
      // A pipe or a device cannot be synced, and needs not.
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw unwritable(this.path, error)
    }
  }
}

function endOfLastLine(fd: number): number {
  const chunk = Buffer.alloc(64 * 1024)
  let from = fstatSync(fd).size
  while (from > 0) {
    const length = Math.min(chunk.length, from)
    from -= length
    const found = chunk.subarray(0, readSync(fd, chunk, 0, length, from)).lastIndexOf(newline)
    if (found >= 0) return from + found + 1
  }
  return 0
}

const remedies: Record<string, string> = {
  ENOSPC: 'The disk is full: free some space',
  EDQUOT: 'Your disk quota is used up: free some space',
  EFBIG: 'It reached the largest size a file may have: start a new session',
  EROFS: 'The file system is read-only: remount it or choose another data folder',
  EACCES: 'Its permissions forbid it: make it yours',
  EPERM: 'Its permissions forbid it: make it yours',
}

/** The Failure for a session file or folder that cannot be written. */
export function unwritable(path: string, cause: unknown): Failure {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const remedy = remedies[code] ?? `${message}. See to that`
  return new Failure('disk', `The session log ${path} cannot be written. ${remedy}, then try again.`, {
    file: path,
    cause,
  })
}
