import semver from 'semver'
import toml from 'toml'
import type { Language } from './recipe.ts'

/** A version that a project asks for. */
export interface Wish {
  /** As it is written. */
  text: string
  /** The versions that fulfil it, as a range of npm's; absent where Drydock has none that does, as for `nightly`. */
  range?: string
}

/** Reads a wish out of a file; undefined where the file has none. */
export type WishReader = (text: string) => Wish | undefined

/** The files in which a version is asked for, the one that counts most first. */
export const versionFiles: Record<Language, readonly [file: string, read: WishReader][]> = {
  node: [
    ['.nvmrc', nodeAlias],
    ['.node-version', nodeAlias],
    ['package.json', (text) => byRange(at(JSON.parse(text), 'engines', 'node'))],
  ],
  python: [
    ['.python-version', (text) => byPrefix(firstLine(text))],
    ['pyproject.toml', pyproject],
  ],
  rust: [
    ['rust-toolchain.toml', rustToolchain],
    ['rust-toolchain', rustToolchain],
    ['Cargo.toml', (text) => atLeast(at(toml.parse(text), 'package', 'rust-version'))],
  ],
  go: [
    ['go.work', goDirectives],
    ['go.mod', goDirectives],
  ],
}

/** Code names of Node's lines with long support (nodejs/Release). */
const nodeLines: Record<string, string> = {
  argon: '4',
  boron: '6',
  carbon: '8',
  dubnium: '10',
  erbium: '12',
  fermium: '14',
  gallium: '16',
  hydrogen: '18',
  iron: '20',
  jod: '22',
  krypton: '24',
}

/** A version, or a name of nvm's; names that mean "a good one" ask for nothing. */
function nodeAlias(text: string): Wish | undefined {
  const line = firstLine(text)
  if (['node', 'stable', 'latest', 'current', 'lts/*', 'lts', ''].includes(line)) return undefined
  const name = line.replace(/^lts\//, '').toLowerCase()
  const named = Object.hasOwn(nodeLines, name) ? nodeLines[name] : undefined
  return named === undefined ? byRange(line) : { text: line, range: named }
}

/** requires-python of the standard (PEP 621, with specifiers of PEP 440), or Poetry's own. */
function pyproject(text: string): Wish | undefined {
  const all = toml.parse(text) as unknown
  const wanted = at(all, 'project', 'requires-python')
  if (typeof wanted !== 'string') return byRange(at(all, 'tool', 'poetry', 'dependencies', 'python'))
  const parts = short(wanted).split(',').flatMap(specifier)
  return parts.length > 0 ? byRange(parts.join(' '), short(wanted)) : undefined
}

/** One specifier as npm's; what npm has no like of (`!=`) is left out. */
function specifier(text: string): string[] {
  const [, operator, version] = /^\s*(~=|===?|<=|>=|<|>)\s*v?(\d+(?:\.\d+){0,2})(?:\.\*)?\s*$/.exec(text) ?? []
  if (operator === undefined || version === undefined) return []
  if (operator !== '~=') return [`${operator.replace(/^=+/, '')}${version}`]
  return [version.split('.').length > 2 ? `~${version}` : `^${version}`]
}

/** TOML, or the channel alone on a line (rust-lang.github.io/rustup/overrides.html). */
function rustToolchain(text: string): Wish | undefined {
  const channel = text.includes('[') ? at(toml.parse(text), 'toolchain', 'channel') : firstLine(text)
  if (typeof channel !== 'string' || channel === '' || channel === 'stable') return undefined
  return byPrefix(short(channel))
}

/** `go 1.22.1` and `toolchain go1.22.3` (go.dev/ref/mod): the least that will do. */
function goDirectives(text: string): Wish | undefined {
  const [, least] = /^go\s+(\d+(?:\.\d+){0,2})/m.exec(text) ?? []
  const [, better] = /^toolchain\s+go(\d+(?:\.\d+){0,2})/m.exec(text) ?? []
  return atLeast(better ?? least)
}

/** A version whose missing parts may be anything: `3.12` is any 3.12. What is no version (`nightly`, `pypy3.9`) is none of ours. */
function byPrefix(text: string): Wish | undefined {
  if (text === '') return undefined
  const [, version] = /^v?(\d+(?:\.\d+){0,2})$/.exec(text) ?? []
  return version === undefined ? { text } : { text, range: version }
}

function atLeast(version: unknown): Wish | undefined {
  return typeof version === 'string' && /^\d/.test(version) ? byRange(`>=${short(version)}`, short(version)) : undefined
}

function byRange(wanted: unknown, text = wanted): Wish | undefined {
  if (typeof wanted !== 'string' || typeof text !== 'string') return undefined
  const range = semver.validRange(short(wanted))
  return range === null || range === '*' ? undefined : { text: short(text), range }
}

/** The first line that says something. */
function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return short(lines.find((line) => line !== '') ?? '')
}

/** What a person might write; what is longer says nothing, and no range is sought in it. */
function short(text: string): string {
  const trimmed = text.trim()
  return trimmed.length > 100 ? '' : trimmed
}

function at(value: unknown, ...path: string[]): unknown {
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
