import type { ErrorObject, ValidateFunction } from 'ajv'
import { nearest } from '../config/nearest.ts'
import { Failure } from '../core/failure.ts'

type Schema = Record<string, unknown>
type Properties = Record<string, { type?: string }>

/**
 * Checks what a model wrote as the arguments of a call. The check of each schema is compiled once and kept.
 */
export class ArgumentCheck {
  private readonly compiled = new WeakMap<Schema, ValidateFunction>()
  private compile?: (schema: Schema) => ValidateFunction

  /**
   * Gives the arguments as the tool's schema wants them. `text` is JSON as the model wrote it. Harmless slips are
   * mended: a number, a truth value or a list given as text, null for an argument that may be absent, JSON in JSON.
   * Throws Failure `usage`: a sentence that says which argument, what was expected and what came.
   */
  async check(tool: string, schema: Schema, text: string): Promise<unknown> {
    const args = mend(parseObject(tool, text), schema)
    const validate = await this.validator(schema)
    if (validate(args)) return args
    const names = Object.keys((schema.properties ?? {}) as Properties)
    const problems = (validate.errors ?? []).map((error) => sentence(error, args, names))
    throw new Failure('usage', `${tool}: ${[...new Set(problems)].slice(0, 3).join(' ')}`)
  }

  private async validator(schema: Schema): Promise<ValidateFunction> {
    const known = this.compiled.get(schema)
    if (known) return known
    if (!this.compile) {
      // A CommonJS module: once it is a piece of the built program, it has no other export than the default.
      const { Ajv } = (await import('ajv')).default
      const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false })
      this.compile = (each) => ajv.compile(each)
    }
    const validate = this.compile(schema)
    this.compiled.set(schema, validate)
    return validate
  }
}

function parseObject(tool: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = text.trim() === '' ? {} : JSON.parse(text)
    if (typeof value === 'string') value = JSON.parse(value)
  } catch (error) {
    const reason = error instanceof Error ? brief(error.message, 120) : 'it cannot be read'
    const advice = 'Call it again with one JSON object; if your answer hit its length limit, with less in it.'
    throw new Failure('usage', `${tool}: the arguments are not valid JSON (${reason}). ${advice}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Failure('usage', `${tool}: the arguments must be one JSON object, not ${kind(value)}.`)
}

function mend(args: Record<string, unknown>, schema: Schema): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Properties
  const required = (schema.required ?? []) as string[]
  const entries = Object.entries(args).flatMap(([name, value]) => {
    if (!Object.hasOwn(properties, name)) return [[name, value]]
    if (value === null && !required.includes(name)) return []
    return [[name, mendValue(value, properties[name]!.type)]]
  })
  return Object.fromEntries(entries)
}

function mendValue(value: unknown, type: string | undefined): unknown {
  if (typeof value === 'number' && type === 'string') return String(value)
  if (typeof value !== 'string') return value
  if ((type === 'integer' || type === 'number') && /^\s*-?\d+(\.\d+)?\s*$/.test(value)) return Number(value)
  if (type === 'boolean' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  if (type === 'array' && value.trimStart().startsWith('[')) {
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  }
  return value
}

const bounds: Record<string, string> = {
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'more than',
  exclusiveMaximum: 'less than',
}

function sentence(error: ErrorObject, args: unknown, names: string[]): string {
  const where = placeOf(error.instancePath)
  const argument = where === '' ? 'the arguments' : `"${brief(where, 60)}"`
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'required':
      return `The argument "${inside(where, String(params.missingProperty))}" is missing.`
    case 'additionalProperties': {
      const unknown = String(params.additionalProperty)
      const allowed = where === '' ? names : Object.keys((error.parentSchema?.properties ?? {}) as Properties)
      const guess = nearest(unknown.slice(0, 60), allowed)
      const hint = guess && !Object.hasOwn(args as object, guess) ? ` did you mean "${guess}"?` : ''
      return `There is no argument "${brief(inside(where, unknown), 60)}";${hint} it takes ${allowed.join(', ')}.`
    }
    case 'type':
      return `${argument} must be ${noun(String(params.type))}, not ${kind(error.data)}.`
    case 'enum':
      return `${argument} must be one of ${(params.allowedValues as unknown[]).join(', ')}, not ${kind(error.data)}.`
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return `${argument} must be ${bounds[error.keyword]} ${String(params.limit)}, not ${kind(error.data)}.`
    case 'minLength':
    case 'minItems':
      return `${argument} must not be empty.`
    case 'maxLength':
    case 'maxItems':
      return `${argument} is too long: at most ${String(params.limit)}.`
    default:
      return `${argument} ${error.message ?? 'is not as the schema wants it'}.`
  }
}

/** `/edits/0/old` → `edits[0].old`. */
function placeOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : inside(path, step)), '')
}

function inside(where: string, name: string): string {
  return where === '' ? name : `${where}.${name}`
}

function noun(type: string): string {
  const nouns: Record<string, string> = { string: 'text', integer: 'a whole number', number: 'a number' }
  const more: Record<string, string> = { boolean: 'true or false', array: 'a list', object: 'an object' }
  return nouns[type] ?? more[type] ?? type
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? `the text ${JSON.stringify(brief(value, 40))}` : String(value)
}

function brief(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > length ? `${line.slice(0, length)}…` : line
}
