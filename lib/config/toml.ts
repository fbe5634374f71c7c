import toml from 'toml'
import { Failure, type FailureCode } from '../core/failure.ts'
import { decodeText, readSmallFile } from './files.ts'
import { lineOf, scanKeys } from './scan.ts'
import { shipped } from './shipped.ts'

/** A table as the parser gives it: without a prototype, so that no key of a file can be mistaken for a method. */
export type Table = Record<string, unknown>

/** Where values come from, and how a sentence about one of them begins. */
export interface Source {
  /** What sentences call it: a path with `~`, or the name of a variable. */
  name: string
  /** What a Failure about it is coded as. */
  code: FailureCode
  file?: string
  /** The text, where it has lines to point at. */
  text?: string
}

/** A Failure about the value at `path` of `source`: `config.toml:12: problem`. */
export function failureAt(source: Source, path: readonly string[], problem: string): Failure {
  const line = source.text === undefined ? undefined : lineOf(scanKeys(source.text), path)
  const where = line === undefined ? source.name : `${source.name}:${line}`
  return new Failure(source.code, `${where}: ${problem}`, { file: source.file, line })
}

/** Reads and parses a file; undefined where there is none. Every problem is a Failure with `code`, file and line. */
export function readToml(
  file: string,
  { name = file, code = 'config' as FailureCode } = {},
): (Source & { text: string; data: Table }) | undefined {
  const read = readSmallFile(file, { name, code })
  if (!read) return undefined
  const text = read.bytes.toString()
  const ready = shipped.get(text)
  if (ready !== undefined) return { name, code, file, text, data: JSON.parse(ready) as Table }
  return parseToml(read.bytes, { name, code, file })
}

/** Parses the bytes of a file. A syntax error is a Failure with the source's code and the line. */
export function parseToml(bytes: Uint8Array, source: Source): Source & { text: string; data: Table } {
  const text = decodeText(bytes, source.file ?? source.name, source.name, source.code)
  try {
    return { ...source, text, data: toml.parse(text) as Table }
  } catch (error) {
    const { line, problem } = syntaxError(error)
    throw new Failure(source.code, `${source.name}:${line}: ${problem}`, { file: source.file, line, cause: error })
  }
}

/** The parser's errors come in two shapes: of the grammar (`location`, `expected`, `found`) and of the meaning (`line`). */
function syntaxError(error: unknown): { line: number; problem: string } {
  const { location, found, line, message } = error as {
    location?: { start: { line: number } }
    found?: string | null
    line?: number
    message: string
  }
  if (!location)
    return { line: line ?? 1, problem: message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '') }
  const what =
    found === null || found === undefined
      ? 'the file ends in the middle of an entry'
      : found === '\n' || found === '\r'
        ? 'the line ends in the middle of an entry'
        : `${JSON.stringify(found)} cannot stand here`
  return { line: location.start.line, problem: `this is not TOML: ${what}; text goes in "quotes"` }
}
