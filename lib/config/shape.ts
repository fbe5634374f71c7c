import { modes } from '../core/events.ts'
import { bytes, flag, list, named, number, oneOf, type Place, table, text, type Check } from './check.ts'
import { keySets } from './keymap.ts'
import type { Config, ModelConfig, ProviderConfig } from './schema.ts'

/** A configuration of which each level may be incomplete: what one file says. */
export type Part<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Part<T[K]> } : T

const verdict = oneOf(['allow', 'ask', 'deny'])

const price = table<NonNullable<ModelConfig['price']>>({
  input: number({ fraction: true }),
  output: number({ fraction: true }),
  cache_read: number({ fraction: true }),
  cache_write: number({ fraction: true }),
})

const model = table<ModelConfig>({
  context: number({ least: 1000 }),
  price: (value, place: Place) => {
    const { input, output, ...cache } = price(value, place)
    if (input === undefined || output === undefined)
      place.fail('a price needs both "input" and "output", in US dollars for a million tokens')
    return { input, output, ...cache }
  },
})

const serviceAddress: Check<string> = (value, place: Place) => {
  const what = 'an address such as "https://host/v1"'
  const address = text(what)(value, place)
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) place.wrong(what, address)
  if (url.username || url.password)
    place.fail('an address cannot hold a key; name its variable with "key_env", or save it with the program')
  return address.replace(/\/+$/, '')
}

const variableName = text('the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]*$/)

/** `check` on the host and the port of `host:port`. */
function hostAndPort(what: string, check: (host: string) => boolean): Check<string> {
  return (value, place: Place) => {
    const written = text(what)(value, place)
    const [, host, port] = /^(.+):(\d{1,5})$/.exec(written) ?? []
    if (host === undefined || !check(host) || Number(port) < 1 || Number(port) > 65_535) place.wrong(what, written)
    return written
  }
}

/** Names alone: an address is never allowed. */
const isNamePattern = (host: string) =>
  /^(\*\.)?([A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.)*[A-Za-z0-9_-]{1,63}$/.test(host) && !/(^|\.)\d+$/.test(host)

/** What a program in the sandbox may reach: `mirror.example.org:443`, or `*.example.net:80` for every name below that. */
export const reachable = hostAndPort(
  'a name and a port, such as "mirror.example.org:443" or "*.example.net:80"',
  isNamePattern,
)

const service = hostAndPort('a service of this machine, such as "localhost:5432"', (host) =>
  ['localhost', '127.0.0.1'].includes(host),
)

const provider = table<ProviderConfig>({
  protocol: oneOf(['openai', 'anthropic']),
  base_url: serviceAddress,
  key_env: variableName,
  key_required: flag,
  headers: named('name of a header', /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, text('text in quotes', /^/, 8000)),
  models: named('name of a model', /^[^\s\p{Cc}]+$/u, model),
})

export const modelName = text('"provider/model"', /^$|^echo$|^[A-Za-z0-9_-]+\/\S+$/)

const memory = bytes(16 * 2 ** 20)
const disk = bytes(64 * 2 ** 20)
const cpus = number({ least: 0.01, most: 1024, fraction: true })
const pids = number({ least: 16, most: 4_194_304 })

/** What the machine may be asked for; also the shape of the administrator's upper limits. */
export const sandboxLimits = { memory, cpus, pids, disk }

/** A timer cannot be set for more than 2^31 ms, some 24 days. */
const mostSeconds = 2_000_000

const mostMinutes = Math.floor(mostSeconds / 60)

/** How far one turn or one run may go; also the shape of the administrator's upper limits. */
export const limits = {
  steps: number({ least: 1 }),
  command_seconds: number({ least: 1, most: mostSeconds }),
  output_bytes: number({ least: 1000 }),
  cost: number({ fraction: true }),
  seconds: number({ most: mostSeconds }),
  workspace_disk: bytes(64 * 2 ** 20),
}

export const verdicts = table<Config['policy']>({
  read: verdict,
  write: verdict,
  run: verdict,
  network: verdict,
  project: verdict,
  discard: verdict,
  secrets: verdict,
})

/** What any one layer of the configuration may say. `default.toml` says all of it. */
export const configShape = table<Config>({
  model: modelName,
  mode: oneOf(modes),
  language: text('the name of a language', /^/, 60),
  theme: text('the name of a theme', /^[A-Za-z0-9][A-Za-z0-9_-]*$/),
  ignore: list(text('a pattern as in .gitignore')),
  providers: named('name of a provider (letters, digits, - and _)', /^[A-Za-z0-9][A-Za-z0-9_-]*$/, provider) as Check<
    Config['providers']
  >,
  policy: verdicts as Check<Config['policy']>,
  sandbox: table<Config['sandbox']>({
    backend: oneOf(['auto', 'container', 'embedded', 'local']),
    require: oneOf(['any', 'embedded', 'container']),
    image: text('the name of an image, or "auto"', /^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/),
    ...sandboxLimits,
    env: list(variableName),
    hide: list(text('a pattern as in .gitignore')),
    services: list(service),
    network: table<Config['sandbox']['network']>({ allow: list(reachable) }) as Check<Config['sandbox']['network']>,
  }) as Check<Config['sandbox']>,
  limits: table<Config['limits']>(limits) as Check<Config['limits']>,
  screen: table<Config['screen']>({
    mouse: flag,
    escape_ms: number({ most: 1000 }),
    keys: oneOf(keySets),
    notify: oneOf(['auto', 'osc9', 'osc777', 'bell', 'none']),
    away_minutes: number({ most: mostMinutes, fraction: true }),
    colors: oneOf(['auto', 'truecolor', '256', '16', 'none']),
  }) as Check<Config['screen']>,
  log: table<Config['log']>({ level: oneOf(['error', 'warn', 'info', 'debug']) }) as Check<Config['log']>,
}) as Check<Part<Config>>
