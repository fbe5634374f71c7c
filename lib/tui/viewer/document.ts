import { Failure } from '../../core/failure.ts'
import type { FileDoor, FileStat } from '../file-door.ts'
import { sizeText } from './kind.ts'
import { kindOf } from './kind.ts'
import { Lines, type Line } from './lines.ts'
import { Pieces } from './pieces.ts'

/** Files up to this are read whole: all their lines are there, and are coloured together. */
export const wholeBytes = 512 * 1024
/** Lines that are read around what is in view, where a file is larger. */
const around = 400
/** Bytes up to which lines are counted without anybody asking. */
const countedBytes = 64 * 2 ** 20

/** A file that is looked at: what it is, and the lines that are near what is shown. */
export class Document {
  readonly path: string
  readonly stat: FileStat
  /** Said instead of lines: it is a picture, a folder, empty. */
  readonly note: string
  readonly lines: Lines
  /** What was read: lines from `from` on. */
  window: { from: number; lines: readonly Line[] } = { from: 0, lines: [] }
  private readonly changed: () => void
  private wanted: { from: number; to: number } | undefined
  private reading = false
  private closed = false

  private constructor(path: string, stat: FileStat, note: string, lines: Lines, changed: () => void) {
    this.path = path
    this.stat = stat
    this.note = note
    this.lines = lines
    this.changed = changed
  }

  /** Reads the beginning of a file; `near`: the line that is wanted first. What cannot be shown is a sentence in it. */
  static async open(door: FileDoor, path: string, near: number, changed: () => void): Promise<Document> {
    const unread: FileStat = { type: 'other', size: 0, mtimeMs: 0 }
    try {
      const stat = await door.stat(path)
      // Of what a link leads to only the bytes are known.
      const first = await readStart(door, path, stat)
      const note = noteOf(stat, first)
      const size = stat.type === 'symlink' && note === '' ? first.length : stat.size
      const lines = new Lines(new Pieces(door, path, note === '' ? size : 0))
      const document = new Document(path, stat, note, lines, changed)
      if (note === '') await document.load(Math.max(0, near - around / 2), near + around / 2)
      return document
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return new Document(path, unread, error.message, new Lines(new Pieces(door, path, 0)), changed)
    }
  }

  /** A line, if it was read; what is missing is read then. */
  line(number: number): Line | undefined {
    return this.window.lines[number - this.window.from]
  }

  /** Sees to it that lines are there; `changed` is called once they are. */
  want(from: number, to: number): void {
    const { window } = this
    const last = this.lines.whole ? Math.min(to, this.lines.known) : to
    if (from >= window.from && last <= window.from + window.lines.length) return
    this.wanted = { from, to }
    if (!this.reading) void this.readWanted()
  }

  /** Counts the lines in the background, where that is no great work. */
  async countAll(): Promise<void> {
    if (this.stat.size > countedBytes) return
    await this.lines.count(Infinity, () => this.closed)
    if (!this.closed) this.changed()
  }

  close(): void {
    this.closed = true
  }

  private async readWanted(): Promise<void> {
    this.reading = true
    try {
      while (this.wanted !== undefined && !this.closed) {
        const { from, to } = this.wanted
        this.wanted = undefined
        await this.load(Math.max(0, from - around), to + around)
        this.changed()
      }
    } catch {
      // It has gone or changed: whoever follows it opens it anew.
    } finally {
      this.reading = false
    }
  }

  private async load(from: number, to: number): Promise<void> {
    if (this.stat.size <= wholeBytes) {
      await this.lines.count(Infinity)
      this.window = { from: 0, lines: await this.lines.read(0, Infinity) }
    } else this.window = { from, lines: await this.lines.read(from, to - from) }
  }
}

async function readStart(door: FileDoor, path: string, stat: FileStat): Promise<Buffer> {
  if (stat.type === 'directory' || stat.type === 'other') return Buffer.alloc(0)
  return door.read(path, 0, stat.type === 'symlink' ? wholeBytes : 8192)
}

function noteOf({ type, size, target }: FileStat, first: Buffer): string {
  if (type === 'directory') return 'This is a folder.'
  if (type === 'other') return 'This is neither a file nor a folder: a pipe, a socket or a device.'
  if (first.length === 0) return type === 'symlink' ? `A link to ${target ?? 'nothing'}.` : 'An empty file.'
  const kind = kindOf(first)
  return kind === undefined ? '' : `${kind}, ${sizeText(size)}. It is not shown as text.`
}
