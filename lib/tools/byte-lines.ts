/** Splits a stream of bytes into lines. A line longer than `most` bytes is left out, so that what is held stays small. */
export class ByteLines {
  private readonly most: number
  private readonly hear: (line: Buffer) => void
  private held: Buffer[] = []
  private size = 0

  constructor(most: number, hear: (line: Buffer) => void) {
    this.most = most
    this.hear = hear
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.hold(chunk.subarray(from, end))
      if (this.size <= this.most) this.hear(Buffer.concat(this.held))
      this.held = []
      this.size = 0
      from = end + 1
    }
    this.hold(chunk.subarray(from))
  }

  private hold(piece: Buffer): void {
    this.size += piece.length
    if (this.size <= this.most) this.held.push(piece)
    else this.held = []
  }
}
