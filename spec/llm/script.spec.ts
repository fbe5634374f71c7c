import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { callsOf, textOf, type Message } from '../../lib/core/messages.ts'
import { Echo } from '../../lib/llm/providers/echo.ts'
import { Script } from '../../lib/llm/providers/script.ts'
import { failure } from '../support/failures.ts'

const { signal } = new AbortController()
const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })

describe('Script', () => {
  let folder: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'drydock-script-'))
  })

  after(() => rmSync(folder, { recursive: true }))

  function play(text: string, { name = 'script.toml', history = [user('Hello')] as Message[] } = {}) {
    const model = join(folder, name)
    writeFileSync(model, text)
    return new Script().complete({ model, system: '', messages: history, tools: [] }, signal)
  }

  const toml = `
    rate = 2000
    [[turns]]
    thought = "Let me look."
    text = "I will read."
    [[turns.calls]]
    name = "read"
    arguments = { path = "a.js" }
    [[turns.calls]]
    name = "read"
    arguments = "no {json"

    [[turns]]
    text = "Done."

    [[turns]]
    text = "Half an"
    failure = { code = "rate", message = "Slow down.", retry_after_ms = 20 }
  `

  it('gives the turn that comes after the answers there are', async () => {
    const first = await play(toml)
    expect(first.parts.filter(({ type }) => type !== 'call')).to.deep.equal([
      { type: 'thought', text: 'Let me look.' },
      { type: 'text', text: 'I will read.' },
    ])
    expect(callsOf(first).map(({ id, name, arguments: written }) => [id, name, written])).to.deep.equal([
      ['script_1_1', 'read', '{"path":"a.js"}'],
      ['script_1_2', 'read', 'no {json'],
    ])
    const second = await play(toml, { history: [user('Hello'), first, user('And?')] })
    expect([textOf(second), second.stop]).to.deep.equal(['Done.', 'end'])
    const third = await failure(play(toml, { history: [first, second] }))
    expect([third.code, third.message, third.retryAfterMs]).to.deep.equal(['rate', 'Slow down.', 20])
    const over = await failure(play(toml, { history: [first, second, second] }))
    expect([over.code, over.message]).to.deep.equal([
      'protocol',
      `The script ${join(folder, 'script.toml')} has ended: it has 3 answers, all given.`,
    ])
  })

  it('keeps to its rate', async () => {
    const started = performance.now()
    await play('[[turns]]\nrate = 100\ntext = "one two three four five six"')
    expect(performance.now() - started).to.be.within(50, 500)
  })

  it('says what is wrong with a file', async () => {
    const missing = new Script().complete(
      { model: join(folder, 'no.toml'), system: '', messages: [], tools: [] },
      signal,
    )
    expect((await failure(missing)).message).to.match(/^There is no script .*no\.toml\. Name one/)
    const problems = [
      [await failure(play('turns = [')), /:1: this is not TOML/],
      [await failure(play('x = 1')), /no list of "turns"/],
      [await failure(play('[[turns]]\ntxt = "x"')), /turn 1 has "txt"/],
      [await failure(play('[[turns]]\nfailure = { code = "oops" }')), /turn 1 has no code/],
      [await failure(play('[[turns]]\ncalls = [{ arguments = {} }]')), /call of turn 1 has no name/],
      [await failure(play('{', { name: 'script.json' })), /it is no JSON/],
    ] as const
    for (const [{ code, message }, expected] of problems) {
      expect(code).to.equal('protocol')
      expect(message).to.match(expected)
    }
  })
})

describe('Echo', () => {
  it('answers with what the person said last', async () => {
    const messages = [user('One'), user('  Grüße,\n two words ')]
    const answer = await new Echo().complete({ model: 'x', system: '', messages, tools: [] }, signal)
    expect([textOf(answer), answer.stop, answer.model]).to.deep.equal(['  Grüße,\n two words ', 'end', 'echo/x'])
  })
})
