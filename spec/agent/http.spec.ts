import { expect } from 'chai'
import { violations } from '../../lib/agent/history.ts'
import type { ProviderConfig, Protocol } from '../../lib/config/schema.ts'
import { resolveModel } from '../../lib/llm/connect.ts'
import { Http } from '../../lib/llm/http.ts'
import { failing, startModelServer, type Answer, type ModelServer } from '../support/model-server.ts'
import { rig, tool, type Rig, type RigOptions } from './rig.ts'

for (const protocol of ['openai', 'anthropic'] satisfies Protocol[]) {
  describe(`the agent with a served model (${protocol})`, () => {
    let http: Http
    let server: ModelServer
    beforeEach(() => void (http = new Http()))
    afterEach(async () => {
      await server.close()
      await http.dispose()
    })

    const read = tool('read', 'read', ({ path }) => ({ ok: true, text: `content of ${path}`, summary: '1 line' }))
    const online = tool('online', 'network', () => ({ ok: true, text: 'fetched', summary: 'ok' }))

    async function served(respond: (index: number) => Answer, options: RigOptions = {}): Promise<Rig> {
      server = await startModelServer({ respond: (_, index) => respond(index) })
      const settings: ProviderConfig = { protocol, base_url: server.url, key_required: false, headers: {}, models: {} }
      const config = { providers: { served: settings } }
      const model = resolveModel('served/m', { config, keyOf: () => undefined, http })
      return rig({ tools: [read, online], model: { ...model, name: 'served/m' }, ...options })
    }

    const answers: Answer[] = [
      {
        thought: 'Let me see.',
        text: 'I look at both.',
        calls: [
          { name: 'read', arguments: { path: 'a' } },
          { name: 'read', arguments: '{"path": ' },
        ],
      },
      { text: 'That was all.' },
    ]

    it('runs the calls and sends each result back', async () => {
      const r = await served((index) => answers[index]!)
      expect((await r.prompt('look')).end).to.equal('done')
      expect(violations(r.history.messages)).to.deep.equal([])
      expect(
        r
          .of('text.delta')
          .map(({ kind, text }) => (kind === 'text' ? text : ''))
          .join(''),
      ).to.equal('I look at both.That was all.')
      expect(r.of('tool.ended').map(({ ok, summary }) => [ok, summary])).to.deep.equal([
        [true, '1 line'],
        [false, 'bad arguments'],
      ])
      const sent = JSON.stringify(server.requests[1]!.body)
      expect(sent).to.contain('content of a')
      for (const { id } of r.of('tool.ended')) expect(sent.split(JSON.stringify(id))).to.have.length(3)
    })

    it('is cancelled in the middle of the text: over within 200 ms, the connection closed, and goes on after it', async () => {
      const r = await served((index) =>
        index === 0 ? { text: 'one two three four five six', ending: 'hang', pieces: 6 } : { text: 'Well.' },
      )
      const spoke = r.until('text.delta')
      const ended = r.prompt()
      await spoke
      const start = performance.now()
      r.bus.emit('turn.cancel', {})
      expect((await ended).end).to.equal('cancelled')
      expect(performance.now() - start).to.be.below(200)
      expect(await server.requests[0]!.closed).to.equal(false)
      expect((await r.prompt('and now?')).end).to.equal('done')
      expect(violations(r.history.messages)).to.deep.equal([])
      expect(JSON.stringify(server.requests[1]!.body.messages)).to.contain('one')
    })

    it('is cancelled before the service says a word', async () => {
      const r = await served((index) => (index === 0 ? 'hang' : { text: 'Well.' }))
      const ended = r.prompt()
      const { closed } = await server.nextRequest()
      r.bus.emit('turn.cancel', {})
      expect((await ended).end).to.equal('cancelled')
      expect(await closed).to.equal(false)
      expect((await r.prompt()).end).to.equal('done')
    })

    it('is cancelled while an approval waits, and the service takes the history afterwards', async () => {
      const r = await served((index) =>
        index === 0 ? { text: 'I fetch.', calls: [{ name: 'online', arguments: {} }] } : { text: 'Well.' },
      )
      const asked = r.until('approval.asked')
      const ended = r.prompt()
      await asked
      r.bus.emit('turn.cancel', {})
      expect((await ended).end).to.equal('cancelled')
      expect((await r.prompt()).end).to.equal('done')
      expect(JSON.stringify(server.requests[1]!.body)).to.contain('the person cancelled the turn')
    })

    it('waits as the service asks, tries again, and says so', async () => {
      const r = await served((index) =>
        index === 0 ? failing(429, 'slow down', { 'retry-after': '0' }) : { text: 'Well.' },
      )
      expect((await r.prompt()).end).to.equal('done')
      expect(r.of('turn.retrying').map(({ attempt }) => attempt)).to.deep.equal([2])
    })

    const failures: [string, Answer, string][] = [
      ['a bad key', failing(401, 'invalid key'), 'auth'],
      ['an answer that breaks off', { text: 'one two three four', ending: 'cut', pieces: 5 }, 'network'],
    ]
    for (const [what, answer, code] of failures) {
      it(`fails with "${code}": ${what}`, async () => {
        const r = await served((index) => (index === 0 ? answer : { text: 'Well.' }))
        const { end, failure } = await r.prompt()
        expect([end, failure?.code]).to.deep.equal(['failed', code])
        expect(violations(r.history.messages)).to.deep.equal([])
        expect((await r.prompt()).end).to.equal('done')
      })
    }
  })
}
