/** A line longer than this is given out as it stands, in characters: what is held stays small. */
const longestLine = 65_536

const special = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g
const specialButNewline = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

/** Inside which control sequence the text stands (ECMA-48): `string` is OSC, DCS, SOS, PM or APC. */
type State = 'text' | 'escape' | 'charset' | 'csi' | 'string' | 'stringEscape'

/**
 * Makes plain text of what a program printed to a terminal, as it streams in: control sequences and colours go, and a
 * line that a carriage return or a backspace wrote over is given as it ended up. Lines come out when they are
 * complete; the last one with `end`. A sequence that is never closed ends with its line, so that it hides no more.
 */
export class TerminalText {
  private state: State = 'text'
  private line = ''
  /** The cursor went back to the line's start: what comes next replaces it. */
  private rewound = false
  private parameters = ''

  /** Takes the next piece and gives the lines that it completes. */
  push(text: string): string {
    if (this.state === 'text' && !this.rewound && !specialButNewline.test(text)) return this.pushPlain(text)
    let out = ''
    let at = 0
    while (at < text.length) {
      if (this.state !== 'text' && text[at] !== '\n') {
        this.step(text[at++]!)
        continue
      }
      this.state = 'text'
      special.lastIndex = at
      const end = special.exec(text)?.index ?? text.length
      if (end > at) out += this.write(text.slice(at, end))
      if (end < text.length) out += this.control(text[end]!)
      at = end + 1
    }
    return out
  }

  /** The line that no newline ended. */
  end(): string {
    const rest = this.line
    this.line = ''
    this.state = 'text'
    this.rewound = false
    return rest
  }

  private pushPlain(text: string): string {
    const newline = text.lastIndexOf('\n')
    if (newline < 0) return this.write(text)
    const settled = this.line + text.slice(0, newline + 1)
    this.line = ''
    return settled + this.write(text.slice(newline + 1))
  }

  private write(run: string): string {
    if (this.rewound) this.line = ''
    this.rewound = false
    this.line += run
    return this.line.length > longestLine ? this.end() : ''
  }

  private control(character: string): string {
    switch (character) {
      case '\n': {
        const settled = `${this.line}\n`
        this.line = ''
        this.rewound = false
        return settled
      }
      case '\r':
        this.rewound = true
        return ''
      case '\b':
        this.line = this.line.slice(0, -1)
        return ''
      case '\u001b':
        this.state = 'escape'
        return ''
      case '\u009b':
        this.enterCsi()
        return ''
      case '\u0090':
      case '\u0098':
      case '\u009d':
      case '\u009e':
      case '\u009f':
        this.state = 'string'
        return ''
      default:
        return ''
    }
  }

  /** One character inside a control sequence. CAN and SUB end any of them. */
  private step(character: string): void {
    if (character === '\u0018' || character === '\u001a') this.state = 'text'
    else if (this.state === 'escape') this.escape(character)
    else if (this.state === 'csi') this.csi(character)
    else if (this.state === 'charset') this.state = 'text'
    else if (this.state === 'string') this.string(character)
    else if (character === '\\') this.state = 'text'
    else this.escape(character)
  }

  private escape(character: string): void {
    if (character === '[') this.enterCsi()
    else if (']PX^_'.includes(character)) this.state = 'string'
    else if (character >= ' ' && character <= '/') this.state = 'charset'
    else if (character !== '\u001b') this.state = 'text'
  }

  private enterCsi(): void {
    this.state = 'csi'
    this.parameters = ''
  }

  private csi(character: string): void {
    if (character === '\u001b') this.state = 'escape'
    else if (character >= '@') {
      this.state = 'text'
      if (character === 'G' && /^[01]?$/.test(this.parameters)) this.rewound = true
      if (character === 'K' && (this.rewound || this.parameters === '2')) this.line = ''
    } else if (this.parameters.length < 8) this.parameters += character
  }

  private string(character: string): void {
    if (character === '\u0007' || character === '\u009c') this.state = 'text'
    else if (character === '\u001b') this.state = 'stringEscape'
  }
}
