import type { FileDoor } from '../file-door.ts'

/** Bytes that are read at once. */
export const pieceBytes = 256 * 1024
/** Pieces that are kept: what is in view, and what was a moment ago. */
const mostKept = 8

/** A file's bytes, read by pieces and kept only for a while. */
export class Pieces {
  private readonly kept = new Map<number, Promise<Buffer>>()
  private readonly door: FileDoor
  readonly path: string
  /** Bytes of the whole, as it was found. */
  readonly size: number

  constructor(door: FileDoor, path: string, size: number) {
    this.door = door
    this.path = path
    this.size = size
  }

  get count(): number {
    return Math.ceil(this.size / pieceBytes)
  }

  /** The piece at an index from 0; the last may be shorter. */
  piece(index: number): Promise<Buffer> {
    const kept = this.kept.get(index)
    if (kept !== undefined) {
      this.kept.delete(index)
      this.kept.set(index, kept)
      return kept
    }
    const offset = index * pieceBytes
    const reading = this.door.read(this.path, offset, Math.min(pieceBytes, this.size - offset))
    this.kept.set(index, reading)
    reading.catch(() => this.kept.delete(index))
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= mostKept) break
      this.kept.delete(oldest)
    }
    return reading
  }
}
