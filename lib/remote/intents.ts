import { durable, modes, type Facts, type Intents } from '../core/events.ts'

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const whole: Check = (value) => Number.isSafeInteger(value)
/** Cells of a terminal, one way. */
const size: Check = (value) => whole(value) && (value as number) > 0 && (value as number) <= 10_000
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string)
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const either =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value))

/** An object of these fields and no others; those whose name ends in `?` may be absent. */
function record(fields: Record<string, Check>): Check {
  const known = Object.entries(fields).map(([name, check]) => ({
    name: name.replace('?', ''),
    check,
    needed: !name.endsWith('?'),
  }))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const given = value as Record<string, unknown>
    const isRight = known.every(({ name, check, needed }) =>
      Object.hasOwn(given, name) ? check(given[name]) : !needed,
    )
    return isRight && Object.keys(given).every((name) => known.some((field) => field.name === name))
  }
}

const hunk = record({ hunk: whole, 'lines?': list(whole) })
const part = record({ path: text, hunks: list(hunk) })
const selection = either(oneOf('all'), record({ paths: list(text), 'parts?': list(part) }))

/** What an intent that comes from outside has to look like. The table names every intent, so that none is forgotten. */
const shapes: Record<keyof Intents, Check> = {
  'prompt.submit': record({ text }),
  'prompt.recall': record({ text }),
  'command.submit': record({ command: text }),
  'turn.cancel': record({}),
  'approval.answer': record({
    id: text,
    answer: oneOf('once', 'session', 'project', 'always', 'no'),
    'remark?': text,
  }),
  'model.choose': record({ model: text }),
  'mode.choose': record({ mode: oneOf(...modes) }),
  'changes.apply': record({ selection, 'over?': list(text) }),
  'changes.discard': record({ selection }),
  'commits.fetch': record({}),
  'port.open': record({ port: whole }),
  'terminal.input': record({ bytes: text }),
  'terminal.resize': record({ cols: size, rows: size }),
  'keyboard.choose': record({ holder: oneOf('agent', 'person') }),
  'turn.undo': record({ to: either(oneOf('back', 'forward'), record({ checkpoint: text })) }),
  'stats.ask': record({}),
  'setup.choose': record({ key: text, 'secret?': text }),
  'app.quit': record({}),
}

export function isIntentName(name: unknown): name is keyof Intents {
  return typeof name === 'string' && Object.hasOwn(shapes, name)
}

export function isFactName(name: unknown): name is keyof Facts {
  return typeof name === 'string' && Object.hasOwn(durable, name) && !isIntentName(name)
}

/** True where the data is what an intent of that name carries. */
export function isIntent<K extends keyof Intents>(name: K, data: unknown): data is Intents[K] {
  return shapes[name](data)
}
