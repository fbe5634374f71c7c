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

/** Characters that one answer may hold, several times what any model says at once. */
export const largestAnswer = 16 * 1024 * 1024

/** What each piece of an answer counts for besides its characters: pieces without any would have no end either. */
const pieceCosts = 32

/** What a piece counts for of `largestAnswer`. */
export function sizeOf(delta: Delta): number {
  const said = delta.type === 'call' ? delta.arguments : 'text' in delta ? delta.text : ''
  const opaque = 'opaque' in delta && delta.opaque ? JSON.stringify(delta.opaque).length : 0
  return pieceCosts + said.length + opaque
}

/** What an answer is that goes on for ever. */
export function endless(voice: Voice): Failure {
  return new Failure(
    'protocol',
    `${voice.name} sent an answer of more than ${largestAnswer} characters. Check its base_url.`,
  )
}

/** What an answer that stops too soon is. */
export function endedTooSoon(voice: Voice): Failure {
  return new Failure('network', `${voice.name} ended its answer before it was complete. Try again.`)
}

/** What JSON is that holds no answer. */
export function noAnswer(voice: Voice): Failure {
  return new Failure('protocol', `${voice.name} sent something that is no answer of its protocol. Check its base_url.`)
}
