/** What a shell says about itself between what its commands print. */
export type Mark =
  | { kind: 'begin'; id: string }
  | { kind: 'end'; id: string; status: number; cwd: string; trace: Trace }
  | { kind: 'ready'; pid: string }
  /** The person's prompt; `number` tells one command line of theirs from the next. */
  | { kind: 'prompt'; id: string; status: number; cwd: string; number: number; line: string }
  /** Their prompt for more of the same line. */
  | { kind: 'more'; id: string }
  /** The person's command line begins to run. */
  | { kind: 'busy'; id: string }

/** What a shell sees of the sandbox at a command's end, so that nobody has to go and look where nothing has moved. */
export interface Trace {
  /** How many there are inside, itself among them. */
  processes: number
  /** The texts of what the kernel counts, by name as in usage.ts, where it shows that inside. */
  files: ReadonlyMap<string, string>
}

/** No mark is longer; what began like one and goes on is text. Linux allows 4,096 bytes in a path, each up to 3 here. */
const longest = 16_384

/**
 * Takes a shell's text apart into marks and what is to be seen. Marks are `ESC ] 133 ; NONCE ; KIND ; ID …  BEL` (after
 * the shell integration of FinalTerm, OSC 133); anything without the nonce is text. A mark may come in pieces.
 */
export class MarkReader {
  private readonly introducer: string
  private readonly onText: (text: string) => void
  private readonly onMark: (mark: Mark) => void
  private held = ''

  constructor(nonce: string, onText: (text: string) => void, onMark: (mark: Mark) => void) {
    this.introducer = `\x1b]133;${nonce};`
    this.onText = onText
    this.onMark = onMark
  }

  read(text: string): void {
    let rest = this.held + text
    this.held = ''
    for (;;) {
      const at = rest.indexOf(this.introducer)
      if (at < 0) break
      this.show(rest.slice(0, at))
      const end = rest.indexOf('\x07', at)
      if (end < 0 && rest.length - at < longest) {
        this.held = rest.slice(at)
        return
      }
      const mark = end < 0 ? undefined : parse(rest.slice(at + this.introducer.length, end))
      if (mark === undefined) this.show(this.introducer)
      else this.onMark(mark)
      rest = rest.slice(mark === undefined ? at + this.introducer.length : end + 1)
    }
    const keep = this.beginning(rest)
    this.show(rest.slice(0, rest.length - keep))
    this.held = rest.slice(rest.length - keep)
  }

  /** Shows what was held back, at the end of all text. */
  flush(): void {
    this.show(this.held)
    this.held = ''
  }

  private show(text: string): void {
    if (text !== '') this.onText(text)
  }

  /** How many characters at the end may be the beginning of a mark. */
  private beginning(text: string): number {
    for (let length = Math.min(this.introducer.length - 1, text.length); length > 0; length--) {
      if (this.introducer.startsWith(text.slice(text.length - length))) return length
    }
    return 0
  }
}

function parse(body: string): Mark | undefined {
  const [kind, id, status, cwd, processes, ...files] = body.split(';')
  if (id === undefined) return undefined
  if (kind === 'A') return /^\d+$/.test(id) ? { kind: 'ready', pid: id } : undefined
  if (kind === 'C') return { kind: 'begin', id }
  if (kind === 'B') return { kind: 'busy', id }
  if (kind === 'M') return { kind: 'more', id }
  if (kind === 'P') return promptOf(id, body.split(';').slice(2))
  if (kind !== 'D' || cwd === undefined) return undefined
  const trace = { processes: Number(processes), files: new Map(files.map((file) => halves(unescape(file)))) }
  return { kind: 'end', id, status: Number(status), cwd: unescape(cwd), trace }
}

function promptOf(id: string, [status, cwd, number, line]: string[]): Mark | undefined {
  if (cwd === undefined || line === undefined) return undefined
  const at = { status: Number(status), cwd: unescape(cwd) }
  return { kind: 'prompt', id, ...at, number: Number(number), line: unescape(line) }
}

/** `NAME TEXT` */
function halves(file: string): [name: string, text: string] {
  const space = file.indexOf(' ')
  return [file.slice(0, space), file.slice(space + 1)]
}

/** Undoes what the shell does to the characters that would end a mark or part its fields. */
function unescape(field: string): string {
  return field.replace(/%(1B|07|0A|3B|25)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
