import { expect } from 'chai'
import type { ProviderConfig } from '../../lib/config/schema.ts'
import { Failure } from '../../lib/core/failure.ts'
import { costOf, resolveModel, tryKey } from '../../lib/llm/connect.ts'
import { findLocal } from '../../lib/llm/discover.ts'
import { Http } from '../../lib/llm/http.ts'
import { failing, startModelServer, type ModelServer, type ModelServerOptions } from '../support/model-server.ts'
import { caught, failure } from '../support/failures.ts'

const price = { input: 3, output: 15, cache_read: 0.3 }

function settings(part: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    protocol: 'openai',
    base_url: 'http://127.0.0.1:9/v1',
    key_env: 'ACME_API_KEY',
    key_required: true,
    headers: {},
    models: { 'big/one': { context: 1000, price } },
    ...part,
  }
}

const http = { request: () => Promise.reject(new Error('nothing is sent here')) }

function resolve(name: string, provider = settings(), key?: string) {
  return resolveModel(name, { config: { providers: { acme: provider } }, keyOf: () => key, http })
}

function refused(name: string, provider?: ProviderConfig, key?: string): [string, string] {
  try {
    resolve(name, provider, key)
  } catch (error) {
    if (error instanceof Failure) return [error.code, error.message]
    throw error
  }
  throw new Error('It was not refused.')
}

describe('resolveModel', () => {
  it('gives provider, model and what is known of it', () => {
    const { provider, ...rest } = resolve('acme/big/one', settings(), 'key')
    expect([provider.name, rest]).to.deep.equal(['acme', { model: 'big/one', contextLimit: 1000, price }])
    const unknown = resolve('acme/constructor', settings(), 'key')
    expect([unknown.model, unknown.contextLimit, unknown.price]).to.deep.equal(['constructor', undefined, undefined])
  })

  it('knows echo and script without configuration', () => {
    expect(resolve('echo/any').provider.name).to.equal('echo')
    const { provider, model } = resolve('script//tmp/demo.toml')
    expect([provider.name, model]).to.deep.equal(['script', '/tmp/demo.toml'])
  })

  it('says which providers there are, and which is near', () => {
    expect(refused('acne/x')).to.deep.equal([
      'config',
      '"acne/x" names no known provider. Did you mean "acme"? Models are written PROVIDER/MODEL; providers are acme, echo, script.',
    ])
    expect(refused('__proto__/x')[0]).to.equal('config')
    expect(refused('')[1]).to.match(/^No model is chosen\. Models are/)
    expect(refused('acme')[1]).to.equal('"acme" names no model of acme. Write it as acme/big/one.')
  })

  it('says which variable to set where a key is missing or cannot be one', () => {
    const missing = 'There is no key for acme. Set ACME_API_KEY to a key of the service.'
    expect(refused('acme/x')).to.deep.equal(['auth', missing])
    expect(refused('acme/x', settings(), ' \n')).to.deep.equal(['auth', missing])
    expect(refused('acme/x', settings(), 'sk-ab\ncd')[1]).to.match(/^The key for acme holds .* Set ACME_API_KEY/)
    expect(refused('acme/x', settings({ key_env: undefined }))[1]).to.include('key_env of [providers.acme]')
    expect(resolve('acme/x', settings({ key_required: false })).model).to.equal('x')
  })

  it('refuses an address that is none', () => {
    for (const base_url of ['', 'localhost', 'ftp://host/v1', 'file:///etc/passwd']) {
      expect(refused('acme/x', settings({ base_url }), 'key')[0], base_url).to.equal('config')
    }
  })
})

describe('costOf', () => {
  it('counts cached tokens at their own price, or like others', () => {
    const usage = { input: 1_000_000, output: 100_000, cacheRead: 600_000, cacheWrite: 100_000 }
    expect(costOf(usage, price)).to.be.closeTo(0.3 * 3 + 0.6 * 0.3 + 0.1 * 3 + 0.1 * 15, 1e-9)
    expect(costOf(usage, { input: 3, output: 15 })).to.be.closeTo(4.5, 1e-9)
  })
})

describe('Services on the network', () => {
  const network = new Http()
  const servers: ModelServer[] = []
  const { signal } = new AbortController()
  const start = async (options: ModelServerOptions) => {
    const server = await startModelServer(options)
    servers.push(server)
    return server
  }

  after(async () => {
    await network.dispose()
    for (const server of servers) await server.close()
  })

  it('accept a key, or fail with `auth`', async () => {
    for (const protocol of ['openai', 'anthropic'] as const) {
      const { url, requests } = await start({ key: 'right' })
      const provider = settings({ protocol, base_url: `${url}/?version=1`, headers: { 'x-team': 'blue' } })
      await tryKey('acme', provider, 'right', { http: network, signal })
      const wrong = await failure(tryKey('acme', provider, 'wrong', { http: network, signal }))
      expect([wrong.code, wrong.message]).to.deep.equal([
        'auth',
        'acme did not accept the key (HTTP 401: invalid key). Set ACME_API_KEY to a valid key.',
      ])
      expect(requests[0]!.path).to.equal('/v1/models?version=1')
      expect(requests[0]!.headers).to.include({ 'x-team': 'blue' })
    }
  })

  it('are found on loopback by the list of their models', async () => {
    const good = await start({ models: ['llama', 'qwen'] })
    const wanting = await start({ key: 'some' })
    const ports = [wanting, good].map(({ url }) => Number(new URL(url).port))
    expect(await findLocal(network, signal, ports)).to.deep.equal([
      { name: 'local', baseUrl: good.url, models: ['llama', 'qwen'] },
    ])
    expect(await caught(findLocal(network, AbortSignal.abort('enough'), ports))).to.equal('enough')
  })

  it('that answer with something else are no find', async () => {
    const other = await start({ respond: () => failing(200, 'hello') })
    const port = Number(new URL(other.url).port)
    const elsewhere = {
      request: (asked: Parameters<Http['request']>[0]) =>
        network.request({ ...asked, url: asked.url.replace('/models', '/other') }),
    }
    expect(await findLocal(elsewhere, signal, [port])).to.deep.equal([])
  })
})
