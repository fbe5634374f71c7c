import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../core/failure.ts'
import { readSmallFile, writeWhole } from './files.ts'
import { samePath, scanKeys, type KeyPosition } from './scan.ts'
import { parseToml, type Table } from './toml.ts'

export type Value = string | number | boolean | readonly string[]

/**
 * Sets one key of a TOML file to a value, adding key and file where they are missing. Everything else stays byte for
 * byte. What was written is parsed before it replaces the file: unless it says exactly what the file said before with
 * this one value changed, nothing is written and a Failure `config` says to change it by hand. `mode` is that of a new
 * file; one that is there keeps its own.
 */
export function setKey(file: string, path: readonly string[], value: Value, mode = 0o600): void {
  const read = readSmallFile(file)
  const source = { name: file, code: 'config' as const, file }
  const before = parseToml(read?.bytes ?? new Uint8Array(), source)
  const after = edited(before.text, path, literal(value))
  const refuse = () => {
    const line = `${path.map(keyText).join('.')} = ${literal(value)}`
    throw new Failure('config', `${file}: cannot be changed safely by the program; set ${line} by hand`, { file })
  }
  let result: Table = {}
  try {
    result = parseToml(Buffer.from(after), source).data
  } catch {
    refuse()
  }
  // Both are made by the parser: the old text once more, with the value put in.
  if (!put(before.data, path, value) || !isDeepStrictEqual(result, before.data)) refuse()
  writeWhole(file, after, read?.mode ?? mode)
}

function edited(text: string, path: readonly string[], value: string): string {
  const positions = scanKeys(text)
  const present = positions.find((position) => position.kind === 'pair' && samePath(position.path, path))
  if (present) return splice(text, present.valueStart, present.valueEnd, value)

  const parent = path.slice(0, -1)
  const inlineTable = positions.find((position) => position.kind === 'pair' && samePath(position.path, parent))
  if (inlineTable) return intoInlineTable(text, inlineTable, positions, `${keyText(path.at(-1)!)} = ${value}`)

  const home = sectionFor(positions, parent)
  if (home === undefined)
    return append(text, `[${parent.map(keyText).join('.')}]`, `${keyText(path.at(-1)!)} = ${value}`)
  const line = `${path.slice(home.path.length).map(keyText).join('.')} = ${value}`
  return home.last ? afterLine(text, home.last.valueEnd, line) : atTop(text, positions, line)
}

/** The header under which a key of `parent` belongs, and the last thing that stands under it. */
function sectionFor(
  positions: readonly KeyPosition[],
  parent: readonly string[],
): { path: readonly string[]; last?: KeyPosition } | undefined {
  const outer = positions.filter((position) => !position.inner)
  const header = outer.find((position) => position.kind === 'header' && samePath(position.path, parent))
  if (header) {
    const next = outer.findIndex((position, index) => index > outer.indexOf(header) && position.kind === 'header')
    return { path: parent, last: outer[next < 0 ? outer.length - 1 : next - 1] }
  }
  // A table made by dotted keys cannot get a header of its own: the new key stands beside its siblings.
  const sibling = outer.findLast(
    (position) =>
      position.kind === 'pair' &&
      samePath(position.path.slice(0, parent.length), parent) &&
      position.depth < parent.length,
  )
  if (sibling) return { path: sibling.path.slice(0, sibling.depth), last: sibling }
  if (parent.length > 0) return undefined
  const first = outer.findIndex((position) => position.kind === 'header')
  return { path: [], last: outer.slice(0, first < 0 ? outer.length : first).at(-1) }
}

function intoInlineTable(text: string, table: KeyPosition, positions: readonly KeyPosition[], pair: string): string {
  const inside = positions.filter(
    (position) => position.inner && position.start > table.start && position.valueEnd < table.valueEnd,
  )
  const last = inside.reduce((end, position) => Math.max(end, position.valueEnd), 0)
  return last === 0
    ? splice(text, table.valueStart, table.valueEnd, `{ ${pair} }`)
    : splice(text, last, last, `, ${pair}`)
}

function afterLine(text: string, end: number, line: string): string {
  const newline = text.indexOf('\n', end)
  return newline < 0
    ? `${text}${lineEnd(text)}${line}${lineEnd(text)}`
    : splice(text, newline + 1, newline + 1, `${line}${lineEnd(text)}`)
}

/** Above the first header and the comment that belongs to it; below what else stands at the top. */
function atTop(text: string, positions: readonly KeyPosition[], line: string): string {
  const end = lineEnd(text)
  const header = positions.find((position) => position.kind === 'header')
  if (!header) return text === '' || /[\n\uFEFF]$/.test(text) ? `${text}${line}${end}` : `${text}${end}${line}${end}`
  const lines = text.slice(0, header.start).split('\n')
  lines.pop()
  while (lines.length > 0 && lines.at(-1)!.trimStart().startsWith('#')) lines.pop()
  const at = Math.max(lines.join('\n').length + (lines.length > 0 ? 1 : 0), text.startsWith('\uFEFF') ? 1 : 0)
  return splice(text, at, at, `${line}${end}${end}`)
}

function append(text: string, header: string, line: string): string {
  const end = lineEnd(text)
  const gap = text === '' || text === '\uFEFF' ? '' : text.endsWith('\n') ? end : end + end
  return `${text}${gap}${header}${end}${line}${end}`
}

function splice(text: string, start: number, end: number, middle: string): string {
  return text.slice(0, start) + middle + text.slice(end)
}

function lineEnd(text: string): string {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n'
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : literal(key)
}

function literal(value: Value): string {
  if (typeof value === 'object') return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'string') return String(value)
  // JSON's escapes are TOML's, but for the delete character, which TOML does not take as it is.
  return JSON.stringify(value).replaceAll('\x7f', '\\u007f')
}

function put(data: Table, path: readonly string[], value: Value): boolean {
  let table = data
  for (const key of path.slice(0, -1)) {
    table[key] ??= Object.create(null)
    if (typeof table[key] !== 'object' || Array.isArray(table[key])) return false
    table = table[key] as Table
  }
  const last = path.at(-1)!
  const there = table[last]
  if (typeof there === 'object' && !Array.isArray(there)) return false
  table[last] = value
  return true
}
