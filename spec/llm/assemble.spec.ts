import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import type { AssistantMessage, Message } from '../../lib/core/messages.ts'
import { Assembler, CallIds } from '../../lib/llm/assemble.ts'
import type { Delta } from '../../lib/llm/provider.ts'

function assemble(deltas: Delta[], ids = new CallIds()): AssistantMessage {
  const assembler = new Assembler('p/m', ids)
  for (const delta of deltas) assembler.push(delta)
  return assembler.message()
}

describe('Assembler', () => {
  it('folds the pieces of each part, in the order in which the parts began', () => {
    const opaque = { provider: 'p', data: 'signed' }
    const message = assemble([
      { type: 'thought', part: 0, text: 'I ' },
      { type: 'text', part: 1, text: 'Hel' },
      { type: 'thought', part: 0, text: 'think' },
      { type: 'call', part: 2, id: 'a', name: 'read', arguments: '{"a"' },
      { type: 'call', part: 3, id: 'b', name: 'list', arguments: '' },
      { type: 'call', part: 2, arguments: ':1}' },
      { type: 'text', part: 1, text: 'lo' },
      { type: 'thought', part: 0, text: '', opaque },
      { type: 'usage', usage: { input: 7, output: 1 } },
      { type: 'usage', usage: { output: 9 } },
      { type: 'stop', reason: 'calls' },
    ])
    expect(message).to.deep.equal({
      role: 'assistant',
      parts: [
        { type: 'thought', text: 'I think', opaque },
        { type: 'text', text: 'Hello' },
        { type: 'call', id: 'a', name: 'read', arguments: '{"a":1}' },
        { type: 'call', id: 'b', name: 'list', arguments: '{}' },
      ],
      model: 'p/m',
      stop: 'calls',
      usage: { input: 7, output: 9, cacheRead: 0, cacheWrite: 0 },
    })
  })

  it('leaves out parts that say nothing, but for what the service wants back', () => {
    const opaque = { provider: 'p', data: 1 }
    const message = assemble([
      { type: 'text', part: 0, text: '' },
      { type: 'thought', part: 1, text: '', opaque },
      { type: 'stop', reason: 'end' },
    ])
    expect(message.parts).to.deep.equal([{ type: 'thought', text: '', opaque }])
  })

  it('gives calls without an id, and those with one that is taken, an id of their own', () => {
    const ids = new CallIds([assemble([call(0, 'call_2'), stop])] as Message[])
    const first = assemble([call(0), call(1), call(2, 'x'), stop], ids)
    const second = assemble([call(0, 'x'), stop], ids)
    const found = [...first.parts, ...second.parts].map((part) => part.type === 'call' && part.id)
    expect(found).to.deep.equal(['call_1', 'call_3', 'x', 'call_4'])
  })

  it('makes no message of an answer without its end', () => {
    expect(() => assemble([{ type: 'text', part: 0, text: 'Hello' }]))
      .to.throw(Failure)
      .with.property('code', 'protocol')
  })
})

const stop: Delta = { type: 'stop', reason: 'calls' }

function call(part: number, id?: string): Delta {
  return { type: 'call', part, id, name: 'read', arguments: '' }
}
