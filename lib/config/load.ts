import { Failure } from '../core/failure.ts'
import { Place } from './check.ts'
import type { Environment } from './environment.ts'
import { builtInProviders, splitModel } from './model.ts'
import { nearest } from './nearest.ts'
import { tilde } from './paths.ts'
import { enforce, modelAllowed, readPolicy } from './policy.ts'
import { checkProject } from './project-config.ts'
import type { Config } from './schema.ts'
import { configShape, type Part } from './shape.ts'
import { parseToml, readToml, type Source, type Table } from './toml.ts'

export interface ConfigSources {
  /** Path of default.toml: it must be there and say every key. */
  defaults: string
  /** Path of the person's config.toml, which may be missing. */
  user: string
  /** The project's `.drydock/config.toml`, only once the person trusts these very bytes. */
  project?: { name: string; path: string; bytes: Uint8Array }
  environment: Environment
  /** Values of the command line by dotted key, as `{ 'limits.cost': 2 }`. */
  flags?: Readonly<Record<string, unknown>>
  /** Path of the administrator's policy.toml, which may be missing. */
  policy: string
}

export interface Loaded {
  config: Config
  /** Which file set a dotted key; or `default`, `environment` or `flag`. */
  origin(key: string): string
  /** True where the administrator's policy decides the key, so that nothing else can. */
  fixed(key: string): boolean
  /** Throws Failure `config` where no provider of that name is configured, `policy` where the model may not be used. */
  checkModel(model: string): void
}

interface Layer {
  origin: string
  source: Source
  part: Part<Config>
}

/** Variables that set a key, each for itself. */
const variables: readonly [name: string, key: string][] = [
  ['DRYDOCK_MODEL', 'model'],
  ['DRYDOCK_MODE', 'mode'],
  ['DRYDOCK_LANGUAGE', 'language'],
  ['DRYDOCK_THEME', 'theme'],
  ['DRYDOCK_IMAGE', 'sandbox.image'],
  ['DRYDOCK_MEMORY', 'sandbox.memory'],
  ['DRYDOCK_COLORS', 'screen.colors'],
  ['DRYDOCK_LOG', 'log.level'],
  ['OPENAI_BASE_URL', 'providers.openai.base_url'],
  ['ANTHROPIC_BASE_URL', 'providers.anthropic.base_url'],
]

/** Flags of the command line that set a key. */
const flagNames: Readonly<Record<string, string>> = {
  model: '--model',
  'sandbox.backend': '--backend',
  'limits.steps': '--max-turns',
  'limits.seconds': '--max-time',
  'limits.cost': '--max-cost',
}

/**
 * Puts the configuration together: default.toml < the person's file < the project's < environment < flags, and above
 * all of them the administrator's policy. Failure `config` with file and line for what is wrong in it, `policy` for a
 * policy that cannot be enforced.
 */
export function loadConfig(sources: ConfigSources): Loaded {
  const { environment } = sources
  const policy = readPolicy(sources.policy)
  const defaults = fileLayer(sources.defaults, 'default', environment.home)
  if (!defaults) throw new Failure('config', `${sources.defaults}: is missing; install Drydock again`)
  const user = fileLayer(sources.user, sources.user, environment.home)
  const layers = user ? [defaults, user] : [defaults]

  const personal = merged(layers).config
  if (sources.project) {
    const { name, path, bytes } = sources.project
    const layer = textLayer(parseToml(bytes, { name, file: path, code: 'config' }), path)
    checkProject(layer.part, personal, new Place(layer.source))
    // What the person leaves out stays out: a project only adds to it.
    if (layer.part.ignore) layer.part.ignore = [...personal.ignore, ...layer.part.ignore]
    layers.push(layer)
  }

  layers.push(...environmentLayers(environment))
  for (const [key, value] of Object.entries(sources.flags ?? {}))
    if (value !== undefined) layers.push(valueLayer('flag', flagNames[key] ?? key, key, value))
  if (policy?.fix) layers.push({ origin: policy.file, source: { name: policy.file, code: 'policy' }, part: policy.fix })

  const { config, origins } = merged(layers)
  if (policy) enforce(policy, config, (path) => origins.set(path.join('.'), policy.file))
  checkProviders(config, layers)

  const checkModel = (model: string, place?: Place) => {
    const { provider } = splitModel(model)
    const known = [...Object.keys(config.providers), ...builtInProviders]
    if (model !== '' && !known.includes(provider)) {
      const near = nearest(provider, known)
      const hint = near === undefined ? `configured are ${known.join(', ')}` : `did you mean ${JSON.stringify(near)}?`
      const problem = `no provider ${JSON.stringify(provider)} is configured, which ${JSON.stringify(model)} needs; ${hint}`
      if (place) place.fail(problem)
      throw new Failure('config', problem)
    }
    if (model !== '' && !modelAllowed(policy, model))
      throw new Failure(
        'policy',
        `${policy!.file}: does not allow the model ${JSON.stringify(model)}; allowed are ${policy!.models!.allow!.join(', ')}`,
        { file: policy!.file },
      )
  }
  const chosenIn = layers.findLast((layer) => layer.part.model !== undefined)!
  checkModel(config.model, new Place(chosenIn.source, ['model']))

  const origin = (key: string) => origins.get(key) ?? 'default'
  return Object.freeze({
    config: freeze(config),
    origin,
    fixed: (key: string) => policy !== undefined && origin(key) === policy.file,
    checkModel: (model: string) => checkModel(model),
  })
}

function fileLayer(file: string, origin: string, home: string): Layer | undefined {
  const source = readToml(file, { name: tilde(file, home) })
  return source && textLayer(source, origin)
}

function textLayer(source: Source & { data: Table }, origin: string): Layer {
  return { origin, source, part: configShape(source.data, new Place(source)) as Part<Config> }
}

function environmentLayers(environment: Environment): Layer[] {
  return variables.flatMap(([name, key]) => {
    const value = environment.key(name)
    if (value === undefined) return []
    // By custom this one is given without the version that our addresses end in.
    const versioned = name === 'ANTHROPIC_BASE_URL' ? value.replace(/\/*$/, '').replace(/(\/v1)?$/, '/v1') : value
    return [valueLayer('environment', name, key, versioned)]
  })
}

function valueLayer(origin: string, name: string, key: string, value: unknown): Layer {
  const data = key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value)
  const source: Source = { name, code: 'config' }
  return { origin, source, part: configShape(data, new Place(source)) as Part<Config> }
}

function merged(layers: readonly Layer[]): { config: Config; origins: Map<string, string> } {
  const config: Table = Object.create(null)
  const origins = new Map<string, string>()
  for (const { origin, part } of layers) mergeInto(config, part as Table, [], (key) => origins.set(key, origin))
  for (const provider of Object.values(config.providers as Config['providers'])) {
    provider.protocol ??= 'openai'
    provider.key_required ??= true
    provider.headers ??= Object.create(null)
    provider.models ??= Object.create(null)
  }
  return { config: config as unknown as Config, origins }
}

/** Tables grow together; anything else is replaced whole. */
function mergeInto(base: Table, over: Table, path: string[], set: (key: string) => void): void {
  for (const [key, value] of Object.entries(over)) {
    const here = [...path, key]
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      base[key] ??= Object.create(null)
      mergeInto(base[key] as Table, value as Table, here, set)
    } else {
      base[key] = Array.isArray(value) ? value.slice() : value
      set(here.join('.'))
    }
  }
}

function checkProviders(config: Config, layers: readonly Layer[]): void {
  for (const [name, provider] of Object.entries(config.providers)) {
    if (provider.base_url !== undefined) continue
    const { source } = layers.findLast((layer) => layer.part.providers?.[name] !== undefined)!
    new Place(source, ['providers', name]).fail(
      `the provider ${JSON.stringify(name)} needs an address: base_url = "https://host/v1"`,
    )
  }
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner)
  return Object.freeze(value)
}
