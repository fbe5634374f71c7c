import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import type { AssistantMessage, Message } from '../../lib/core/messages.ts'
import { Assembler, CallIds } from '../../lib/llm/assemble.ts'
import type { Json } from '../../lib/llm/json.ts'
import { anthropic } from '../../lib/llm/providers/anthropic.ts'
import type { Voice } from '../../lib/llm/service-error.ts'

const voice: Voice = { name: 'p', keyHint: '', redact: (text) => text }
const stopping = (reason: string): Json[] => [
  { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]

function answer(...events: Json[]): AssistantMessage {
  const reader = anthropic.reader(voice)
  const assembler = new Assembler('p/m', new CallIds())
  const deltas = events.flatMap((event) => reader.push(JSON.stringify(event)))
  for (const delta of [...deltas, ...reader.end()]) assembler.push(delta)
  return assembler.message()
}

function code(...events: Json[]): string {
  try {
    answer(...events)
    return 'message'
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

const start = (index: number, block: Json): Json => ({ type: 'content_block_start', index, content_block: block })
const delta = (index: number, piece: Json): Json => ({ type: 'content_block_delta', index, delta: piece })
const stop = (index: number): Json => ({ type: 'content_block_stop', index })

describe('AnthropicReader', () => {
  it('keeps signed and redacted thoughts, and gives them back as they were', () => {
    const first = answer(
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      delta(0, { type: 'signature_delta', signature: 'signed' }),
      stop(0),
      start(1, { type: 'redacted_thinking', data: 'zzz' }),
      stop(1),
      start(2, { type: 'text', text: '' }),
      delta(2, { type: 'text_delta', text: 'Yes' }),
      stop(2),
      ...stopping('end_turn'),
    )
    expect(sent([user('?'), first, user('And?')])[1]).to.deep.equal({
      role: 'assistant',
      content: [
        { type: 'thinking', signature: 'signed', thinking: 'Hm.' },
        { type: 'redacted_thinking', data: 'zzz' },
        { type: 'text', text: 'Yes' },
      ],
    })
  })

  it('counts what went through the cache as input', () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 7, output_tokens: 1 }
    const message = answer({ type: 'message_start', message: { usage } }, ...stopping('end_turn'))
    expect(message.usage).to.deep.equal({ input: 117, output: 5, cacheRead: 100, cacheWrite: 7 })
  })

  it('reads why the model stopped', () => {
    const found = ['end_turn', 'stop_sequence', 'tool_use', 'max_tokens', 'refusal'].map(
      (reason) => answer(...stopping(reason)).stop,
    )
    expect(found).to.deep.equal(['end', 'end', 'calls', 'length', 'refused'])
  })

  it("passes over what it does not know, and over blocks of the service's own tools", () => {
    const message = answer(
      { type: 'ping' },
      { type: 'invented_later' },
      start(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{}' }),
      start(1, { type: 'text', text: '' }),
      delta(1, { type: 'citations_delta', citation: {} }),
      delta(1, { type: 'text_delta', text: 'Yes' }),
      delta(7, { type: 'text_delta', text: 'nowhere' }),
      ...stopping('end_turn'),
    )
    expect(message.parts).to.deep.equal([{ type: 'text', text: 'Yes' }])
  })

  it('fails for errors in the stream, and without message_stop', () => {
    const failing = (type: string) =>
      code(start(0, { type: 'text', text: 'x' }), { type: 'error', error: { type, message: 'x' } })
    const types = ['overloaded_error', 'api_error', 'rate_limit_error', 'authentication_error', 'request_too_large']
    expect(types.map(failing)).to.deep.equal(['network', 'network', 'rate', 'auth', 'overflow'])
    expect(code(stopping('end_turn')[0]!)).to.equal('network')
  })
})

describe('An Anthropic messages request', () => {
  it('marks the system and the last message for the cache, and lets the roles take turns', () => {
    const messages = [user('One'), user('  '), user('Two')]
    const tools = [{ name: 'read', description: 'Reads.', schema: { type: 'object' } }]
    const cache_control = { type: 'ephemeral' }
    expect(anthropic.body({ model: 'm', system: 'Be good.', messages, tools, maxTokens: 9 }, 'p', true)).to.deep.equal({
      model: 'm',
      max_tokens: 9,
      system: [{ type: 'text', text: 'Be good.', cache_control }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'One' },
            { type: 'text', text: 'Two', cache_control },
          ],
        },
      ],
      tools: [{ name: 'read', description: 'Reads.', input_schema: { type: 'object' } }],
      stream: true,
    })
  })

  it('puts results first, says which failed, and sends no empty text', () => {
    const first = answer(start(0, { type: 'tool_use', id: 'a', name: 'read', input: {} }), ...stopping('tool_use'))
    const result: Message = { role: 'tool', parts: [{ type: 'result', id: 'a', name: 'read', ok: false, text: '' }] }
    const [, asked, answered] = sent([user('?'), first, user('Wait'), result])
    expect(asked).to.deep.equal({
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'a', name: 'read', input: {} }],
    })
    expect(answered).to.deep.equal({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: [], is_error: true },
        { type: 'text', text: 'Wait', cache_control: { type: 'ephemeral' } },
      ],
    })
  })
})

function user(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] }
}

function sent(messages: Message[]): unknown[] {
  return anthropic.body({ model: 'm', system: '', messages, tools: [] }, 'p', false).messages as unknown[]
}
