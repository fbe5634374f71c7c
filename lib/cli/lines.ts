import { StringDecoder } from 'node:string_decoder'
import type { Disposable } from '../core/dispose.ts'

/** Characters of a line that is kept; what is longer is cut. */
const longestLine = 2_000_000

export interface LinesListeners {
  line(text: string): void
  /** No more lines come. */
  closed(): void
}

/** What a person types, line by line; one of the lines may be a secret, which the terminal does not echo. */
export class Lines implements Disposable {
  private readonly decoder = new StringDecoder('utf8')
  private readonly stdin: NodeJS.ReadStream
  private readonly listeners: LinesListeners
  private text = ''
  private secret: ((text: string | undefined) => void) | undefined
  private returned = false

  constructor(stdin: NodeJS.ReadStream, listeners: LinesListeners) {
    this.stdin = stdin
    this.listeners = listeners
    stdin.on('data', this.hear)
    stdin.on('end', this.end)
    stdin.on('error', this.end)
    stdin.resume()
  }

  /** The next line, without echo; undefined where it is given up, by Ctrl-C, Ctrl-D or the input's end. */
  async askSecret(): Promise<string | undefined> {
    this.setRaw(true)
    try {
      return await new Promise((resolve) => (this.secret = resolve))
    } finally {
      this.setRaw(false)
    }
  }

  dispose(): void {
    this.stdin.off('data', this.hear)
    this.stdin.off('end', this.end)
    this.stdin.off('error', this.end)
    this.stdin.pause()
    this.give(undefined)
  }

  private readonly hear = (bytes: Buffer | string): void => {
    for (const character of typeof bytes === 'string' ? bytes : this.decoder.write(bytes)) this.take(character)
  }

  private readonly end = (): void => {
    const { text } = this
    this.text = ''
    if (this.secret !== undefined) this.give(undefined)
    else if (text !== '') this.listeners.line(text)
    this.listeners.closed()
  }

  private take(character: string): void {
    const isSecond = this.returned && character === '\n'
    this.returned = character === '\r'
    if (isSecond) return
    if (character === '\n' || character === '\r') this.endLine()
    else if (this.secret !== undefined) this.takeSecret(character)
    else if (this.text.length < longestLine) this.text += character
  }

  private endLine(): void {
    const { text } = this
    this.text = ''
    if (this.secret !== undefined) this.give(text)
    else this.listeners.line(text)
  }

  /** Nobody edits the line but we, while the terminal does not. */
  private takeSecret(character: string): void {
    if (character === '\x03' || character === '\x04') {
      this.text = ''
      this.give(undefined)
    } else if (character === '\x7f' || character === '\b') this.text = this.text.slice(0, -1)
    else if (character === '\x15') this.text = ''
    else if (character >= ' ' && this.text.length < longestLine) this.text += character
  }

  private give(text: string | undefined): void {
    const { secret } = this
    this.secret = undefined
    secret?.(text)
    // What was pasted behind it in one piece is no secret, but a line.
    if (secret !== undefined) this.setRaw(false)
  }

  private setRaw(on: boolean): void {
    if (this.stdin.isTTY) this.stdin.setRawMode(on)
  }
}
