import { expect } from 'chai'
import { readError, serviceFailure, type Voice } from '../../lib/llm/service-error.ts'

const voice: Voice = {
  name: 'acme',
  keyHint: 'Set ACME_API_KEY to a valid key.',
  redact: (text) => text.replaceAll('sk-secret', '[key]'),
}

/** Status, body and the code that it has to become: shapes beyond the recorded ones, as services document them. */
const table: [status: number | undefined, body: unknown, code: string][] = [
  [401, '', 'auth'],
  [403, { error: { message: 'Your country is not supported' } }, 'auth'],
  [400, { error: { message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } }, 'auth'],
  [400, { error: 'Incorrect API key provided: x' }, 'auth'],
  [402, { error: { message: 'Insufficient Balance', code: 'invalid_request_error' } }, 'refused'],
  [429, { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } }, 'refused'],
  [400, { error: { message: 'flagged', code: 'content_filter' } }, 'refused'],
  [429, { error: { message: 'Rate limit reached' } }, 'rate'],
  [413, '', 'overflow'],
  [400, { error: { message: 'x', code: 'context_length_exceeded' } }, 'overflow'],
  [
    400,
    { error: { message: 'the request exceeds the available context size', type: 'exceed_context_size_error' } },
    'overflow',
  ],
  [
    400,
    [{ error: { code: 400, message: 'The input token count (9) exceeds the maximum number of tokens allowed (1).' } }],
    'overflow',
  ],
  [
    400,
    { object: 'error', message: "This model's maximum context length is 10 tokens", type: 'BadRequestError' },
    'overflow',
  ],
  [400, { error: { message: 'input length and `max_tokens` exceed context limit: 9 + 1 > 2' } }, 'overflow'],
  [422, { detail: [{ msg: 'field required', loc: ['body'] }] }, 'protocol'],
  [404, { error: { message: 'The model `x` does not exist' } }, 'protocol'],
  [400, { error: { message: 'max_tokens is too large' } }, 'protocol'],
  [302, '', 'protocol'],
  [500, 'oops', 'network'],
  [502, '<html>', 'network'],
  [529, { error: { type: 'overloaded_error', message: 'Overloaded' } }, 'network'],
  [408, '', 'network'],
  [undefined, { error: { message: 'x', code: 401 } }, 'auth'],
  [undefined, { error: { message: 'x', code: 429 } }, 'rate'],
  [undefined, { error: { message: 'x', type: 'overloaded_error' } }, 'network'],
  [undefined, { error: { message: 'x' } }, 'network'],
  [undefined, 7, 'network'],
]

function say(status: number, body: unknown, retryAfterMs?: number): string {
  return serviceFailure(voice, readError(body, status), retryAfterMs).message
}

describe('Failures of services', () => {
  it('have the code that status, kind and text call for', () => {
    const found = table.map(([status, body]) => [status, body, serviceFailure(voice, readError(body, status)).code])
    expect(found).to.deep.equal(table)
  })

  it('say what happened and what to do, on one line, without the key', () => {
    expect(say(401, { error: { message: 'Bad key\n\u001b[31msk-secret\u202e.' } })).to.equal(
      'acme did not accept the key (HTTP 401: Bad key [31m[key]). Set ACME_API_KEY to a valid key.',
    )
    expect(say(429, '', 1500)).to.equal('acme limits how much it is asked (HTTP 429). Try again in 2 s.')
    expect(say(500, 'x'.repeat(10_000))).to.have.length.below(400)
  })
})
