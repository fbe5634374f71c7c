import { controlSequence } from './control-sequence.ts'
import type { InputEvent } from './events.ts'
import { controlKey, letterNames, modifiersFrom, named, noModifiers, padNames, typed } from './keys.ts'
import { newUtf8, TypedText } from './typed-text.ts'

type State = 'ground' | 'escape' | 'control' | 'shift3' | 'string' | 'stringEnd' | 'mouse' | 'paste'

const ESC = 0x1b
const pasteEnd = Buffer.from('\x1b[201~')
/** What is kept of a sequence; whatever is longer is swallowed whole. */
const LONGEST = 4096

/**
 * Turns the bytes of a terminal into events, wherever the reads were cut. A sequence that is not known is swallowed;
 * nothing of it is ever taken for typed text. Follows ECMA-48, xterm's control sequences, and the kitty keyboard
 * protocol as far as the terminal was asked for it.
 */
export class InputDecoder {
  private state: State = 'ground'
  private events: InputEvent[] = []
  /** What came of the present sequence after its introducer. */
  private body = ''
  /** The character after ESC that began a sequence: `[` CSI, `O` SS3, `]` OSC, `P` DCS, and the like. */
  private introducer = ''
  /** An ESC came before the ESC of this sequence: alt, on terminals that say it so. */
  private doubled = false
  /** A control of eight bits began the sequence rather than ESC: it was no key, however short it stays. */
  private eightBit = false
  private readonly text = new TypedText((event) => this.events.push(event))
  private toSkip = 0
  private utf8 = newUtf8()
  private pasted: string[] = []
  private pasteTail: Buffer = Buffer.alloc(0)

  /** The events that these bytes complete. */
  feed(bytes: Buffer): InputEvent[] {
    for (let at = 0; at < bytes.length;) at = this.step(bytes, at)
    this.text.flush()
    return this.taken()
  }

  /** True while what came may be a whole key or the beginning of a sequence: call `flush` after a while. */
  get isWaiting(): boolean {
    if (this.state === 'escape' || this.state === 'stringEnd') return true
    return (this.state === 'control' || this.state === 'shift3' || this.state === 'string') && this.body === ''
  }

  /** Nothing more came for a while: what waited was a key after all. */
  flush(): InputEvent[] {
    if (!this.isWaiting) return []
    if (this.state === 'escape' || this.state === 'stringEnd') {
      this.events.push(named('escape', noModifiers))
      if (this.doubled) this.events.push(named('escape', noModifiers))
    } else this.takeIntroducer()
    this.enter('ground')
    return this.taken()
  }

  /** What looked like the beginning of a sequence was a key with alt: `ESC [` is alt+[. */
  private takeIntroducer(): void {
    if (this.eightBit) return
    this.leaveDoubled()
    this.events.push(typed(this.introducer, { ...noModifiers, alt: true }))
  }

  private taken(): InputEvent[] {
    const events = this.events
    this.events = []
    return events
  }

  /** Takes one step at `at` and gives where to go on: at the same place where only the state changed. */
  private step(bytes: Buffer, at: number): number {
    const byte = bytes[at]!
    switch (this.state) {
      case 'ground':
        return this.ground(bytes, at)
      case 'paste':
        return this.paste(bytes, at)
      case 'escape':
        return this.escape(byte, at)
      case 'control':
        return this.control(byte, at)
      case 'shift3':
        return this.shift3(byte, at)
      case 'string':
        return this.string(byte, at)
      case 'stringEnd':
        if (byte === 0x5c) {
          this.endString()
          return at + 1
        }
        if (this.body === '') this.takeIntroducer()
        this.enter('escape')
        return at
      case 'mouse':
        if (byte < 0x20) return this.abandon(at)
        if (--this.toSkip === 0) this.enter('ground')
        return at + 1
    }
  }

  private enter(state: State): void {
    this.state = state
    this.body = ''
    if (state === 'ground') this.doubled = this.eightBit = false
  }

  /** Drops the sequence that was begun; the byte that did not belong to it is looked at anew. */
  private abandon(at: number): number {
    if (this.body === '' && this.state !== 'mouse') this.takeIntroducer()
    this.enter('ground')
    return at
  }

  private ground(bytes: Buffer, at: number): number {
    const { end, introducer } = this.text.take(bytes, at)
    if (introducer !== undefined) {
      this.begin(introducer)
      this.eightBit = true
    }
    if (end > at) return end
    this.text.end()
    const byte = bytes[at]!
    if (byte === ESC) this.enter('escape')
    else this.events.push(controlKey(byte, false))
    return at + 1
  }

  private begin(introducer: string): void {
    this.enter(introducer === '[' ? 'control' : introducer === 'O' ? 'shift3' : 'string')
    this.introducer = introducer
  }

  private escape(byte: number, at: number): number {
    const character = String.fromCharCode(byte)
    if (byte === ESC) {
      this.leaveDoubled()
      this.doubled = true
    } else if ('[O]P_^X'.includes(character)) this.begin(character)
    else {
      this.leaveDoubled()
      this.enter('ground')
      if (byte >= 0x20 && byte !== 0x7f) {
        this.text.withAlt()
        return at
      }
      this.events.push(controlKey(byte, true))
    }
    return at + 1
  }

  /** The first of two ESC was a key of its own after all. */
  private leaveDoubled(): void {
    if (this.doubled) this.events.push(named('escape', noModifiers))
    this.doubled = false
  }

  private control(byte: number, at: number): number {
    if (byte < 0x20 || byte >= 0x7f) return this.abandon(at)
    const character = String.fromCharCode(byte)
    const isLinuxFunction = this.body === '' && character === '['
    if (byte < 0x40 || isLinuxFunction) {
      // One more than is kept marks the sequence as too long.
      if (this.body.length <= LONGEST) this.body += character
      return at + 1
    }
    const { body, doubled } = this
    this.enter('ground')
    if (body === '' && character === 'M') {
      // The mouse as X10 reported it, which nobody asked for: three bytes follow.
      this.enter('mouse')
      this.toSkip = 3
    } else if (body === '200' && character === '~') this.enter('paste')
    else if (body.length <= LONGEST) this.push(controlSequence(body, character), doubled)
    return at + 1
  }

  private shift3(byte: number, at: number): number {
    if (byte < 0x20 || byte >= 0x7f) return this.abandon(at)
    const character = String.fromCharCode(byte)
    if (/[0-9;]/.test(character) && this.body.length < 8) {
      this.body += character
      return at + 1
    }
    const modifiers = modifiersFrom(Number(this.body.split(';').at(-1)))
    const { doubled } = this
    this.enter('ground')
    const pad = padNames.get(character)
    const name = letterNames.get(character) ?? (pad === 'enter' ? pad : undefined)
    if (name !== undefined) this.push(named(name, modifiers), doubled)
    else if (pad !== undefined) this.push(typed(pad, modifiers), doubled)
    return at + 1
  }

  private string(byte: number, at: number): number {
    if (byte === 0x07 || (byte === 0x9c && this.eightBit)) this.endString()
    else if (byte === ESC) this.state = 'stringEnd'
    else if (byte < 0x20) return this.abandon(at)
    else if (this.body.length <= LONGEST) this.body += String.fromCharCode(byte)
    return at + 1
  }

  private endString(): void {
    const text = this.introducer + this.body.replace(/\xc2$/, '')
    if (this.body.length <= LONGEST) this.events.push({ type: 'reply', text })
    this.enter('ground')
  }

  private push(event: InputEvent | null, alt: boolean): void {
    if (event === null) return
    // `ESC ESC [ A`: the key is alt+up where the sequence does not say its modifiers itself.
    const prefixed = alt && event.type === 'key' && event.text === undefined && !event.key.includes('+')
    this.events.push(prefixed ? { ...event, key: `alt+${event.key}` } : event)
  }

  private paste(bytes: Buffer, at: number): number {
    const fresh = bytes.subarray(at)
    const data = this.pasteTail.length > 0 ? Buffer.concat([this.pasteTail, fresh]) : fresh
    const end = data.indexOf(pasteEnd)
    if (end < 0) {
      const kept = beginningOfEnd(data)
      this.pasted.push(this.utf8.decode(data.subarray(0, data.length - kept), { stream: true }))
      this.pasteTail = Buffer.from(data.subarray(data.length - kept))
      return bytes.length
    }
    this.pasted.push(this.utf8.decode(data.subarray(0, end)))
    const next = at + end + pasteEnd.length - this.pasteTail.length
    this.events.push({ type: 'paste', text: this.pasted.join('').replace(/\r\n?/g, '\n') })
    this.pasted = []
    this.pasteTail = Buffer.alloc(0)
    this.enter('ground')
    return next
  }
}

/** How many bytes at the end of `data` may be the beginning of the mark that ends a paste. */
function beginningOfEnd(data: Buffer): number {
  for (let length = Math.min(pasteEnd.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(pasteEnd.subarray(0, length))) return length
  }
  return 0
}
