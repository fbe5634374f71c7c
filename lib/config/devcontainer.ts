import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import { posix } from 'node:path'

/** What a devcontainer.json says of an image. Paths are within the project, with `/`. */
export interface Devcontainer {
  source: { image: string } | { dockerfile: string; context: string; args: Record<string, string>; target?: string }
  /** What else it says, which is not followed: the names of the keys, as in `runArgs` and `build.cacheFrom`. */
  ignored: string[]
}

/** The name of an image, as in `node:22-bookworm` and `registry.example.org:5000/team/image@sha256:…`. */
export const imageNamePattern = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,255}$/

/** Keys that ask for nothing. */
const harmless = ['name', '$schema']

/**
 * Reads a devcontainer.json (JSON with comments; containers.dev/implementors/json_reference): of it an image's name, or
 * what to build one from, is followed, and nothing else. `path` is where it lies in the project. Gives the reason where
 * it cannot be used.
 */
export function readDevcontainer(path: string, text: string): Devcontainer | string {
  const errors: ParseError[] = []
  let all: Map<string, unknown> | undefined
  try {
    all = objectOf(parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true }))
  } catch {
    return 'it is nested too deeply' // the parser goes as deep as the text does
  }
  const [error] = errors
  if (error) return `line ${text.slice(0, error.offset).split('\n').length}: ${printParseErrorCode(error.error)}`
  if (!all) return 'it is no object'
  const build = objectOf(all.get('build'))
  // Older files have these two at the top.
  const dockerfile = build?.get('dockerfile') ?? all.get('dockerFile')
  if (dockerfile !== undefined) return fromDockerfile(path, all, build, dockerfile)
  const image = all.get('image')
  if (image === undefined) return 'it names neither an image nor a Dockerfile'
  if (typeof image !== 'string' || !imageNamePattern.test(image)) return `${shown(image)} is no name of an image`
  return { source: { image }, ignored: others(all, ['image']) }
}

function fromDockerfile(
  path: string,
  all: Map<string, unknown>,
  build: Map<string, unknown> | undefined,
  dockerfile: unknown,
): Devcontainer | string {
  const folder = posix.dirname(path)
  const file = inside(folder, dockerfile)
  if (file === undefined || file === '.') return `the Dockerfile ${shown(dockerfile)} does not lie in the project`
  const wanted = build?.get('context') ?? all.get('context') ?? '.'
  const context = inside(folder, wanted)
  if (context === undefined) return `the context ${shown(wanted)} does not lie in the project`
  const target = build?.get('target')
  if (target !== undefined && (typeof target !== 'string' || !/^[A-Za-z0-9][\w.-]{0,127}$/.test(target)))
    return `${shown(target)} is no stage of a Dockerfile`
  const given = objectOf(build?.get('args')) ?? new Map<string, unknown>()
  const args = Object.fromEntries([...given].filter(usable)) as Record<string, string>
  const ignored = [
    ...others(all, ['build', 'dockerFile', 'context']),
    ...others(build ?? new Map(), ['dockerfile', 'context', 'args', 'target']).map((key) => `build.${key}`),
    ...[...given].filter((arg) => !usable(arg)).map(([name]) => `build.args.${name}`),
  ]
  return { source: { dockerfile: file, context, args, ...(target === undefined ? {} : { target }) }, ignored }
}

/** A variable in a value stands for something of the person's machine or environment: such an argument is not given. */
function usable([name, value]: [string, unknown]): boolean {
  return /^[A-Za-z_]\w{0,127}$/.test(name) && typeof value === 'string' && value.length <= 4096 && !value.includes('${')
}

/** A path as it is written in a file of the folder, within the project; undefined where it leads out, or is none. */
function inside(folder: string, path: unknown): string | undefined {
  if (typeof path !== 'string' || path === '' || path.startsWith('/') || /[\0\\]|\$\{/.test(path)) return undefined
  const found = posix.join(folder, path).replace(/(?<=.)\/$/, '')
  return found === '..' || found.startsWith('../') ? undefined : found
}

function others(all: Map<string, unknown>, used: string[]): string[] {
  return [...all.keys()].filter((key) => !used.includes(key) && !harmless.includes(key))
}

/** The entries of a JSON object, whatever they are called. */
function objectOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80)
}
