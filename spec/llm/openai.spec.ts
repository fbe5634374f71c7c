import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import type { AssistantMessage, Message } from '../../lib/core/messages.ts'
import { Assembler, CallIds } from '../../lib/llm/assemble.ts'
import type { Json } from '../../lib/llm/json.ts'
import { openai } from '../../lib/llm/providers/openai.ts'
import type { Voice } from '../../lib/llm/service-error.ts'

const voice: Voice = { name: 'p', keyHint: '', redact: (text) => text }

/** The message that the deltas of a streamed choice make. */
function answer(...chunks: Json[]): AssistantMessage {
  const reader = openai.reader(voice)
  const assembler = new Assembler('p/m', new CallIds())
  const deltas = chunks.flatMap((data) => reader.push(JSON.stringify(data)))
  for (const delta of [...deltas, ...reader.end()]) assembler.push(delta)
  return assembler.message()
}

function chunk(delta: Json, finish: string | null = null): Json {
  return { choices: [{ index: 0, delta, finish_reason: finish }] }
}

function called(...pieces: Json[]): string[] {
  const { parts } = answer(...pieces.map((piece) => chunk({ tool_calls: [piece] })), chunk({}, 'tool_calls'))
  return parts.map((part) => (part.type === 'call' ? `${part.id} ${part.name} ${part.arguments}` : part.type))
}

function failing(...chunks: Json[]): string {
  try {
    answer(...chunks)
    return 'message'
  } catch (error) {
    if (error instanceof Failure) return `${error.code}: ${error.message}`
    throw error
  }
}

const read = (written?: unknown): Json => ({ name: 'read', arguments: written })
const reason = (finish: string, delta: Json = { content: 'x' }) => answer(chunk(delta, finish)).stop

describe('OpenaiReader', () => {
  it('joins the pieces of tool calls however they are marked', () => {
    // By index.
    expect(
      called(
        { index: 0, id: 'a', function: read('{') },
        { index: 1, id: 'b', function: read('') },
        { index: 0, function: { arguments: '}' } },
      ),
    ).to.deep.equal(['a read {}', 'b read {}'])
    // Whole calls, all with index 0.
    expect(
      called({ index: 0, id: 'a', function: read('{}') }, { index: 0, id: 'b', function: read('{"b":1}') }),
    ).to.deep.equal(['a read {}', 'b read {"b":1}'])
    // Whole calls with neither index nor id.
    expect(called({ function: read('{}') }, { function: read('{"b":1}') })).to.deep.equal([
      'call_1 read {}',
      'call_2 read {"b":1}',
    ])
    // Without index: by id, then going on with the last.
    expect(
      called(
        { id: 'a', function: read('{') },
        { id: 'b', function: read('[') },
        { id: 'a', function: { arguments: '}' } },
        { function: { arguments: ']' } },
      ),
    ).to.deep.equal(['a read {}', 'b read []'])
    // The id and the name again with every piece, or empty.
    expect(
      called(
        { index: 0, id: 'a', function: read('{') },
        { index: 0, id: 'a', function: read('}') },
        { index: 0, id: '', function: { name: '', arguments: ' ' } },
      ),
    ).to.deep.equal(['a read {} '])
    // Arguments as an object, as null, and not at all.
    expect(
      called({ id: 'a', function: read({ x: 1 }) }, { id: 'b', function: read(null) }, { id: 'c', function: read() }),
    ).to.deep.equal(['a read {"x":1}', 'b read {}', 'c read {}'])
  })

  it('takes usage from a chunk of its own, from beside the choice, and from inside it', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } }
    const end = chunk({ content: 'x' }, 'stop')
    const counted = { input: 10, output: 3, cacheRead: 4, cacheWrite: 0 }
    expect(answer(end, { choices: [], usage }).usage).to.deep.equal(counted)
    expect(answer({ ...end, usage }).usage).to.deep.equal(counted)
    expect(answer({ choices: [{ delta: {}, finish_reason: 'stop', usage }] }).usage).to.deep.equal(counted)
    expect(answer({ ...end, usage: null }).usage.input).to.equal(0)
  })

  it('keeps thoughts from every field apart from the text', () => {
    for (const field of ['reasoning', 'reasoning_content']) {
      const { parts } = answer(
        chunk({ [field]: 'Hm' }),
        chunk({ content: '', [field]: '.' }),
        chunk({ content: 'Yes' }, 'stop'),
      )
      expect(parts).to.deep.equal([
        { type: 'thought', text: 'Hm.', opaque: { provider: 'p', data: { field } } },
        { type: 'text', text: 'Yes' },
      ])
    }
  })

  it('joins reasoning_details, and gives them back as they were', () => {
    const detail = (item: Json) => chunk({ reasoning: item.text, reasoning_details: [{ index: 0, ...item }] })
    const first = answer(
      detail({ type: 'reasoning.text', text: 'H', format: 'f', signature: null }),
      detail({ type: 'reasoning.text', text: 'm', signature: 'signed' }),
      detail({ type: 'reasoning.encrypted', data: 'zzz' }),
      chunk({ content: 'Yes' }, 'stop'),
    )
    const value = [
      { index: 0, type: 'reasoning.text', text: 'Hm', format: 'f', signature: 'signed' },
      { index: 0, type: 'reasoning.encrypted', data: 'zzz' },
    ]
    expect(first.parts.map(({ type }) => type)).to.deep.equal(['thought', 'text'])
    expect(sent([first])[0]).to.deep.equal({ role: 'assistant', content: 'Yes', reasoning_details: value })
  })

  it('gives thoughts back in the field they came in, and signatures with their call', () => {
    const extra_content = { google: { thought_signature: 'signed' } }
    const call = { id: 'a', function: { name: 'read', arguments: '{}' }, extra_content }
    const first = answer(chunk({ reasoning_content: 'Hm' }), chunk({ tool_calls: [call] }, 'tool_calls'))
    expect(sent([first])[0]).to.deep.equal({
      role: 'assistant',
      content: null,
      reasoning_content: 'Hm',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'read', arguments: '{}' }, extra_content }],
    })
    const content = [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }]
    const second = answer(chunk({ content }), chunk({ content: 'Yes' }, 'stop'))
    expect(sent([second])[0]).to.deep.equal({ role: 'assistant', content: [...content, { type: 'text', text: 'Yes' }] })
  })

  it('reads why the model stopped', () => {
    const call = { tool_calls: [{ index: 0, id: 'a', function: { name: 'read', arguments: '{}' } }] }
    expect(['stop', 'length', 'content_filter', 'eos'].map((finish) => reason(finish))).to.deep.equal([
      'end',
      'length',
      'refused',
      'end',
    ])
    expect([reason('stop', call), reason('tool_calls', call), reason('length', call)]).to.deep.equal([
      'calls',
      'calls',
      'length',
    ])
    expect(reason('stop', { refusal: 'No.' })).to.equal('refused')
  })

  it('fails for errors in the stream, and for what cannot be an answer', () => {
    expect(failing({ error: { message: 'Slow down', code: 429 } })).to.match(/^rate: .*Slow down/)
    expect(failing(chunk({ content: 'x' }), { error: { message: 'Gone', type: 'server_error' } })).to.match(
      /^network: .*Gone/,
    )
    expect(failing({ error: 'model runner has stopped' })).to.match(/^network: .*runner/)
    expect(failing({ choices: [{ error: { message: 'too long', code: 'context_length_exceeded' } }] })).to.match(
      /^overflow/,
    )
    expect(failing(chunk({ content: 'x' }, 'error'))).to.match(/^network/)
    expect(failing(chunk({ content: 'x' }))).to.match(/^network/)
    expect(failing(chunk({ tool_calls: [{ index: 0, id: 'a', function: { arguments: '{}' } }] }, 'stop'))).to.match(
      /^protocol/,
    )
  })

  it('survives fields of the wrong type', () => {
    const odd = [{ choices: 5 }, { choices: [null] }, { choices: [{ delta: [] }] }, { usage: 'x' }]
    const deltas = [
      { content: 7, tool_calls: 'x' },
      { content: [1, { type: 'thinking', thinking: 3 }], reasoning: {} },
    ]
    const { parts } = answer(...odd, ...deltas.map((delta) => chunk(delta as Json)), chunk({ content: 'Fine' }, 'stop'))
    expect(parts).to.deep.equal([{ type: 'text', text: 'Fine' }])
  })
})

describe('A chat completions request', () => {
  it('holds system, tools and messages as the protocol wants them', () => {
    const schema = { type: 'object', properties: { path: { type: 'string' } } }
    const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }]
    const tools = [{ name: 'read', description: 'Reads.', schema }]
    const request = { model: 'm', system: 'Be good.', messages, tools, maxTokens: 9 }
    expect(openai.body(request, 'p', true)).to.deep.equal({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be good.' },
        { role: 'user', content: 'Hello' },
      ],
      tools: [{ type: 'function', function: { name: 'read', description: 'Reads.', parameters: schema } }],
      max_tokens: 9,
      stream: true,
      stream_options: { include_usage: true },
    })
  })
})

function sent(messages: Message[]): unknown[] {
  return openai.body({ model: 'm', system: '', messages, tools: [] }, 'p', false).messages as unknown[]
}
