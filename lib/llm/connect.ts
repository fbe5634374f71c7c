import { nearest } from '../config/nearest.ts'
import type { Config, ModelConfig, Protocol, ProviderConfig } from '../config/schema.ts'
import { Failure } from '../core/failure.ts'
import type { Usage } from '../core/messages.ts'
import type { Http } from './http.ts'
import type { Provider } from './provider.ts'
import { anthropic } from './providers/anthropic.ts'
import { Echo } from './providers/echo.ts'
import { openai } from './providers/openai.ts'
import { Script } from './providers/script.ts'
import { Service } from './service.ts'
import type { Wire } from './wire.ts'

export type Price = NonNullable<ModelConfig['price']>

/** A model that can be asked, and what the configuration knows of it. */
export interface Connection {
  provider: Provider
  /** The service's own name for the model: `ModelRequest.model`. */
  model: string
  /** Tokens that fit in its context. */
  contextLimit?: number
  price?: Price
}

export interface ConnectOptions {
  config: Pick<Config, 'providers'>
  /** The key for a provider of the configuration, from wherever it is kept. */
  keyOf: (provider: string) => string | undefined
  http: Pick<Http, 'request'>
}

const wires: Record<Protocol, Wire> = { openai, anthropic }

/**
 * The connection to `provider/model`: a provider of the configuration, or the built-in `echo/ANY` and `script/FILE`.
 * Sends nothing. Failure `config` for a name that leads nowhere, `auth` where a key is missing.
 */
export function resolveModel(name: string, { config, keyOf, http }: ConnectOptions): Connection {
  const slash = name.indexOf('/')
  const [provider, model] = slash < 0 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)]
  if (provider === 'echo' && model) return { provider: new Echo(), model }
  if (provider === 'script' && model) return { provider: new Script(), model }
  const settings = Object.hasOwn(config.providers, provider) ? config.providers[provider] : undefined
  if (!settings) throw unknownProvider(name, provider, Object.keys(config.providers))
  if (!model) {
    const example = Object.keys(settings.models)[0] ?? 'MODEL'
    throw new Failure('config', `"${name}" names no model of ${provider}. Write it as ${provider}/${example}.`)
  }
  const known = Object.hasOwn(settings.models, model) ? settings.models[model] : undefined
  const service = connect(provider, settings, keyOf(provider), http)
  return { provider: service, model, contextLimit: known?.context, price: known?.price }
}

/**
 * Asks the service which models it has, to learn whether it answers and takes the key; gives their names. Throws
 * Failure where not: `auth` for a key that it does not accept. (A service that lists its models to everybody accepts
 * every key here.)
 */
export async function tryKey(
  provider: string,
  settings: ProviderConfig,
  key: string,
  { http, signal }: { http: Pick<Http, 'request'>; signal: AbortSignal },
): Promise<string[]> {
  return connect(provider, settings, key, http).models(signal)
}

/** US dollars for an answer. Cached tokens cost like others where the price names none for them. */
export function costOf(usage: Usage, price: Price): number {
  const fresh = Math.max(0, usage.input - usage.cacheRead - usage.cacheWrite)
  const cached =
    usage.cacheRead * (price.cache_read ?? price.input) + usage.cacheWrite * (price.cache_write ?? price.input)
  return (fresh * price.input + cached + usage.output * price.output) / 1e6
}

function connect(name: string, settings: ProviderConfig, key = '', http: Pick<Http, 'request'>): Service {
  const where = settings.key_env ? `Set ${settings.key_env}` : `Name its variable in key_env of [providers.${name}]`
  const trimmed = key.trim()
  if (trimmed === '' && settings.key_required) {
    throw new Failure('auth', `There is no key for ${name}. ${where} to a key of the service.`)
  }
  if (!/^[\x21-\x7e]*$/.test(trimmed)) {
    throw new Failure('auth', `The key for ${name} holds characters that no key has. ${where} to a valid key.`)
  }
  if (!URL.canParse(settings.base_url) || !/^https?:/i.test(settings.base_url)) {
    throw new Failure('config', `base_url of [providers.${name}] is no http or https address: "${settings.base_url}".`)
  }
  return new Service({
    name,
    baseUrl: settings.base_url,
    wire: wires[settings.protocol],
    key: trimmed || undefined,
    headers: settings.headers,
    keyHint: `${where} to a valid key.`,
    http,
  })
}

function unknownProvider(name: string, provider: string, configured: string[]): Failure {
  const known = [...configured, 'echo', 'script']
  const near = nearest(provider, known)
  const hint = near ? ` Did you mean "${near}"?` : ''
  const what = name === '' ? 'No model is chosen.' : `"${name}" names no known provider.`
  return new Failure('config', `${what}${hint} Models are written PROVIDER/MODEL; providers are ${known.join(', ')}.`)
}
