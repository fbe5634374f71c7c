import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Http, readText, retryAfter, type HttpResponse, type Timeouts } from '../../lib/llm/http.ts'
import { startModelServer, type Answer, type ModelServer } from '../support/model-server.ts'
import { caught, failure } from '../support/failures.ts'

describe('Http', () => {
  let http: Http
  let server: ModelServer
  let answer: Answer

  before(async () => {
    server = await startModelServer({ respond: () => answer })
  })

  beforeEach(() => {
    http = new Http()
  })

  afterEach(() => http.dispose())
  after(() => server.close())

  function post(signal = new AbortController().signal): Promise<HttpResponse> {
    return http.request({ method: 'POST', url: `${server.url}/x`, headers: {}, body: '{}', signal })
  }

  async function impatient(timeouts: Partial<Timeouts>): Promise<void> {
    await http.dispose()
    http = new Http(timeouts)
  }

  it('gives status, headers and body', async () => {
    answer = { status: 418, headers: { 'x-one': 'a' }, body: 'grüße', cuts: [3] }
    const response = await post()
    expect([response.status, response.header('x-one'), response.header('x-two')]).to.deep.equal([418, 'a', ''])
    expect(await readText(response, 100)).to.equal('grüße')
  })

  it('fails with `network` where nothing listens, and says so', async () => {
    const free: Server = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    free.close()
    await once(free, 'close')
    const url = `http://127.0.0.1:${port}/v1`
    const { signal } = new AbortController()
    const { code, message } = await failure(http.request({ method: 'GET', url, headers: {}, signal }))
    expect([code, message]).to.deep.equal([
      'network',
      `127.0.0.1:${port} could not be reached: nothing listens there. Start the service, or check base_url.`,
    ])
  })

  it('fails with `network` when the head, or the rest of the body, does not come in time', async () => {
    await impatient({ headersMs: 50, bodyMs: 50 })
    answer = 'hang'
    expect((await failure(post())).message).to.include('did not answer in time')
    answer = { body: 'abc', ending: 'hang' }
    const { code, message } = await failure(post().then((response) => readText(response, 100)))
    expect([code, message]).to.deep.equal([
      'network',
      `The answer of ${new URL(server.url).host} broke off: it fell silent in the middle of an answer. Try again.`,
    ])
  })

  it('fails with `network` when the body is cut', async () => {
    answer = { body: 'abc', ending: 'cut' }
    expect(await failure(post().then((response) => readText(response, 100)))).to.include({ code: 'network' })
  })

  it('throws the reason of an abort while it waits for the head, and closes the connection', async () => {
    answer = 'hang'
    const abort = new AbortController()
    const arrived = server.nextRequest()
    const outcome = caught(post(abort.signal))
    const { closed } = await arrived
    abort.abort('a reason that is no error')
    expect(await outcome).to.equal('a reason that is no error')
    expect(await closed).to.equal(false)
  })

  it('throws the reason of an abort while it is still connecting', async () => {
    answer = 'hang'
    const connected = server.connections
    const abort = new AbortController()
    const outcome = caught(post(abort.signal))
    abort.abort(new Error('enough'))
    expect(await outcome).to.have.property('message', 'enough')
    expect(server.connections).to.equal(connected)
  })

  it('reads no more of a body than it is allowed', async () => {
    answer = { body: 'x'.repeat(5000), ending: 'hang' }
    expect(await failure(post().then((response) => readText(response, 4000)))).to.include({ code: 'protocol' })
    expect(await readText(await post(), 4000, true)).to.have.length(4000)
  })

  it('follows no redirect', async () => {
    answer = { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }
    const response = await post()
    response.close()
    expect(response.status).to.equal(302)
  })

  it('reads retry-after in milliseconds, in seconds and as a date', () => {
    const now = Date.parse('2025-01-01T00:00:00Z')
    const wait = (headers: Record<string, string>) =>
      retryAfter({ header: (name: string) => headers[name] ?? '' } as HttpResponse, now)
    expect(wait({ 'retry-after-ms': '150', 'retry-after': '9' })).to.equal(150)
    expect(wait({ 'retry-after': '1.5' })).to.equal(1500)
    expect(wait({ 'retry-after': 'Wed, 01 Jan 2025 00:00:30 GMT' })).to.equal(30_000)
    expect(wait({ 'retry-after': 'Tue, 31 Dec 2024 00:00:00 GMT' })).to.equal(0)
    expect(wait({ 'retry-after': 'soon' })).to.equal(undefined)
    expect(wait({})).to.equal(undefined)
  })
})
