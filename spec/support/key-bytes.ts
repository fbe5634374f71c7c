const named: Record<string, string> = {
  enter: '\r',
  tab: '\t',
  escape: '\x1b',
  backspace: '\x7f',
  space: ' ',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  insert: '\x1b[2~',
  delete: '\x1b[3~',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  f1: '\x1bOP',
  f2: '\x1bOQ',
  f3: '\x1bOR',
  f4: '\x1bOS',
  f5: '\x1b[15~',
  'shift+tab': '\x1b[Z',
}

/** The bytes that xterm sends for a key by its name (`ctrl+p`, `alt+enter`, `ctrl+up`, `a`). */
export function keyBytes(name: string): string {
  if (named[name] !== undefined) return named[name]
  const parts = name.split(/(?<=[^+])\+/)
  const key = parts.pop()!
  const has = (modifier: string) => parts.includes(modifier)
  if (parts.length === 0) return key
  const bits = (has('shift') ? 1 : 0) + (has('alt') ? 2 : 0) + (has('ctrl') ? 4 : 0)
  const plain = named[key]
  const isLetter = key.length === 1 && key >= 'a' && key <= 'z'
  if (isLetter && !has('shift')) {
    const byte = has('ctrl') ? String.fromCharCode(key.charCodeAt(0) - 96) : key
    return has('alt') ? `\x1b${byte}` : byte
  }
  if (has('alt') && parts.length === 1) return `\x1b${plain ?? key}`
  const sequence = plain && /^\x1b\[(\d*)([A-Z~])$/.exec(plain)
  if (sequence) return `\x1b[${sequence[1] || '1'};${bits + 1}${sequence[2]}`
  const code = plain === undefined ? key.codePointAt(0)! : plain.charCodeAt(0)
  return `\x1b[${code};${bits + 1}u`
}

/** The bytes of a mouse event in SGR coding; the cell is counted from 0. */
export function mouseBytes(button: number, col: number, row: number, released = false): string {
  return `\x1b[<${button};${col + 1};${row + 1}${released ? 'm' : 'M'}`
}

export function pasteBytes(text: string): string {
  return `\x1b[200~${text}\x1b[201~`
}
