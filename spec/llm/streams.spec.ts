import { readFileSync, readdirSync } from 'node:fs'
import { expect } from 'chai'
import { Assembler, CallIds } from '../../lib/llm/assemble.ts'
import { Http, type HttpResponse } from '../../lib/llm/http.ts'
import { anthropic } from '../../lib/llm/providers/anthropic.ts'
import { openai } from '../../lib/llm/providers/openai.ts'
import { Service } from '../../lib/llm/service.ts'
import { Failure } from '../../lib/core/failure.ts'
import type { AssistantMessage } from '../../lib/core/messages.ts'
import { startModelServer, type Ending, type ModelServer, type Raw } from '../support/model-server.ts'
import { numbers } from '../support/random.ts'

/**
 * Every recorded answer through the client. What counts as complete:
 * - Anthropic: `message_stop` has come.
 * - chat completions: a finish_reason has come, and then `[DONE]` or a clean end of the body. A service may leave
 *   `[DONE]` out, so a body that ends cleanly *between* two events after the finish_reason is a message (that lacks its
 *   usage). A connection that breaks before `[DONE]`, and a clean end inside an event, are failures.
 * - A whole answer: its JSON parses.
 * An error stays an error however much of its body came: the status alone says enough.
 */
const folder = new URL('../fixtures/streams/', import.meta.url)
/** How often everything random is done, each time from another seed. */
const rounds = process.env.DRYDOCK_SOAK ? 20 : 1
const seed = Math.floor(Math.random() * 2 ** 31)

interface Recording {
  name: string
  wire: 'chat' | 'messages'
  status: number
  streamed: boolean
  body: Buffer
}

const recordings: Recording[] = readdirSync(folder)
  .filter((file) => /\.(chat|messages)\.\d+\.(sse|json)$/.test(file))
  .map((file) => {
    const [wire, status, kind] = file.split('.').slice(-3)
    const name = file.split('.').slice(0, -3).join('.')
    const body = readFileSync(new URL(file, folder))
    return { name, wire: wire as Recording['wire'], status: Number(status), streamed: kind === 'sse', body }
  })
const answers = recordings.filter(({ status }) => status === 200)
const errors = recordings.filter(({ status }) => status !== 200)

const request = {
  model: 'm',
  system: '',
  messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hello' }] }],
  tools: [],
}

describe('84 recorded answers', () => {
  let http: Http
  let server: ModelServer
  let reply: Raw

  before(async () => {
    server = await startModelServer({ respond: () => reply })
    http = new Http()
  })

  after(async () => {
    await http.dispose()
    await server.close()
  })

  /** The message that the client makes of a body served over HTTP. */
  function over(recording: Recording, raw: Omit<Raw, 'body'> & { body?: Uint8Array } = {}): Promise<AssistantMessage> {
    const type = recording.streamed ? 'text/event-stream' : 'application/json'
    reply = { status: recording.status, headers: { 'content-type': type }, body: recording.body, ...raw }
    return answerOf(recording, server.url, http)
  }

  it('are all there', () => {
    expect([answers.length, errors.length]).to.deep.equal([71, 13])
  })

  it('become the messages that their services meant', async () => {
    const found: Record<string, string> = {}
    for (const recording of answers) found[short(recording)] = outline(await over(recording))
    expect(found).to.deep.equal(JSON.parse(readFileSync(new URL('outlines.json', folder), 'utf8')))
  })

  it('are the same byte by byte', async function () {
    this.timeout(60_000)
    for (const recording of answers) {
      const whole = await over(recording)
      const cuts = Array.from(recording.body.keys()).slice(1)
      expect(await answerOf(recording, server.url, served(recording, cuts)), recording.name).to.deep.equal(whole)
      if (recording.body.length > 1300) continue
      expect(await over(recording, { cuts }), `${recording.name} over HTTP`).to.deep.equal(whole)
    }
  })

  it('are the same in network chunks cut at 200 random places', async function () {
    this.timeout(60_000 * rounds)
    for (let round = 0; round < rounds; round++) {
      for (const recording of answers) {
        const whole = await over(recording)
        const cuts = places(numbers(seed + round), 200, recording.body.length)
        expect(await over(recording, { cuts }), `${recording.name}, seed ${seed + round}`).to.deep.equal(whole)
      }
    }
  })

  it('are the same with the line ends of other systems', async () => {
    for (const recording of answers.filter(({ streamed }) => streamed)) {
      const whole = await over(recording)
      for (const end of ['\r\n', '\r']) {
        const body = Buffer.from(recording.body.toString().replaceAll('\n', end))
        const cuts = places(numbers(seed), 50, body.length)
        expect(await over(recording, { body, cuts }), `${recording.name}, seed ${seed}`).to.deep.equal(whole)
      }
    }
  })

  it('fail when truncated at 20 random places, and are never a message', async function () {
    this.timeout(60_000 * rounds)
    for (let round = 0; round < rounds; round++) {
      const next = numbers(seed + round)
      for (const recording of answers) {
        const complete = completeAt(recording)
        for (const place of places(next, 20, complete.broken)) {
          const ending: Ending = place < complete.clean && next() < 0.5 ? 'end' : 'cut'
          const outcome = await settle(over(recording, { body: recording.body.subarray(0, place), ending }))
          const label = `${recording.name} at ${place} with ${ending}, seed ${seed + round}`
          expect(outcome, label).to.be.oneOf(['network', 'protocol'])
        }
      }
    }
  })

  it('fail when they end cleanly inside an event after the finish_reason, and are complete between two', async () => {
    const chats = answers.filter(({ streamed, wire }) => streamed && wire === 'chat')
    for (const recording of chats) {
      const end = recording.body.indexOf('data: [DONE]')
      const inside = recording.body.subarray(0, end + 'data: [DO'.length)
      expect(await settle(over(recording, { body: inside })), recording.name).to.equal('protocol')
      const whole = await over(recording)
      expect(await over(recording, { body: recording.body.subarray(0, end) }), recording.name).to.deep.equal(whole)
    }
  })

  it('carry errors with the right code', async () => {
    const found: Record<string, string> = {}
    for (const recording of errors) found[short(recording)] = await settle(over(recording))
    expect(found).to.deep.equal({
      'error_handling anthropic auth 401': 'auth',
      'error_handling azure auth 401': 'auth',
      'error_handling deepseek auth 401': 'auth',
      'error_handling mistral auth 401': 'auth',
      'error_handling ollama_cloud auth 401': 'auth',
      'error_handling openrouter auth 401': 'auth',
      'error_handling perplexity auth 401': 'auth',
      'real_error anthropic context 400': 'overflow',
      // The body of this one says that the rate was exceeded, by a prompt that was too long for it.
      'real_error azure context 429': 'rate',
      'real_error deepseek context 400': 'overflow',
      'real_error ollama_cloud context 400': 'overflow',
      'real_error openrouter context 400': 'overflow',
      'real_error perplexity context 400': 'overflow',
    })
  })

  it('carry errors that stay errors when truncated', async () => {
    const next = numbers(seed)
    for (const recording of errors) {
      const whole = await settle(over(recording))
      for (const place of places(next, 20, recording.body.length - 1)) {
        const ending: Ending = next() < 0.5 ? 'end' : 'cut'
        const outcome = await settle(over(recording, { body: recording.body.subarray(0, place), ending }))
        expect(outcome, `${recording.name} at ${place}, seed ${seed}`).to.be.oneOf([whole, 'network', 'protocol'])
      }
    }
  })
})

async function answerOf(recording: Recording, baseUrl: string, http: Pick<Http, 'request'>): Promise<AssistantMessage> {
  const wire = recording.wire === 'chat' ? openai : anthropic
  const service = new Service({ name: 'service', baseUrl, wire, key: 'no-real-key', keyHint: 'Set KEY.', http })
  const { signal } = new AbortController()
  if (!recording.streamed) return service.complete(request, signal)
  const assembler = new Assembler('service/m', new CallIds())
  for await (const delta of service.stream(request, signal)) assembler.push(delta)
  return assembler.message()
}

/** A stand-in for the network that hands over a body in pieces: everything above it is the real client. */
function served(recording: Recording, cuts: readonly number[]): Pick<Http, 'request'> {
  async function* chunks() {
    let start = 0
    for (const end of [...cuts, recording.body.length]) {
      yield recording.body.subarray(start, end)
      start = end
    }
  }
  const type = recording.streamed ? 'text/event-stream' : 'application/json'
  const header = (name: string) => (name === 'content-type' ? type : '')
  const response: HttpResponse = { status: 200, header, chunks, release: () => {}, close: () => {} }
  return { request: async () => response }
}

/** Up to where a body may be cut and has to fail: by a broken connection, and by a clean end. */
function completeAt({ wire, streamed, body }: Recording): { broken: number; clean: number } {
  const last = body.toString('latin1').trimEnd().length
  if (!streamed) return { broken: last - 1, clean: last - 1 }
  if (wire === 'messages') {
    // The service pads its events with spaces.
    return { broken: last - 1, clean: last - 1 }
  }
  return { broken: last - 1, clean: body.toString('latin1').search(/"finish_reason": ?"/) }
}

/** The code of the failure that a promise ends in, or `message`. */
async function settle(answer: Promise<AssistantMessage>): Promise<string> {
  try {
    await answer
    return 'message'
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

function short({ name, status }: Recording): string {
  const service = /azure|deepseek|mistral|ollama_cloud|ollama_qwen3|openrouter|perplexity|anthropic/.exec(name)![0]
  if (status !== 200)
    return `${/error_handling|real_error/.exec(name)![0]} ${service} ${/auth|context/.exec(name)![0]} ${status}`
  return name
}

/** A message in one line: what it is made of, and enough of its text to know it by. */
function outline({ parts, stop, usage }: AssistantMessage): string {
  const pieces = parts.map((part) => {
    const signed = part.opaque ? `+${Object.keys(part.opaque.data as object).join(',')}` : ''
    if (part.type === 'call') return `call ${part.id} ${part.name}(${part.arguments})${signed}`
    return `${part.type}${signed} ${part.text.length}: ${part.text.slice(0, 24)}…${part.text.slice(-24)}`
  })
  return [...pieces, stop, `${usage.input}/${usage.output}/${usage.cacheRead}/${usage.cacheWrite}`].join(' | ')
}

/** `count` places in 1 … `end`, ascending, repeated ones left out. */
function places(next: () => number, count: number, end: number): number[] {
  const found = new Set(Array.from({ length: count }, () => 1 + Math.floor(next() * end)))
  return [...found].toSorted((a, b) => a - b)
}
