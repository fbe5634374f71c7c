/**
 * Where the keys of a TOML text stand. The parser we use gives values without positions; this finds them in a text
 * that it has accepted, and is no judge of texts that it has not: there it stops at what it does not understand.
 */
export interface KeyPosition {
  /** The whole path from the top. Elements of arrays count from 0, as text. */
  path: string[]
  /** `header`: `[path]` or `[[path]]`; `pair`: `key = value`; `element`: in an array. */
  kind: 'header' | 'pair' | 'element'
  /** From 1. */
  line: number
  /** Offset of the key, or of the header's bracket. */
  start: number
  /** Offsets of the value; of a header, where it ends. */
  valueStart: number
  valueEnd: number
  /** True for what stands inside the braces or brackets of a value. */
  inner: boolean
  /** Length of the path of the header that it stands under. */
  depth: number
}

const blank = /(?:[ \t\r\n]|#[^\n]*)*/y
const bareKey = /[A-Za-z0-9_-]+/y
const literal = /'[^'\n]*'/y
const basic = /"(?:[^"\\\n]|\\.)*"/y
const longLiteral = /'''[^]*?'''(?:'{0,2})/y
const longBasic = /"""(?:[^\\]|\\[^])*?"""(?:"{0,2})/y
const bareValue = /[^,\]}#\r\n]+/y

/** The positions of every key of `text`, in the order of the text. */
export function scanKeys(text: string): KeyPosition[] {
  return new Scanner(text).scan()
}

/** The line of `path` in a text, or of the nearest table around it; undefined where not even that stands in it. */
export function lineOf(positions: readonly KeyPosition[], path: readonly string[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const found = positions.find((position) => samePath(position.path.slice(0, length), path.slice(0, length)))
    if (found) return found.line
  }
  return undefined
}

export function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index])
}

class Scanner {
  private readonly text: string
  private at = 0
  private lineAt = 0
  private line = 1
  private readonly found: KeyPosition[] = []
  private readonly arrays = new Map<string, number>()

  constructor(text: string) {
    this.text = text
  }

  scan(): KeyPosition[] {
    if (this.text.startsWith('\uFEFF')) this.at = 1
    let header: string[] = []
    for (;;) {
      this.take(blank)
      if (this.at >= this.text.length) return this.found
      const start = this.at
      const next = this.text[start] === '[' ? this.header() : undefined
      if (next) {
        header = next
        this.add({ path: next, kind: 'header', start, valueStart: start, valueEnd: this.at, inner: false }, next.length)
      } else if (this.text[start] === '[' || !this.pair(header, header.length, false)) return this.found
    }
  }

  /** Reads `[a.b]` or `[[a.b]]` and gives the path, with the number of the element after each array of tables. */
  private header(): string[] | undefined {
    const array = this.text.startsWith('[[', this.at)
    this.at += array ? 2 : 1
    const keys = this.keys()
    if (!keys) return undefined
    this.at += array ? 2 : 1
    const path: string[] = []
    for (const [index, key] of keys.entries()) {
      path.push(key)
      const name = JSON.stringify(path)
      if (array && index === keys.length - 1) this.arrays.set(name, (this.arrays.get(name) ?? -1) + 1)
      const element = this.arrays.get(name)
      if (element !== undefined) path.push(String(element))
    }
    return path
  }

  private pair(table: readonly string[], depth: number, inner: boolean): boolean {
    const start = this.at
    const keys = this.keys()
    if (!keys || this.text[this.at] !== '=') return false
    this.at += 1
    this.take(blank)
    return this.entry({ path: [...table, ...keys], kind: 'pair', start, valueStart: this.at, inner }, depth)
  }

  private entry(entry: Omit<KeyPosition, 'line' | 'valueEnd' | 'depth'>, depth: number): boolean {
    const position = this.add({ ...entry, valueEnd: 0 }, depth)
    const understood = this.value(entry.path, depth)
    position.valueEnd = this.at
    return understood
  }

  private value(path: readonly string[], depth: number): boolean {
    const rest = this.text.slice(this.at, this.at + 3)
    if (rest === '"""') return this.take(longBasic) !== ''
    if (rest === "'''") return this.take(longLiteral) !== ''
    if (rest[0] === '"') return this.take(basic) !== ''
    if (rest[0] === "'") return this.take(literal) !== ''
    if (rest[0] === '[')
      return this.listed(']', (index) =>
        this.entry(
          { path: [...path, String(index)], kind: 'element', start: this.at, valueStart: this.at, inner: true },
          depth,
        ),
      )
    if (rest[0] === '{') return this.listed('}', () => this.pair(path, depth, true))
    const bare = this.take(bareValue)
    this.at -= bare.length - bare.trimEnd().length
    return bare !== ''
  }

  private listed(close: string, item: (index: number) => boolean): boolean {
    this.at += 1
    for (let index = 0; ; index++) {
      this.take(blank)
      if (this.text[this.at] === close) break
      if (!item(index)) return false
      this.take(blank)
      if (this.text[this.at] === ',') this.at += 1
    }
    this.at += 1
    return true
  }

  /** Reads `a."b c".d` with the blanks around it. */
  private keys(): string[] | undefined {
    const keys: string[] = []
    for (;;) {
      this.take(blank)
      const quote = this.text[this.at]
      const raw = this.take(quote === '"' ? basic : quote === "'" ? literal : bareKey)
      if (raw === '') return undefined
      keys.push(quote === '"' ? unescape(raw.slice(1, -1)) : quote === "'" ? raw.slice(1, -1) : raw)
      this.take(blank)
      if (this.text[this.at] !== '.') return keys
      this.at += 1
    }
  }

  private add(entry: Omit<KeyPosition, 'line' | 'depth'>, depth: number): KeyPosition {
    for (; this.lineAt < entry.start; this.lineAt++) if (this.text[this.lineAt] === '\n') this.line += 1
    const position = { ...entry, line: this.line, depth }
    this.found.push(position)
    return position
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (!match) return ''
    this.at += match[0].length
    return match[0]
  }
}

const escapes: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b', '"': '"', '\\': '\\' }

function unescape(raw: string): string {
  return raw.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))/g,
    (_, u: string, U: string, x: string, plain: string) =>
      plain === undefined ? String.fromCodePoint(Number.parseInt(u ?? U ?? x, 16)) : (escapes[plain] ?? plain),
  )
}
