import type { InputEvent } from './events.ts'
import { noModifiers, typed } from './keys.ts'
import { split } from './width.ts'

/**
 * What C1 controls (ECMA-48 5.3) begin, by the character that stands for them after ESC: those of a terminal that sends
 * them in eight bits, as a byte of its own or in UTF-8.
 */
const introducers = new Map([
  [0x8f, 'O'],
  [0x90, 'P'],
  [0x98, 'X'],
  [0x9b, '['],
  [0x9d, ']'],
  [0x9e, '^'],
  [0x9f, '_'],
])

/** Collects the bytes of typed characters, in UTF-8 and wherever the reads were cut, and gives them as keys. */
export class TypedText {
  private readonly push: (event: InputEvent) => void
  private utf8 = newUtf8()
  private run = ''
  private alt = false
  /** How many bytes of the present character are to come, and the byte that began it. */
  private missing = 0
  private lead = 0

  constructor(push: (event: InputEvent) => void) {
    this.push = push
  }

  /** The next character was typed with alt. */
  withAlt(): void {
    this.alt = true
  }

  /**
   * Takes what is text from `at` on. Gives where it ends, and the introducer of the sequence that begins there where an
   * eight-bit control ended it.
   */
  take(bytes: Buffer, at: number): { end: number; introducer?: string } {
    for (let end = at; end < bytes.length; end++) {
      const byte = bytes[end]!
      if (byte < 0x20 || byte === 0x7f) return { end: this.decode(bytes, at, end) }
      const encoded = this.missing === 1 && this.lead === 0xc2
      const introducer = encoded || this.missing === 0 ? introducers.get(byte) : undefined
      if (introducer !== undefined) {
        this.decode(bytes, at, encoded ? Math.max(at, end - 1) : end)
        // The first half of the control may have been read before.
        if (encoded && end === at) this.utf8 = newUtf8()
        this.end()
        return { end: end + 1, introducer }
      }
      this.follow(byte)
    }
    return { end: this.decode(bytes, at, bytes.length) }
  }

  /** Text is over: what is left of a broken character becomes a sign. */
  end(): void {
    this.run += this.utf8.decode()
    this.missing = 0
    this.flush()
    this.alt = false
  }

  /** Gives what is whole so far. */
  flush(): void {
    for (const grapheme of split(this.run)) {
      if (/^[\x80-\x9f]/.test(grapheme)) continue
      this.push(typed(grapheme, { ...noModifiers, alt: this.alt }))
      this.alt = false
    }
    this.run = ''
  }

  private decode(bytes: Buffer, at: number, end: number): number {
    if (end > at) this.run += this.utf8.decode(bytes.subarray(at, end), { stream: true })
    return end
  }

  private follow(byte: number): void {
    if (byte >= 0x80 && byte < 0xc0 && this.missing > 0) {
      this.missing--
      return
    }
    this.lead = byte
    this.missing = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
  }
}

export function newUtf8(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true })
}
