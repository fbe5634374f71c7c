import { setKey } from '../config/edit.ts'
import type { Environment } from '../config/environment.ts'
import type { Bus } from '../core/bus.ts'
import type { SetupChoice } from '../core/events.ts'
import { Failure, describe } from '../core/failure.ts'
import { tryKey } from '../llm/connect.ts'
import { type LocalService, findLocal } from '../llm/discover.ts'
import type { Session } from './session.ts'
import { configFile } from './settings.ts'

export interface OfferOptions {
  signal: AbortSignal
  showDemo(): void
  environment: Environment
}

const paste: SetupChoice = {
  key: 'k',
  label: 'paste a key',
  detail: 'of OpenAI (sk-…) or Anthropic (sk-ant-…); tried at once, then saved for you alone',
  secret: true,
}
const demo: SetupChoice = {
  key: 'd',
  label: 'watch the demo',
  detail: 'a scripted model mends a small project: the sandbox, the tests and the diff are real',
}

/**
 * Offers the ways to begin where no model is configured: paste a key, use a local service that was found on loopback,
 * or watch the demo. Ends once a model is chosen, or with the signal.
 */
export async function offer(session: Session, bus: Bus, { signal, showDemo }: OfferOptions): Promise<void> {
  const local = findLocal(session.http, signal).then((services) => services.filter(({ models }) => models.length > 0))
  session.publish('setup.offered', { choices: [paste, demo] })
  bus.on('setup.choose', ({ key, secret }) => {
    if (key === demo.key) return showDemo()
    const work = key === paste.key ? takeKey(session, bus, secret ?? '', signal) : takeLocal(session, bus, local, key)
    work.catch((error: unknown) => {
      if (!signal.aborted) session.publish('app.failed', { failure: describe(error) })
    })
  })
  const found = await local
  if (found.length > 0) session.publish('setup.offered', { choices: [paste, ...found.map(localChoice), demo] })
}

function localChoice({ name, baseUrl, models }: LocalService, index: number): SetupChoice {
  return {
    key: String(index + 1),
    label: `use ${name} on this machine`,
    detail: `${models[0]} at ${new URL(baseUrl).host}`,
  }
}

async function takeKey(session: Session, bus: Bus, pasted: string, signal: AbortSignal): Promise<void> {
  const key = pasted.trim()
  session.redact(key)
  const name = key.startsWith('sk-ant-') ? 'anthropic' : 'openai'
  const { loaded, credentials } = session.settings()
  const provider = loaded.config.providers[name]
  if (!provider) throw new Failure('config', `The provider ${name}, which the key is of, is not configured.`)
  const offered = await tryKey(name, provider, key, { http: session.http, signal })
  const known = Object.keys(provider.models)
  const model = known.find((one) => offered.includes(one)) ?? offered[0] ?? known[0]
  if (model === undefined)
    throw new Failure('config', `${name} takes the key, but names no model: choose one with --model ${name}/MODEL.`)
  credentials.saveKey(name, key)
  begin(session, bus, `${name}/${model}`)
}

async function takeLocal(session: Session, bus: Bus, local: Promise<LocalService[]>, key: string): Promise<void> {
  const service = (await local)[Number(key) - 1]
  if (!service) return
  const { loaded, places } = session.settings()
  const known = Object.entries(loaded.config.providers).find(([, { base_url }]) =>
    sameAddress(base_url, service.baseUrl),
  )
  const name = known?.[0] ?? 'local'
  if (!known) {
    setKey(configFile(places), ['providers', name, 'protocol'], 'openai')
    setKey(configFile(places), ['providers', name, 'base_url'], service.baseUrl)
    setKey(configFile(places), ['providers', name, 'key_required'], false)
  }
  begin(session, bus, `${name}/${service.models[0]}`)
}

/** The model is the person's from now on: in the configuration, and at work. */
function begin(session: Session, bus: Bus, model: string): void {
  setKey(configFile(session.settings().places), ['model'], model)
  session.refresh()
  bus.emit('model.choose', { model })
}

function sameAddress(one: string, other: string): boolean {
  return one.replace('//localhost', '//127.0.0.1').replace(/\/$/, '') === other
}
