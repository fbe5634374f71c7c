/** A part of a Markdown text that no later text can change, and that is laid out by itself. */
export interface Block {
  kind: 'prose' | 'code'
  /** Lines of Markdown; of code, without the fences. */
  lines: readonly string[]
  /** Of code: the word after the fence. */
  language: string
  /** Belongs directly under the block before: no empty row between them. */
  joined: boolean
}

/** Characters of prose, and lines of code, after which a block is ended whatever comes: laying one out stays cheap. */
const longestProse = 4_096
const longestCode = 200

/**
 * Cuts Markdown into blocks while it streams. Only the text that is new is looked at; only the last block can
 * still change. A block of prose ends at an empty line that is followed by a line that is not indented, code at its
 * closing fence.
 */
export class Blocks {
  private readonly closed: Block[] = []
  private lines: string[] = []
  private size = 0
  private partial = ''
  private fence: { mark: string; language: string; indent: number } | undefined
  private innerFence = ''
  private afterBlank = false
  private joined = false
  /** How often the closed blocks were added to: what was laid out of them stays good while this is the same. */
  get closedCount(): number {
    return this.closed.length
  }

  push(text: string): void {
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.partial += text.slice(from, end)
      this.cut()
      this.line(this.partial)
      this.partial = ''
      from = end + 1
    }
    this.partial += text.slice(from)
    this.cut()
  }

  /** Of a line without end, what is too long to be one. */
  private cut(): void {
    while (this.partial.length > longestProse) {
      this.line(this.partial.slice(0, longestProse))
      this.partial = this.partial.slice(longestProse)
    }
  }

  /** How many blocks there are now, the open one included. */
  get count(): number {
    return this.closed.length + (this.lines.length > 0 || this.partial !== '' || this.fence !== undefined ? 1 : 0)
  }

  at(index: number): Block {
    return this.closed[index] ?? this.open()
  }

  private open(): Block {
    const lines = this.partial === '' ? this.lines : [...this.lines, this.stripped(this.partial)]
    return this.block(lines)
  }

  private line(raw: string): void {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (this.fence !== undefined) return this.codeLine(line)
    const blank = line.trim() === ''
    if (this.innerFence !== '') {
      if (closes(line, this.innerFence)) this.innerFence = ''
    } else if (blank) {
      this.afterBlank = true
      if (this.lines.length === 0) return
    } else {
      const fence = /^( *)(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/.exec(line)
      const apart = this.afterBlank && !/^\s/.test(line)
      if (fence !== null && fence[1]!.length <= 3 && (apart || this.lines.length === 0 || !this.inList())) {
        this.close()
        this.fence = { mark: fence[2]!, language: fence[3]!, indent: fence[1]!.length }
        return
      }
      if (fence !== null) this.innerFence = fence[2]!
      else if (apart) this.close()
      this.afterBlank = false
    }
    this.lines.push(line)
    this.size += line.length + 1
    if (this.size > longestProse) this.close(true)
  }

  private codeLine(line: string): void {
    if (closes(line, this.fence!.mark)) {
      this.closed.push(this.block(this.lines))
      this.fence = undefined
      this.reset(false)
      return
    }
    this.lines.push(this.stripped(line))
    if (this.lines.length < longestCode) return
    this.closed.push(this.block(this.lines))
    this.reset(true)
  }

  /** Ends the open prose, if there is any; `more` of the same may follow. */
  private close(more = false): void {
    while (this.lines.at(-1)?.trim() === '') this.lines.pop()
    if (this.lines.length > 0) this.closed.push(this.block(this.lines))
    this.reset(more)
  }

  private reset(joined: boolean): void {
    this.lines = []
    this.size = 0
    this.joined = joined
    this.afterBlank = false
  }

  private block(lines: string[]): Block {
    const kind = this.fence === undefined ? 'prose' : 'code'
    return { kind, lines, language: this.fence?.language ?? '', joined: this.joined }
  }

  private stripped(line: string): string {
    if (this.fence === undefined || this.fence.indent === 0) return line
    return line.slice(Math.min(this.fence.indent, line.length - line.trimStart().length))
  }

  private inList(): boolean {
    return /^ {0,3}([-*+]|\d{1,9}[.)])\s/.test(this.lines[0] ?? '')
  }
}

function closes(line: string, mark: string): boolean {
  const text = line.trim()
  return text.length >= mark.length && text === mark[0]!.repeat(text.length)
}
