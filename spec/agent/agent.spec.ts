import { expect } from 'chai'
import { violations } from '../../lib/agent/history.ts'
import { textOf } from '../../lib/core/messages.ts'
import { Failure } from '../../lib/core/failure.ts'
import { allowAll, callsFor, change, never, rig, says, tool } from './rig.ts'

describe('the agent', () => {
  it('queues prompts that come during a turn and runs them after it, in order', async () => {
    const r = rig({ answers: [says('one'), says('two'), says('three')] })
    for (const text of ['a', 'b', 'c']) r.bus.emit('prompt.submit', { text })
    await r.agent.idle()
    expect(r.of('prompt.queued').map(({ text }) => text)).to.deep.equal(['b', 'c'])
    expect(r.of('turn.started').map(({ turn, prompt }) => [turn, prompt])).to.deep.equal([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ])
    expect(r.names().filter((name) => name.startsWith('turn.'))).to.deep.equal(
      Array.from({ length: 3 }, () => ['turn.started', 'turn.ended']).flat(),
    )
  })

  it('gives a prompt that waits back to who asks for it, and does not start it', async () => {
    const r = rig({ answers: [says('one'), says('two')] })
    for (const text of ['a', 'b', 'c']) r.bus.emit('prompt.submit', { text })
    for (const text of ['b', 'b', 'a']) r.bus.emit('prompt.recall', { text })
    await r.agent.idle()
    expect(r.of('prompt.recalled')).to.deep.equal([{ kind: 'prompt', text: 'b' }])
    expect(r.of('turn.started').map(({ prompt }) => prompt)).to.deep.equal(['a', 'c'])
  })

  it('takes a prompt that is submitted the moment a turn ends', async () => {
    const r = rig({ answers: [says('one'), says('two')] })
    const second = new Promise((resolve) => {
      const hearing = r.bus.on('turn.ended', () => {
        hearing.dispose()
        resolve(r.prompt('next'))
      })
    })
    await r.prompt()
    await second
    expect(r.of('turn.started').map(({ prompt }) => prompt)).to.deep.equal(['go', 'next'])
  })

  it("runs the person's own command as a turn, unasked, and tells the model of it", async () => {
    const shell = tool('shell', 'run', ({ command }, { onOutput }) => {
      onOutput('out\n')
      return { ok: false, text: `ran ${command}\n[exit 1]`, summary: 'exit 1' }
    })
    const r = rig({ tools: [shell], policy: () => ({ ...allowAll, run: 'ask' }) })
    const ended = await r.turn('command.submit', { command: 'false' })
    const note = "I ran this command myself, in the sandbox's shell:\n$ false\n\nran false\n[exit 1]"
    const args = '{"command":"false"}'
    expect(r.heard).to.deep.equal([
      ['turn.started', { turn: 1, kind: 'command', prompt: 'false', at: 1000 }],
      ['tool.started', { turn: 1, id: 'own_1', name: 'shell', summary: args, arguments: args, at: 1000 }],
      ['tool.output', { turn: 1, id: 'own_1', text: 'out\n' }],
      ['tool.ended', { turn: 1, id: 'own_1', ok: false, summary: 'exit 1', text: 'ran false\n[exit 1]', ms: 0 }],
      ['message.added', { turn: 1, message: { role: 'user', parts: [{ type: 'text', text: note }] } }],
      ['checkpoint.kept', { turn: 1, id: 'kept' }],
      ['turn.ended', ended],
    ])
    expect(ended.end).to.equal('done')
    expect(violations(r.history.messages)).to.deep.equal([])
  })

  it('chooses models and modes, and says why not', async () => {
    const r = rig({
      choose: (name) => {
        if (name === 'no/pe') throw new Failure('config', 'There is no such model.')
      },
    })
    r.bus.emit('model.choose', { model: 'a/b' })
    r.bus.emit('model.choose', { model: 'no/pe' })
    r.bus.emit('mode.choose', { mode: 'live' })
    await r.until('app.failed')
    expect(r.heard).to.deep.include.members([
      ['model.chosen', { model: 'a/b' }],
      ['mode.chosen', { mode: 'live' }],
      ['app.failed', { failure: { code: 'config', message: 'There is no such model.' } }],
    ])
    expect(r.heard).to.have.length(3)
  })

  it('applies by hand', async () => {
    const r = rig()
    r.workspace.now = [change('a')]
    r.bus.emit('changes.apply', { selection: { paths: ['a'] } })
    await r.until('changes.applied')
    expect(r.of('changes.applied')).to.deep.equal([
      { report: { applied: ['a'], conflicts: [], refused: [] }, by: 'review' },
    ])
  })

  it('asks about what can run commands outside the sandbox, and applies the others after a no', async () => {
    const r = rig()
    const allowed: (readonly string[])[] = []
    r.workspace.apply = async (_, options) => {
      allowed.push(options?.allowed ?? [])
      return r.workspace.report
    }
    r.workspace.now = [change('a'), { ...change('.envrc'), sensitive: 'Your shell runs it.' }]
    for (const answer of ['no', 'once'] as const) {
      const asked = r.until('approval.asked')
      r.bus.emit('changes.apply', { selection: 'all' })
      const { id, kind, body, shows, choices } = await asked
      expect([kind, body]).to.deep.equal(['project', ['.envrc: Your shell runs it.']])
      expect(shows).to.deep.equal({ kind: 'diff', files: [{ path: '.envrc', hunks: [], note: 'As it is.' }] })
      expect(choices.map((choice) => choice.answer)).to.deep.equal(['once', 'no'])
      const applied = r.until('changes.applied')
      r.bus.emit('approval.answer', { id, answer })
      await applied
    }
    r.bus.emit('changes.apply', { selection: { paths: ['a'] } })
    await r.until('changes.applied')
    expect(allowed).to.deep.equal([[], ['.envrc'], []])
  })

  it('applies nothing where the policy denies it, by whatever way', async () => {
    const write = tool('write', 'write', () => {
      r.workspace.now = [change('a')]
      return { ok: true, text: '', summary: '' }
    })
    const r: ReturnType<typeof rig> = rig({
      policy: () => ({ ...allowAll, project: 'deny' }),
      mode: 'turn',
      tools: [write],
      answers: [callsFor(['c1', 'write', {}])],
    })
    expect((await r.prompt()).failure?.code).to.equal('policy')
    for (const act of [
      () => r.bus.emit('changes.apply', { selection: 'all' }),
      () => r.bus.emit('mode.choose', { mode: 'live' }),
    ]) {
      const failed = r.until('app.failed')
      act()
      expect((await failed).failure.code).to.equal('policy')
    }
    expect(r.workspace.acts).to.deep.equal(['checkpoint'])
  })

  it('fails a turn whose workspace takes too much of the disk, once what it did is kept', async () => {
    const write = tool('write', 'write', () => ({ ok: true, text: 'written', summary: '' }))
    const r = rig({ tools: [write], answers: [callsFor(['c1', 'write', {}]), says('done')] })
    r.workspace.full = new Failure('disk', 'It takes too much.')
    expect(await r.prompt()).to.deep.include({
      end: 'failed',
      failure: { code: 'disk', message: 'It takes too much.' },
    })
    expect(r.of('checkpoint.kept')).to.deep.equal([{ turn: 1, id: 'kept' }])
  })

  it('discards after a yes, and not after a no', async () => {
    const r = rig()
    r.workspace.now = [change('a'), change('b')]
    const discarded = r.until('changes.discarded')
    for (const answer of ['no', 'once'] as const) {
      const asked = r.until('approval.asked')
      r.bus.emit('changes.discard', { selection: 'all' })
      const question = await asked
      expect([question.kind, question.body, question.choices.map((choice) => choice.answer)]).to.deep.equal([
        'discard',
        ['a', 'b'],
        ['once', 'no'],
      ])
      r.bus.emit('approval.answer', { id: question.id, answer })
    }
    await discarded
    expect(r.of('approval.settled').map(({ answer }) => answer)).to.deep.equal(['no', 'once'])
    expect(r.workspace.acts).to.deep.equal(['discard a b'])
    expect(r.of('changes.discarded')).to.deep.equal([{ paths: ['a', 'b'], checkpoint: 'kept' }])
  })

  it('says that the bench failed where an act outside a turn needs it', async () => {
    const r = rig({
      bench: async () => {
        throw new Failure('engine', 'No engine answers.')
      },
    })
    const failed = r.until('app.failed')
    r.bus.emit('changes.apply', { selection: 'all' })
    expect(await failed).to.deep.equal({ failure: { code: 'engine', message: 'No engine answers.' } })
  })

  it('goes on with a conversation of before', async () => {
    const first = rig({ answers: [callsFor(['c1', 'x', {}])] })
    await first.prompt()
    const { History } = await import('../../lib/agent/history.ts')
    const r = rig({ history: new History(first.history.messages), answers: [callsFor(['c1', 'x', {}])] })
    await r.prompt('more')
    expect(violations(r.history.messages)).to.deep.equal([])
    expect(textOf(r.provider.requests[0]!.messages[0]!)).to.equal('go')
  })

  it('cancels, forgets the queue and hears nothing more once disposed', async () => {
    const hang = tool('hang', 'run', (_, { signal }) =>
      Promise.race([
        never<never>(),
        new Promise<never>((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
      ]),
    )
    const r = rig({ answers: [callsFor(['c1', 'hang', {}])], tools: [hang] })
    const started = r.until('tool.started')
    const ended = r.prompt()
    r.bus.emit('prompt.submit', { text: 'queued' })
    await started
    await r.agent.dispose()
    expect((await ended).end).to.equal('cancelled')
    r.bus.emit('prompt.submit', { text: 'unheard' })
    expect(r.of('turn.started')).to.have.length(1)
  })
})
