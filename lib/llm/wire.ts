import { Failure } from '../core/failure.ts'
import type { Json } from './json.ts'
import type { Delta, ModelRequest } from './provider.ts'
import { plain, type Voice } from './service-error.ts'

/** How a family of services is spoken to over HTTP. One object a protocol, without state. */
export interface Wire {
  /** Under base_url. */
  readonly path: string
  headers(key: string | undefined): Record<string, string>
  /** The body of a request, ready for JSON. `name`: the provider as which the service is configured. */
  body(request: ModelRequest, name: string, stream: boolean): Json
  reader(voice: Voice): AnswerReader
}

/** Reads one answer. Throws `Failure` for whatever the service says went wrong. */
export interface AnswerReader {
  /** True once the service has said that nothing more comes. */
  readonly done: boolean
  /** Takes the data of one event of a stream. */
  push(data: string): Delta[]
  /** Takes an answer that came whole. */
  whole(body: unknown): Delta[]
  /** The last pieces, `stop` being the very last. Failure `network` where the answer is not at its end. */
  end(): Delta[]
}

/** Parses JSON of a service. Failure `protocol` with its first words where it is none. */
export function parseJson(voice: Voice, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const start = plain(voice.redact(text)).slice(0, 80)
    throw new Failure('protocol', `${voice.name} sent something that is no JSON: "${start}". Check its base_url.`)
  }
}

/** What an answer that stops too soon is. */
export function endedTooSoon(voice: Voice): Failure {
  return new Failure('network', `${voice.name} ended its answer before it was complete. Try again.`)
}

/** What JSON is that holds no answer. */
export function noAnswer(voice: Voice): Failure {
  return new Failure('protocol', `${voice.name} sent something that is no answer of its protocol. Check its base_url.`)
}
