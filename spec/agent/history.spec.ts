import { expect } from 'chai'
import { History, violations } from '../../lib/agent/history.ts'
import { noUsage, type Message } from '../../lib/core/messages.ts'

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })
const calls = (...ids: string[]): Message => ({
  role: 'assistant',
  parts: ids.map((id) => ({ type: 'call', id, name: 'read', arguments: '{}' })),
  model: 'fake/m',
  stop: 'calls',
  usage: { ...noUsage },
})
const results = (...ids: string[]): Message => ({
  role: 'tool',
  parts: ids.map((id) => ({ type: 'result', id, name: 'read', ok: true, text: id })),
})
const lost = (id: string) => ({
  type: 'result' as const,
  id,
  name: 'read',
  ok: false,
  text: 'No result: the session ended before this call did. It may have had effects.',
})

describe('the history', () => {
  const table: [string, Message[], string[]][] = [
    ['is valid when each call is answered', [user('a'), calls('1', '2'), results('1', '2'), user('b')], []],
    ['is not with an open call', [calls('1')], ['message 0 calls (1 read), and the results are ()']],
    [
      'is not with results in another order',
      [calls('1', '2'), results('2', '1')],
      ['message 0 calls (1 read, 2 read), and the results are (2 read, 1 read)'],
    ],
    ['is not with a result to nothing', [user('a'), results('1')], ['message 1 answers no call']],
    ['is not with an empty message', [{ role: 'user', parts: [] }], ['message 0 is empty']],
    [
      'is not with an id used twice',
      [calls('1'), results('1'), calls('1'), results('1')],
      ['call 1 of message 2 has an id that was used before'],
    ],
  ]
  for (const [what, messages, wrong] of table) {
    it(what, () => expect(violations(messages)).to.deep.equal(wrong))
  }

  it('goes on with a whole conversation as it was', () => {
    const messages = [user('a'), calls('1', '2'), results('1', '2'), user('b')]
    expect(new History(messages).messages).to.deep.equal(messages)
  })

  it('closes what the end of a session left open', () => {
    const { messages } = new History([user('a'), calls('1', '2')])
    expect(messages.at(-1)).to.deep.equal({ role: 'tool', parts: [lost('1'), lost('2')] })
  })

  it('mends a damaged conversation, whichever message is missing', () => {
    const whole = [user('a'), calls('1', '2'), results('1', '2'), user('b'), calls('3'), results('3'), user('c')]
    for (let at = 0; at < whole.length; at++) {
      expect(violations(new History(whole.toSpliced(at, 1)).messages)).to.deep.equal([])
    }
  })
})
