import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { textOf, type AssistantMessage, type Message } from '../../lib/core/messages.ts'
import { Assembler, CallIds } from '../../lib/llm/assemble.ts'
import { Http } from '../../lib/llm/http.ts'
import { noResult } from '../../lib/llm/history.ts'
import { list, record, type Json } from '../../lib/llm/json.ts'
import type { Delta, ModelRequest, Provider } from '../../lib/llm/provider.ts'
import { anthropic } from '../../lib/llm/providers/anthropic.ts'
import { openai } from '../../lib/llm/providers/openai.ts'
import { Script } from '../../lib/llm/providers/script.ts'
import { Service } from '../../lib/llm/service.ts'
import type { Wire } from '../../lib/llm/wire.ts'
import { caught, failure } from '../support/failures.ts'
import {
  failing,
  startModelServer,
  type ModelServer,
  type ModelServerOptions,
  type Turn,
} from '../support/model-server.ts'

/** What every provider is held to. A new one is one row here. */
const services: { name: string; wire: Wire; sentBack: (answer: Json) => unknown; thought: unknown }[] = [
  { name: 'openai', wire: openai, sentBack: (answer) => answer.reasoning_content, thought: 'Let me look.' },
  {
    name: 'anthropic',
    wire: anthropic,
    sentBack: (answer) => list(answer.content)[0],
    thought: { type: 'thinking', thinking: 'Let me look.', signature: 'c2ln' },
  },
]

/** A provider that plays turns; `request`: what to ask it. */
type Play = (turns: Turn[]) => Promise<{ provider: Provider; request: ModelRequest; dispose: () => Promise<void> }>

const played: { name: string; play: Play }[] = [
  ...services.map(({ name, wire }) => ({
    name,
    play: async (turns: Turn[]) => {
      const { provider, dispose } = await serve(name, wire, { turns })
      return { provider, request: asking(), dispose }
    },
  })),
  { name: 'script', play: playScript },
]

const tool = { name: 'read', description: 'Reads a file.', schema: { type: 'object', properties: {} } }
const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })

function asking(messages: Message[] = [user('Hello')], model = 'm'): ModelRequest {
  return { model, system: 'Be good.', messages, tools: [tool] }
}

for (const { name, play } of played) {
  describe(`Provider ${name}`, () => {
    let owned: (() => Promise<void>)[] = []
    const start = async (turns: Turn[]) => {
      const { provider, request, dispose } = await play(turns)
      owned.push(dispose)
      return { provider, request }
    }

    afterEach(async () => {
      for (const dispose of owned) await dispose()
      owned = []
    })

    it('streams text and thought, piece by piece, and ends with a stop', async () => {
      const { provider, request } = await start([{ thought: 'Hm. Well.', text: 'Hello to you.' }])
      const deltas = await all(provider.stream(request, never()))
      const said = deltas.map((delta) => ('text' in delta ? `${delta.type} ${delta.part} ${delta.text}` : ''))
      expect(said.filter((line) => /^(text|thought) \d ./.test(line))).to.deep.equal([
        'thought 0 Hm.',
        'thought 0  Well.',
        'text 1 Hello',
        'text 1  to',
        'text 1  you.',
      ])
      expect(deltas.at(-1)).to.deep.equal({ type: 'stop', reason: 'end' })
    })

    it('calls tools, several at once, and says that it waits for them', async () => {
      const calls = [
        { name: 'read', arguments: { path: 'ä.js' } },
        { name: 'list', arguments: {} },
      ]
      const { provider, request } = await start([{ text: 'Looking.', calls }])
      const message = await fold(provider, request)
      const found = message.parts.map((part) => (part.type === 'call' ? [part.name, part.arguments] : textOf(message)))
      expect(found).to.deep.equal(['Looking.', ['read', '{"path":"ä.js"}'], ['list', '{}']])
      expect(message.stop).to.equal('calls')
    })

    it('completes with the message that it streams', async () => {
      const { provider, request } = await start([
        { thought: 'Hm.', text: 'Whole.', calls: [{ id: 'call_a', name: 'read' }] },
      ])
      const streamed = await fold(provider, request)
      expect(await provider.complete(request, never())).to.deep.equal(streamed)
    })

    it('throws the reason within 50 ms of an abort in the middle', async () => {
      const { provider, request } = await start([{ text: 'word '.repeat(5000), rate: 200 }])
      const abort = new AbortController()
      const reason = new Error('enough')
      let abortedAt = 0
      try {
        for await (const delta of provider.stream(request, abort.signal)) {
          if (delta.type !== 'text' || abortedAt > 0) continue
          abortedAt = performance.now()
          setImmediate(() => abort.abort(reason))
        }
        expect.fail('the stream ended')
      } catch (error) {
        expect(error).to.equal(reason)
        expect(performance.now() - abortedAt).to.be.below(50)
      }
    })

    it('says nothing more after an abort, whatever has come already', async () => {
      const { provider, request } = await start([{ text: 'one two three' }])
      const abort = new AbortController()
      const said: string[] = []
      const streaming = async () => {
        for await (const delta of provider.stream(request, abort.signal)) {
          if (delta.type !== 'text') continue
          said.push(delta.text)
          abort.abort(new Error('enough'))
        }
      }
      expect(await caught(streaming())).to.have.property('message', 'enough')
      expect(said).to.deep.equal(['one'])
    })

    it('throws the reason of a signal that was aborted before', async () => {
      const { provider, request } = await start([{ text: 'never' }])
      const reason = new Error('before')
      expect(await caught(fold(provider, request, AbortSignal.abort(reason)))).to.equal(reason)
      expect(await caught(provider.complete(request, AbortSignal.abort(reason)))).to.equal(reason)
    })
  })
}

for (const { name, wire, sentBack, thought } of services) {
  describe(`Provider ${name} over HTTP`, () => {
    let owned: (() => Promise<void>)[] = []
    const start = async (options: ModelServerOptions, key = 'the-right-key', as = name) => {
      const served = await serve(as, wire, options, key)
      owned.push(served.dispose)
      return served
    }

    afterEach(async () => {
      for (const dispose of owned) await dispose()
      owned = []
    })

    it('closes the connection on an abort, in the middle and before the head', async () => {
      for (const answer of [{ text: 'word '.repeat(100), ending: 'hang' }, 'hang'] as const) {
        const { provider, server } = await start({ respond: () => answer })
        const abort = new AbortController()
        const arrived = server.nextRequest()
        const outcome = caught(fold(provider, asking(), abort.signal))
        const { closed } = await arrived
        abort.abort(new Error('enough'))
        expect((await outcome) as Error).to.have.property('message', 'enough')
        expect(await closed).to.equal(false)
      }
    })

    it('fails with `network` where the answer breaks off', async () => {
      const { provider } = await start({ respond: () => ({ text: 'a b c d e f', ending: 'cut', pieces: 4 }) })
      expect(await failure(fold(provider, asking()))).to.include({ code: 'network' })
    })

    it('fails with `auth` for a bad key, without repeating it', async () => {
      const secret = 'sk-very-secret-0815'
      const { provider } = await start({ respond: () => failing(401, `Incorrect key ${secret}: ${secret}.`) }, secret)
      const { code, message, status } = await failure(fold(provider, asking()))
      expect([code, status]).to.deep.equal(['auth', 401])
      expect(message).to.include('[key]').and.not.include('very-secret')
      const refusing = await start({ key: 'another', turns: [] })
      expect(await failure(refusing.provider.complete(asking(), never()))).to.include({ code: 'auth' })
    })

    it('fails with `rate` and the time to wait', async () => {
      const { provider } = await start({ respond: () => failing(429, 'Slow down.', { 'retry-after': '2' }) })
      expect(await failure(fold(provider, asking()))).to.include({ code: 'rate', retryAfterMs: 2000 })
    })

    it('fails with `network` when overloaded, and with `protocol` for what is no answer', async () => {
      const page = { headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' }
      const garbage = { headers: { 'content-type': 'text/event-stream' }, body: 'data: <<<\n\n' }
      const found: string[] = []
      for (const answer of [
        failing(529, 'Overloaded'),
        failing(503, ''),
        page,
        garbage,
        { body: '{}' },
        failing(404, 'x'),
      ]) {
        const { provider } = await start({ respond: () => answer })
        found.push((await failure(fold(provider, asking()))).code)
      }
      expect(found).to.deep.equal(['network', 'network', 'protocol', 'protocol', 'protocol', 'protocol'])
    })

    it('fails with `protocol` for an answer without end, and goes on listening to nobody', async () => {
      const { provider: first, server } = await start({ turns: [{ text: 'word '.repeat(20) }] })
      await fold(first, asking())
      const recorded = Buffer.from(await replay(wire, server)).toString()
      const [event = ''] = recorded.split('\n\n').filter((one) => /word/.test(one))
      const longer = `${event.replace('word', 'word'.repeat(1_000_000))}\n\n`
      const body = recorded.replace(event, longer.repeat(5) + event)
      const sse = { 'content-type': 'text/event-stream' }
      const { provider } = await start({ respond: () => ({ headers: sse, body }) })
      const failed = await failure(fold(provider, asking()))
      expect(failed.code).to.equal('protocol')
      expect(failed.message).to.match(/sent an answer of more than 16777216 characters/)
    })

    it('takes an answer that comes whole although a stream was asked for', async () => {
      const turns = [{ text: 'Whole.', calls: [{ id: 'call_a', name: 'read' }] }]
      const { provider, server } = await start({ turns })
      const whole = await provider.complete(asking(), never())
      let wholeBody: Uint8Array = Buffer.of()
      const again = await start({ respond: () => ({ body: wholeBody }) })
      expect(server.requests[0]!.body.stream).to.equal(undefined)
      wholeBody = await replay(wire, server)
      expect(await fold(again.provider, asking())).to.deep.equal(whole)
    })

    it('puts characters together that were split between chunks', async () => {
      const { provider, server } = await start({
        turns: [{ text: 'Grüße 👩🏽‍🚀 ひらがな', usage: { input: 1, output: 1 } }],
      })
      const whole = await fold(provider, asking())
      const recorded = await replay(wire, server)
      const cuts = Array.from(recorded.keys()).slice(1)
      const sse = { 'content-type': 'text/event-stream' }
      const split = await start({ respond: () => ({ headers: sse, body: recorded, cuts }) })
      expect(textOf(whole)).to.equal('Grüße 👩🏽‍🚀 ひらがな')
      expect(await fold(split.provider, asking())).to.deep.equal(whole)
    })

    it('sends back what the service wants back, and nothing of it to another', async () => {
      const turn = { thought: 'Let me look.', signature: 'c2ln', calls: [{ id: 'toolu_1', name: 'read' }] }
      const { provider, server } = await start({ turns: [turn, { text: 'Done.' }] })
      const first = await fold(provider, asking())
      const history = [user('Hello'), first, result('toolu_1', 'contents'), user('And?')]
      await fold(provider, asking(history))
      const answer = list(server.requests[1]!.body.messages)
        .map(record)
        .find(({ role }) => role === 'assistant')!
      expect(sentBack(answer)).to.deep.equal(thought)
      const other = await start({ turns: [turn, { text: 'Done.' }] }, 'the-right-key', 'other')
      await fold(other.provider, asking(history))
      const sent = JSON.stringify(other.server.requests[0]!.body)
      expect(sent).to.not.include('Let me look.').and.not.include('c2ln').and.not.include('toolu_1')
      expect(sent).to.include('contents')
    })

    it('gives every tool call in the history its result', async () => {
      const calls = [
        { id: 'call_a', name: 'read' },
        { id: 'call_b', name: 'read' },
      ]
      const { provider, server } = await start({ turns: [{ calls }, { text: 'Done.' }] })
      const first = await fold(provider, asking())
      await fold(provider, asking([user('Hello'), first, result('call_b', 'b'), user('And?')]))
      const sent = resultsIn(server.requests[1]!.body)
      expect(sent).to.deep.equal([
        ['call_a', noResult],
        ['call_b', 'b'],
      ])
    })

    it('sends text with broken characters and arguments that are no JSON in a form that services take', async () => {
      const { provider, server } = await start({ turns: [{ text: 'x' }, { text: 'Done.' }] })
      const answer: AssistantMessage = {
        role: 'assistant',
        parts: [{ type: 'call', id: 'call_a', name: 'read', arguments: '{"path": "a' }],
        model: `${name}/m`,
        stop: 'length',
        usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      }
      await fold(provider, asking([user('a\udcffb'), answer, result('call_a', 'wrong')]))
      const sent = JSON.stringify(server.requests[0]!.body)
      expect(sent).to.include('a\ufffdb').and.include('invalid_arguments')
    })

    it('uses one connection for answers that follow each other, also where their end lags behind', async () => {
      const { provider, server } = await start({ turns: [{ text: 'Hello.' }] })
      await fold(provider, asking())
      const body = await replay(wire, server)
      const sse = { 'content-type': 'text/event-stream' }
      const lagging = await start({ respond: () => ({ headers: sse, body, cuts: [1], trickleMs: 5 }) })
      for (let n = 0; n < 3; n++) {
        await fold(lagging.provider, asking())
        await lagging.server.requests.at(-1)!.closed
        // What was sent before has arrived once another exchange is over.
        await replay(wire, server)
      }
      expect(lagging.server.connections).to.equal(1)
    })
  })
}

/** The results in a request's body, in either protocol, as [id, text]. */
function resultsIn({ messages }: Json): unknown[] {
  return list(messages)
    .map(record)
    .flatMap(({ role, tool_call_id: id, content }) => {
      if (role === 'tool') return [[id, content]]
      const results = list(content)
        .map(record)
        .filter(({ type }) => type === 'tool_result')
      return results.map((block) => [block.tool_use_id, record(list(block.content)[0]).text])
    })
}

function result(id: string, text: string): Message {
  return { role: 'tool', parts: [{ type: 'result', id, name: 'read', ok: true, text }] }
}

/** Sends the first request that a server got to it again, for the bytes of its answer. */
async function replay(wire: Wire, server: ModelServer): Promise<Buffer> {
  const response = await fetch(`${server.url}/${wire.path}`, {
    method: 'POST',
    headers: wire.headers('the-right-key'),
    body: JSON.stringify(server.requests[0]!.body),
  })
  return Buffer.from(await response.arrayBuffer())
}

async function serve(name: string, wire: Wire, options: ModelServerOptions, key = 'the-right-key') {
  const server: ModelServer = await startModelServer(options)
  const http = new Http()
  const provider = new Service({ name, baseUrl: server.url, wire, key, keyHint: 'Set THE_KEY.', http })
  const dispose = async () => {
    await http.dispose()
    await server.close()
  }
  return { provider, server, dispose }
}

async function playScript(turns: Turn[]) {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-script-'))
  const file = join(folder, 'script.json')
  writeFileSync(
    file,
    JSON.stringify({
      turns: turns.map(({ thought, text, calls, rate }) => ({
        thought,
        text,
        calls: calls?.map(({ name, arguments: written }) => ({ name, arguments: written })),
        rate,
      })),
    }),
  )
  const dispose = async () => rmSync(folder, { recursive: true })
  return { provider: new Script(), request: asking(undefined, file), dispose }
}

async function all(deltas: AsyncIterable<Delta>): Promise<Delta[]> {
  const found: Delta[] = []
  for await (const delta of deltas) found.push(delta)
  return found
}

async function fold(provider: Provider, request: ModelRequest, signal = never()): Promise<AssistantMessage> {
  const assembler = new Assembler(`${provider.name}/${request.model}`, new CallIds(request.messages))
  for await (const delta of provider.stream(request, signal)) assembler.push(delta)
  return assembler.message()
}

function never(): AbortSignal {
  return new AbortController().signal
}
