import { Failure, type FailureCode } from '../core/failure.ts'
import { list, record, string } from './json.ts'

/** How failures of one service are put into words. */
export interface Voice {
  /** The provider's name in the configuration. */
  readonly name: string
  /** What to do when the key is not accepted, as a sentence. */
  readonly keyHint: string
  /** Takes keys out of what a service says: some repeat them in their errors. */
  redact(text: string): string
}

/** What a service said went wrong, out of whatever shape it said it in. */
export interface ServiceError {
  /** The HTTP status; in the middle of a stream, where there is none, the status the error names, if any. */
  status?: number
  /** The service's own words for the kind of error (`type` and `code`), lower case. */
  kind: string
  message: string
}

const overflowKind = /context_length|too_many_prompt_tokens|request_too_large|exceed_context|context_window/
const overflowMessage =
  /context (length|window|size|limit)|(prompt|input|messages?) (is |are )?too (long|large)|maximum prompt length|length of all messages|token count.{0,40}exceeds|too many (input |prompt )?tokens|reduce the length/i
const overflowStatus = new Set([undefined, 400, 422, 500])
const refusedKind =
  /content_filter|content_policy|responsibleai|moderation|insufficient_quota|billing|insufficient_balance/
const authKind = /authentication|api_key|permission|unauthorized/
const authMessage = /(invalid|incorrect|missing|wrong) api[ _-]?key|api[ _-]?key (is )?(not valid|invalid|missing)/i
const rateKind = /rate_?limit|too_many_requests/
const troubleKind = /overloaded|server_error|api_error|timeout|unavailable/
const troubleStatus = new Set([408, 425])

/**
 * Reads the body of an error, or of an error event. Known shapes: `{error: {message, type, code}}`,
 * `{error: "text"}`, `{detail: "text" | [{msg}]}`, `{message, type, code}`, `[{error: …}]`, plain text.
 */
export function readError(body: unknown, status?: number): ServiceError {
  const outer = record(Array.isArray(body) ? body[0] : body)
  const inner = typeof outer.error === 'object' && outer.error !== null ? record(outer.error) : outer
  const detail = string(outer.detail) || string(record(list(outer.detail)[0]).msg)
  const message = string(inner.message) || string(outer.error) || detail || (typeof body === 'string' ? body : '')
  const code = Number(inner.code)
  return {
    status: status ?? (code >= 400 && code <= 599 ? code : undefined),
    kind: `${string(inner.type)} ${string(inner.code)}`.toLowerCase(),
    message,
  }
}

/** The code of an error. Where a service has no field that says it, its text is read: here and nowhere else. */
export function codeOf({ status, kind, message }: ServiceError): FailureCode {
  if (status === 413 || overflowKind.test(kind)) return 'overflow'
  if (overflowStatus.has(status) && overflowMessage.test(message)) return 'overflow'
  if (status === 402 || status === 451 || refusedKind.test(kind)) return 'refused'
  if (status === 401 || status === 403 || authKind.test(kind)) return 'auth'
  if (status === 400 && authMessage.test(message)) return 'auth'
  if (status === 429 || rateKind.test(kind)) return 'rate'
  if (status === undefined || status >= 500 || troubleStatus.has(status) || troubleKind.test(kind)) return 'network'
  return 'protocol'
}

/** The Failure for what a service said. `retryAfterMs`: what it asked us to wait. */
export function serviceFailure(voice: Voice, error: ServiceError, retryAfterMs?: number): Failure {
  const code = codeOf(error)
  const said = plain(voice.redact(error.message))
  const facts = [error.status === undefined ? '' : `HTTP ${error.status}`, said].filter(Boolean).join(': ')
  return new Failure(code, sentence(voice, code, facts ? ` (${facts})` : '', retryAfterMs), {
    status: error.status,
    retryAfterMs,
  })
}

/** Text of a stranger's for one line of a message: no control characters, no line breaks, not too long. */
export function plain(text: string): string {
  const line = text
    .slice(0, 1000)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\s.]+$/, '')
    .trimStart()
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

function sentence(voice: Voice, code: FailureCode, facts: string, retryAfterMs?: number): string {
  const { name } = voice
  switch (code) {
    case 'auth':
      return `${name} did not accept the key${facts}. ${voice.keyHint}`
    case 'rate': {
      const when = retryAfterMs === undefined ? 'in a while' : `in ${Math.ceil(retryAfterMs / 1000)} s`
      return `${name} limits how much it is asked${facts}. Try again ${when}.`
    }
    case 'overflow':
      return `The conversation is longer than ${name} takes${facts}. Start a new session, or choose a model with more context.`
    case 'refused':
      return `${name} declined the request${facts}. Change the request, or look after the account with the service.`
    case 'network':
      return `${name} is in trouble${facts}. Try again in a while.`
    default:
      return `${name} could not use the request${facts}. Check the model's name, and base_url in [providers.${name}].`
  }
}
