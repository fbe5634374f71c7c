import { expect } from 'chai'
import { Failure, describe as describeError, isAbort } from '../../lib/core/failure.ts'

describe('Failure', () => {
  it('carries its code, its details and its cause', () => {
    const cause = new Error('below')
    const failure = new Failure('config', 'What to do.', { file: '/a', line: 3, cause })
    const { name, code, message, file, line, status } = failure
    expect({ name, code, message, file, line, status, cause: failure.cause }).to.deep.equal({
      name: 'Failure',
      code: 'config',
      message: 'What to do.',
      file: '/a',
      line: 3,
      status: undefined,
      cause,
    })
    expect(failure).to.be.instanceOf(Error)
  })
})

describe('describe', () => {
  const abort = new AbortController()
  abort.abort()
  const rows: [string, unknown, { code: string; message: string }][] = [
    ['a failure', new Failure('rate', 'Wait.'), { code: 'rate', message: 'Wait.' }],
    ['an abort', abort.signal.reason, { code: 'cancelled', message: 'Cancelled.' }],
    ['a defect', new TypeError('no such thing'), { code: 'defect', message: 'no such thing' }],
    ['something thrown that is no error', 'text', { code: 'defect', message: 'text' }],
    ['nothing', undefined, { code: 'defect', message: 'undefined' }],
  ]
  for (const [name, thrown, fact] of rows) it(`tells ${name}`, () => expect(describeError(thrown)).to.deep.equal(fact))
})

describe('isAbort', () => {
  it("knows the reason of the signal, whatever it is, and the platform's AbortError", () => {
    const own = new AbortController()
    const reason = new Failure('timeout', 'Too slow.')
    own.abort(reason)
    const platform = new DOMException('aborted', 'AbortError')
    expect([isAbort(reason, own.signal), isAbort(platform, own.signal), isAbort(platform)]).to.deep.equal([
      true,
      true,
      true,
    ])
  })

  it('takes no other error for one, though the signal is aborted', () => {
    const own = new AbortController()
    own.abort()
    const open = new AbortController()
    const other = new Error('other')
    expect([isAbort(other, own.signal), isAbort(other, open.signal), isAbort(other), isAbort('text')]).to.deep.equal([
      false,
      false,
      false,
      false,
    ])
  })
})
