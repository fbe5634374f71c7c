import { Failure } from '../core/failure.ts'
import type { AssistantMessage } from '../core/messages.ts'
import { Assembler, CallIds } from './assemble.ts'
import { readText, retryAfter, type Http, type HttpResponse } from './http.ts'
import { list, record, string, stringify } from './json.ts'
import type { Delta, ModelRequest, Provider } from './provider.ts'
import { readError, serviceFailure, type Voice } from './service-error.ts'
import { readEvents } from './sse.ts'
import { endless, largestAnswer, parseJson, sizeOf, type Wire } from './wire.ts'

export interface ServiceOptions {
  /** The provider's name in the configuration. */
  name: string
  /** Up to and including the version: `https://host/v1`. */
  baseUrl: string
  wire: Wire
  key?: string
  headers?: Record<string, string>
  /** What to do when the key is not accepted, as a sentence. */
  keyHint: string
  http: Pick<Http, 'request'>
}

/** Bytes of a body that is read whole, and of an error's. */
const largestBody = 64 * 1024 * 1024
const largestError = 64 * 1024

/** A model service behind HTTP, whatever protocol it speaks. */
export class Service implements Provider {
  readonly name: string
  private readonly options: ServiceOptions
  private readonly voice: Voice

  constructor(options: ServiceOptions) {
    this.name = options.name
    this.options = options
    const { key, headers = {}, name, keyHint } = options
    const secrets = [key ?? '', ...Object.values(headers)].filter((secret) => secret.length >= 6)
    const redact = (text: string) => secrets.reduce((line, secret) => line.replaceAll(secret, '[key]'), text)
    this.voice = { name, keyHint, redact }
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Delta> {
    const reader = this.options.wire.reader(this.voice)
    const response = await this.ask(request, true, signal)
    if (/json/.test(response.header('content-type'))) {
      // Some services answer whole whatever they are asked.
      yield* reader.whole(await this.json(response))
    } else {
      try {
        this.checkType(response)
        let size = 0
        reading: for await (const events of readEvents(response.chunks())) {
          for (const event of events) {
            for (const delta of reader.push(event)) {
              size += sizeOf(delta)
              if (size > largestAnswer) throw endless(this.voice)
              yield delta
              signal.throwIfAborted()
            }
            if (reader.done) break reading
          }
        }
      } finally {
        if (reader.done) response.release()
        else response.close()
      }
    }
    yield* reader.end()
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<AssistantMessage> {
    const reader = this.options.wire.reader(this.voice)
    const body = await this.json(await this.ask(request, false, signal))
    const assembler = new Assembler(`${this.name}/${request.model}`, new CallIds(request.messages))
    for (const delta of [...reader.whole(body), ...reader.end()]) assembler.push(delta)
    return assembler.message()
  }

  /** The names of its models: also the cheapest way to learn whether it answers and takes the key. Throws Failure. */
  async models(signal: AbortSignal): Promise<string[]> {
    const { data } = record(await this.json(await this.send('GET', 'models', undefined, signal)))
    return list(data)
      .map((model) => string(record(model).id))
      .filter(Boolean)
  }

  private ask(request: ModelRequest, stream: boolean, signal: AbortSignal): Promise<HttpResponse> {
    const { wire } = this.options
    return this.send('POST', wire.path, stringify(wire.body(request, this.name, stream)), signal)
  }

  private async send(method: 'GET' | 'POST', path: string, body: string | undefined, signal: AbortSignal) {
    const { http, wire, key, baseUrl, headers } = this.options
    const response = await http.request({
      method,
      url: under(baseUrl, path),
      headers: {
        accept: 'text/event-stream, application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...wire.headers(key),
        ...headers,
      },
      body,
      signal,
    })
    if (response.status === 200) return response
    const text = await readText(response, largestError, true)
    throw serviceFailure(this.voice, readError(parsed(text), response.status), retryAfter(response))
  }

  private async json(response: HttpResponse): Promise<unknown> {
    return parseJson(this.voice, await readText(response, largestBody))
  }

  private checkType(response: HttpResponse): void {
    const type = response.header('content-type').split(';', 1)[0]!.trim()
    if (type === '' || type === 'text/event-stream' || type === 'text/plain' || type === 'application/octet-stream')
      return
    throw new Failure('protocol', `${this.name} answered with ${type} instead of an event stream. Check its base_url.`)
  }
}

/** The address of `path` under the base, whose query stays. */
function under(baseUrl: string, path: string): string {
  const url = new URL(baseUrl)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url.href
}

/** The JSON that a text is; else the text itself, unless it is a page for a browser. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return /^\s*</.test(text) ? '' : text
  }
}
