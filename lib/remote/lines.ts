import { Failure } from '../core/failure.ts'

const newline = 10

/** Takes bytes as they come and gives whole lines. What is longer than `longest` bytes is a Failure `limit`. */
export class Lines {
  private pieces: Buffer[] = []
  private held = 0
  longest: number

  constructor(longest: number) {
    this.longest = longest
  }

  *feed(bytes: Buffer): Generator<string> {
    let rest = bytes
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      this.hold(rest.subarray(0, end))
      const line = Buffer.concat(this.pieces, this.held).toString()
      this.pieces = []
      this.held = 0
      rest = rest.subarray(end + 1)
      yield line
    }
    this.hold(rest)
  }

  private hold(piece: Buffer): void {
    this.held += piece.length
    if (this.held > this.longest) throw new Failure('limit', `A message of over ${this.longest} bytes was refused.`)
    if (piece.length > 0) this.pieces.push(piece)
  }
}

/** Bytes cross a line of JSON under this one key. */
const bytesKey = '$bytes'

/** A value as a line of JSON, bytes in it as base64. */
export function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/** A value of data and bytes as one of data alone. */
export function packed(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return { [bytesKey]: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') }
  if (Array.isArray(value)) return value.map(packed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, packed(each)]))
}

/** The value that `packed` was given. */
export function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [key, bytes] = entries[0] ?? []
  if (entries.length === 1 && key === bytesKey && typeof bytes === 'string') return Buffer.from(bytes, 'base64')
  return Object.fromEntries(entries.map(([name, each]) => [name, unpacked(each)]))
}
