import { Agent, request, type Dispatcher } from 'undici'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'

/** Milliseconds. Local models may think for minutes before the first byte, and services between two. */
export interface Timeouts {
  connectMs: number
  headersMs: number
  /** Between two pieces of a body. */
  bodyMs: number
}

export interface HttpRequest {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
  signal: AbortSignal
}

/** An answer whose body is still coming in. Whoever got it calls `release` or `close`, once. */
export interface HttpResponse {
  readonly status: number
  /** One header, or an empty string; `name` in lower case. */
  header(name: string): string
  /** The body as it arrives. Failure `network` where it breaks off; on abort the signal's reason. */
  chunks(): AsyncIterable<Uint8Array>
  /** All that matters was read: the connection may be used again. */
  release(): void
  /** Closes the connection, whatever still comes. */
  close(): void
}

const defaults: Timeouts = { connectMs: 10_000, headersMs: 600_000, bodyMs: 300_000 }

/** How long, and for how many bytes, the end of a body that was read is waited for. */
const drain = { ms: 1000, bytes: 4096 }

/**
 * HTTP over undici, with connections of its own; certificates of NODE_EXTRA_CA_CERTS count as trusted, as everywhere in
 * Node. Follows no redirect: a key goes only where the person sent it.
 */
export class Http implements Disposable {
  private readonly agent: Agent

  constructor(timeouts: Partial<Timeouts> = {}) {
    const { connectMs, headersMs, bodyMs } = { ...defaults, ...timeouts }
    this.agent = new Agent({
      connect: { timeout: connectMs },
      headersTimeout: headersMs,
      bodyTimeout: bodyMs,
      keepAliveTimeout: 30_000,
    })
  }

  /** Sends a request, and gives the answer as soon as its head is there. Failure `network` or `protocol`. */
  async request({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    signal.throwIfAborted()
    const host = new URL(url).host
    const abort = whenAborted(signal)
    try {
      const sent = request(url, { method, headers, body, signal, dispatcher: this.agent })
      return new Response(await Promise.race([sent, abort.promise]), host, signal)
    } catch (error) {
      throw signal.aborted ? signal.reason : unreachable(error, host)
    } finally {
      void abort.dispose()
    }
  }

  async dispose(): Promise<void> {
    await this.agent.destroy()
  }
}

/**
 * Rejects as soon as `signal` is aborted. undici itself hears of that only once it is connected, which may take as long
 * as the time limit for connecting.
 */
function whenAborted(signal: AbortSignal): { promise: Promise<never> } & Disposable {
  let listener: () => void
  const promise = new Promise<never>((_resolve, reject) => {
    listener = () => reject(signal.reason)
    signal.addEventListener('abort', listener, { once: true })
  })
  return { promise, dispose: () => signal.removeEventListener('abort', listener) }
}

class Response implements HttpResponse {
  readonly status: number
  private readonly data: Dispatcher.ResponseData
  private readonly host: string
  private readonly signal: AbortSignal

  constructor(data: Dispatcher.ResponseData, host: string, signal: AbortSignal) {
    this.status = data.statusCode
    this.data = data
    this.host = host
    this.signal = signal
    // Closing early is an error to undici; whoever closed it knows.
    data.body.on('error', () => {})
  }

  header(name: string): string {
    const value = this.data.headers[name]
    return (Array.isArray(value) ? value[0] : value) ?? ''
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.data.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    } catch (error) {
      throw this.signal.aborted ? this.signal.reason : brokenOff(error, this.host)
    }
  }

  release(): void {
    void this.data.body.dump({ limit: drain.bytes, signal: AbortSignal.timeout(drain.ms) }).catch(() => {})
  }

  close(): void {
    this.data.body.destroy()
  }
}

/**
 * The whole body as text. Failure `protocol` where it is longer than `limit` bytes; with `clip`, what fits is given
 * instead. The response is released or closed.
 */
export async function readText(response: HttpResponse, limit: number, clip = false): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  let ended = false
  try {
    for await (const chunk of response.chunks()) {
      chunks.push(chunk)
      length += chunk.length
      if (length > limit) break
    }
    ended = length <= limit
  } finally {
    if (ended) response.release()
    else response.close()
  }
  if (!ended && !clip) {
    throw new Failure('protocol', `The service sent more than ${limit} bytes at once. Check its base_url.`)
  }
  return Buffer.concat(chunks).subarray(0, limit).toString()
}

/**
 * How long a service asks to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date
 * (RFC 9110, 10.2.3).
 */
export function retryAfter(response: HttpResponse, now = Date.now()): number | undefined {
  const ms = response.header('retry-after-ms').trim()
  if (/^\d+(\.\d+)?$/.test(ms)) return Math.ceil(Number(ms))
  const after = response.header('retry-after').trim()
  if (/^\d+(\.\d+)?$/.test(after)) return Math.ceil(Number(after) * 1000)
  const date = Date.parse(after)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there. Start the service, or check base_url.',
  ENOTFOUND: 'there is no such host. Check base_url and the network.',
  EAI_AGAIN: 'its name could not be looked up. Check the network.',
  ECONNRESET: 'it closed the connection. Try again.',
  UND_ERR_SOCKET: 'it closed the connection. Try again.',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time. Check the network.',
  UND_ERR_HEADERS_TIMEOUT: 'it took the request and did not answer in time. Try again.',
  UND_ERR_BODY_TIMEOUT: 'it fell silent in the middle of an answer. Try again.',
}

function unreachable(error: unknown, host: string): Failure {
  const code = codeOf(error)
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/.test(code)) {
    return new Failure(
      'protocol',
      `The certificate of ${host} could not be verified (${code}). Where it is your own, name its authority's file in NODE_EXTRA_CA_CERTS.`,
      { cause: error },
    )
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return new Failure('protocol', `The request to ${host} has a header that HTTP does not allow. Check [providers].`)
  }
  const reason = reasons[code] ?? `the connection failed (${code || 'unknown reason'}). Check the network.`
  return new Failure('network', `${host} could not be reached: ${reason}`, { cause: error })
}

function brokenOff(error: unknown, host: string): Failure {
  const reason = reasons[codeOf(error)] ?? `the connection failed (${codeOf(error) || 'unknown reason'}). Try again.`
  return new Failure('network', `The answer of ${host} broke off: ${reason}`, { cause: error })
}

/** The code of a system or undici error; of the first inside where several addresses were tried. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
