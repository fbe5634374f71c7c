import { nearest } from './nearest.ts'
import { failureAt, type Source, type Table } from './toml.ts'

/** One value of a source, for the sentence that refuses it. */
export class Place {
  readonly source: Source
  readonly path: readonly string[]

  constructor(source: Source, path: readonly string[] = []) {
    this.source = source
    this.path = path
  }

  at(key: string): Place {
    return new Place(this.source, [...this.path, key])
  }

  /** Throws a Failure that points at the value. */
  fail(problem: string): never {
    throw failureAt(this.source, this.path, problem)
  }

  /** Throws: `"key" must be WHAT, not VALUE`. */
  wrong(what: string, value: unknown): never {
    this.fail(`${quoted(this.path.join('.'))} must be ${what}, not ${shown(value)}`)
  }
}

/** Gives the typed value, or throws the Failure that says why it is none. */
export type Check<T> = (value: unknown, place: Place) => T

/** One line of text without control characters, up to `longest` characters. */
export function text(what = 'text in quotes', pattern = /^/, longest = 1000): Check<string> {
  return (value, place: Place) => {
    if (typeof value !== 'string') place.wrong(what, value)
    if (/[\x00-\x1f\x7f-\x9f]/.test(value)) place.fail(`${quoted(place.path.join('.'))} holds a control character`)
    if (value.length > longest || !pattern.test(value)) place.wrong(what, value)
    return value
  }
}

export const flag: Check<boolean> = (value, place: Place) => {
  if (typeof value !== 'boolean') place.wrong('true or false', value)
  return value
}

/** A number from `least` to `most`, whole unless `fraction`. */
export function number({ least = 0, most = Number.MAX_SAFE_INTEGER, fraction = false } = {}): Check<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  const what = `${fraction ? 'a number' : 'a whole number'} ${range}`
  return (value, place: Place) => {
    if (typeof value !== 'number' || !(value >= least && value <= most)) place.wrong(what, value)
    if (!fraction && !Number.isInteger(value)) place.wrong(what, value)
    return value
  }
}

const units: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Bytes: a whole number, or text such as "512m" or "4g" (powers of 1024). */
export function bytes(least: number): Check<number> {
  const what = `a size such as "512m" or "4g", at least "${least / 2 ** 20}m"`
  return (value, place: Place) => {
    const [, amount, unit] =
      (typeof value === 'string' && /^(\d{1,9}(?:\.\d{1,3})?) ?([kmgt]?)i?b?$/i.exec(value)) || []
    const size = amount === undefined ? value : Math.floor(Number(amount) * units[unit!.toLowerCase()]!)
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < least) place.wrong(what, value)
    return size
  }
}

export function oneOf<const T extends string>(choices: readonly T[]): Check<T> {
  const words = choices.map(quoted)
  const what = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return (value, place: Place) => {
    const found = choices.find((choice) => choice === value)
    if (found !== undefined) return found
    const near = typeof value === 'string' ? nearest(value, choices) : undefined
    return place.wrong(near === undefined ? what : `${what} (did you mean ${quoted(near)}?)`, value)
  }
}

export function list<T>(item: Check<T>): Check<T[]> {
  return (value, place: Place) => {
    if (!Array.isArray(value)) place.wrong('a list in [brackets]', value)
    return value.map((element, index) => item(element, place.at(String(index))))
  }
}

/** A table whose keys are names of the person's choosing. */
export function named<T>(what: string, name: RegExp, item: Check<T>): Check<Record<string, T>> {
  return (value, place: Place) => {
    const found: Record<string, T> = Object.create(null)
    for (const [key, element] of Object.entries(tableOf(value, place))) {
      if (!name.test(key)) place.at(key).fail(`${quoted(key)} is no ${what}`)
      found[key] = item(element, place.at(key))
    }
    return found
  }
}

/** A table of known keys. Only those that stand in the source are in the result. */
export function table<T extends object>(checks: { [K in keyof T]-?: Check<NonNullable<T[K]>> }): Check<Partial<T>> {
  const known = Object.keys(checks)
  return (value, place: Place) => {
    const found: Partial<T> = Object.create(null)
    for (const [key, element] of Object.entries(tableOf(value, place))) {
      if (!known.includes(key)) unknownKey(place.at(key), known)
      found[key as keyof T] = checks[key as keyof T](element, place.at(key))
    }
    return found
  }
}

/** Throws: `unknown key "modle"; did you mean "model"?` */
export function unknownKey(place: Place, known: readonly string[]): never {
  const prefix = place.path.slice(0, -1)
  const near = nearest(place.path.at(-1)!, known)
  const hint =
    near === undefined
      ? `the keys here are ${known.toSorted().join(', ')}`
      : `did you mean ${quoted([...prefix, near].join('.'))}?`
  place.fail(`unknown key ${quoted(place.path.join('.'))}; ${hint}`)
}

function tableOf(value: unknown, place: Place): Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    place.wrong('a [table]', value)
  return value as Table
}

function quoted(word: string): string {
  return JSON.stringify(word)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a date'
  return typeof value === 'object' ? 'a table' : String(value)
}
