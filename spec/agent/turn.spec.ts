import { expect } from 'chai'
import { violations } from '../../lib/agent/history.ts'
import { Failure } from '../../lib/core/failure.ts'
import type { Delta } from '../../lib/llm/provider.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { change, callsFor, rig, says, tool, type Rig } from './rig.ts'

const read = tool('read', 'read', ({ path }) => ({ ok: true, text: `content of ${path}`, summary: '1 line' }))
const writer = (r: () => Rig) =>
  tool('write', 'write', ({ path }) => {
    r().workspace.now = [...r().workspace.now, change(String(path))]
    return { ok: true, text: 'written', summary: '+1' }
  })

// oxlint-disable-next-line require-yield -- it fails before it says anything
async function* busy(): AsyncGenerator<Delta> {
  throw new Failure('rate', 'Too many requests.', { retryAfterMs: 1 })
}

async function* broken(): AsyncGenerator<Delta> {
  yield { type: 'text', part: 0, text: 'half' }
  throw new Failure('network', 'It broke off.')
}

function sandboxThat(stat: () => Promise<unknown>): Sandbox {
  return { files: { stat } } as unknown as Sandbox
}

/** A turn that writes, reads and applies. */
function worker(append?: () => void): Rig {
  const r: Rig = rig({
    answers: [callsFor(['c1', 'write', { path: 'a' }], ['c2', 'read', {}]), says('done')],
    tools: [read, writer(() => r)],
    append,
    mode: 'turn',
  })
  return r
}

describe('a turn', () => {
  it('streams an answer, keeps it and counts it', async () => {
    const r = rig({ answers: [says('hello')], model: { contextLimit: 100, price: { input: 1, output: 2 } } })
    await r.prompt('hi')
    const usage = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 }
    expect(r.heard).to.deep.equal([
      ['turn.started', { turn: 1, kind: 'prompt', prompt: 'hi', at: 1000 }],
      ['message.added', { turn: 1, message: { role: 'user', parts: [{ type: 'text', text: 'hi' }] } }],
      ['text.delta', { turn: 1, kind: 'text', text: 'hello' }],
      ['usage.counted', { turn: 1, usage, contextTokens: 15, contextLimit: 100, costUsd: 0.00002, at: 1000, ms: 0 }],
      [
        'message.added',
        {
          turn: 1,
          message: { role: 'assistant', parts: [{ type: 'text', text: 'hello' }], model: 'fake/m', stop: 'end', usage },
        },
      ],
      ['turn.ended', { turn: 1, end: 'done', ms: 0, at: 1000 }],
    ])
  })

  it('asks for the answer with the system prompt, the whole history and the tools', async () => {
    const r = rig({ answers: [callsFor(['c1', 'read', { path: 'a' }]), says('done')], tools: [read] })
    await r.prompt('look')
    expect(r.provider.requests).to.have.length(2)
    expect(r.provider.requests[1]).to.deep.equal({
      model: 'm',
      system: 'system',
      tools: [{ name: 'read', description: 'The tool read.', schema: { type: 'object' } }],
      messages: r.history.messages.slice(0, 3),
    })
  })

  it('runs the calls of one answer in their order and answers each', async () => {
    const calls = callsFor(
      ['c1', 'read', { path: 'a' }],
      ['c2', 'nope', {}],
      ['c3', 'read', '{"path"'],
      ['c4', 'read', {}],
    )
    const r = rig({ answers: [calls, says('done')], tools: [read] })
    await r.prompt()
    expect(
      r.heard
        .filter(([name]) => name.startsWith('tool.'))
        .map(([name, fact]) => `${name} ${(fact as { id: string }).id}`),
    ).to.deep.equal([
      'tool.started c1',
      'tool.ended c1',
      'tool.started c2',
      'tool.ended c2',
      'tool.started c3',
      'tool.ended c3',
      'tool.started c4',
      'tool.ended c4',
    ])
    const results = r.history.messages[2]!
    expect(results.parts.map((part) => (part.type === 'result' ? [part.id, part.name, part.ok] : []))).to.deep.equal([
      ['c1', 'read', true],
      ['c2', 'nope', false],
      ['c3', 'read', false],
      ['c4', 'read', true],
    ])
    expect(r.of('tool.ended').map(({ summary }) => summary)).to.deep.equal([
      '1 line',
      'unknown tool',
      'bad arguments',
      '1 line',
    ])
    expect(violations(r.history.messages)).to.deep.equal([])
  })

  it('passes output on, and not what comes after the end of the turn', async () => {
    let late: ((text: string) => void) | undefined
    const noisy = tool('noisy', 'run', (_, { onOutput }) => {
      onOutput('one')
      late = onOutput
      return new Promise(() => {})
    })
    const r = rig({ answers: [callsFor(['c1', 'noisy', {}])], tools: [noisy] })
    const ended = r.prompt()
    await r.until('tool.output')
    r.bus.emit('turn.cancel', {})
    await ended
    late!('two')
    expect(r.of('tool.output')).to.deep.equal([{ turn: 1, id: 'c1', text: 'one' }])
    expect(r.of('tool.ended')).to.deep.equal([
      { turn: 1, id: 'c1', ok: false, summary: 'cancelled', text: 'Cancelled.', ms: 0 },
    ])
  }).timeout(8000)

  it('tells of changes once for each that there is, keeps a checkpoint, and applies nothing by itself', async () => {
    const r: Rig = rig({
      answers: [callsFor(['c1', 'write', { path: 'a' }]), callsFor(['c2', 'read', {}]), says('done')],
      tools: [read, writer(() => r)],
    })
    await r.prompt()
    expect(r.of('workspace.changed')).to.deep.equal([{ changes: [change('a')] }])
    expect(r.workspace.acts).to.deep.equal(['checkpoint'])
    expect(r.of('checkpoint.kept')).to.deep.equal([{ turn: 1, id: 'kept' }])
  })

  it('applies all at its end in the mode "turn"', async () => {
    const r: Rig = rig({
      answers: [callsFor(['c1', 'write', { path: 'a' }], ['c2', 'write', { path: 'b' }]), says('done')],
      tools: [writer(() => r)],
      mode: 'turn',
    })
    await r.prompt()
    expect(r.workspace.acts).to.deep.equal(['apply a b', 'checkpoint'])
    expect(r.names().slice(-5)).to.deep.equal([
      'message.added',
      'changes.applied',
      'workspace.changed',
      'checkpoint.kept',
      'turn.ended',
    ])
    expect(r.of('changes.applied')).to.deep.equal([
      { report: { applied: ['a', 'b'], conflicts: [], refused: [] }, by: 'turn' },
    ])
  })

  for (const mode of ['turn', 'live'] as const)
    it(`applies nothing by itself in the mode "${mode}" once a sandbox was lost, until the person has decided`, async () => {
      let sandbox = sandboxThat(async () => {
        throw new Failure('sandbox', 'gone')
      })
      const edits = ['a', 'b', 'c'].map((path) => callsFor([`c-${path}`, 'write', { path }]))
      const r: Rig = rig({
        // Live, the turn fails with its call.
        answers: edits.flatMap((edit, index) => (mode === 'live' && index < 2 ? [edit] : [edit, says('done')])),
        tools: [writer(() => r)],
        mode,
        bench: async () => ({ sandbox, workspace: r.workspace }),
      })
      for (let turns = 0; turns < 2; turns++) {
        const end = await r.prompt()
        sandbox = sandboxThat(async () => ({ type: 'directory' }))
        expect(end.end).to.equal('failed')
        expect(end.failure?.code).to.equal('sandbox')
        expect(end.failure?.message).to.match(/^Nothing was applied: the sandbox went away/)
      }
      expect(r.workspace.acts).to.deep.equal(['checkpoint', 'checkpoint'])
      const applied = r.until('changes.applied')
      r.bus.emit('changes.apply', { selection: 'all' })
      await applied
      r.workspace.acts.length = 0
      expect((await r.prompt()).end).to.equal('done')
      expect(r.workspace.acts).to.deep.equal(['apply c', 'checkpoint'])
    })

  it('says that something is at work before it is, and that all has ended, where nothing runs on', async () => {
    const r = worker()
    await r.prompt()
    expect(r.workspace.said).to.deep.equal([true, false])
    const again: Rig = rig({
      answers: [callsFor(['c', 'write', { path: 'a' }]), says('done')],
      tools: [writer(() => again)],
    })
    again.bus.emit('jobs.changed', { jobs: [{ id: '1', command: 'serve', processes: [] }] })
    await again.prompt()
    expect(again.workspace.said).to.deep.equal([true])
  })

  it('applies after each call in the mode "live", and says what stands against it once', async () => {
    const r: Rig = rig({
      answers: [callsFor(['c1', 'write', { path: 'a' }], ['c2', 'write', { path: 'b' }]), says('done')],
      tools: [writer(() => r)],
    })
    const conflict = { applied: [], conflicts: [{ path: 'x', reason: 'both changed' }], refused: [] }
    r.workspace.apply = async () => {
      r.workspace.acts.push('apply')
      return conflict
    }
    r.bus.emit('mode.choose', { mode: 'live' })
    await r.prompt()
    expect(r.workspace.acts).to.deep.equal(['apply', 'apply', 'apply', 'checkpoint'])
    expect(r.of('changes.applied')).to.deep.equal([{ report: conflict, by: 'live' }])
  })

  it('tells the model where its answer was cut in a call, and runs only what was whole', async () => {
    const cut: Delta[] = [
      { type: 'call', part: 0, id: 'c1', name: 'read', arguments: '{"path":"a"}' },
      { type: 'call', part: 1, id: 'c2', name: 'read', arguments: '' },
      { type: 'stop', reason: 'length' },
    ]
    const r = rig({ answers: [cut, says('done')], tools: [read] })
    expect((await r.prompt()).end).to.equal('done')
    expect(r.of('tool.ended').map(({ id, summary }) => [id, summary])).to.deep.equal([
      ['c1', '1 line'],
      ['c2', 'cut short'],
    ])
    expect(violations(r.history.messages)).to.deep.equal([])
  })

  it('tries again where the service asks for it, and says so', async () => {
    const r = rig({ answers: [busy, busy, says('hello')] })
    expect((await r.prompt()).end).to.equal('done')
    expect(r.of('turn.retrying')).to.deep.equal([
      { turn: 1, attempt: 2, inMs: 1, reason: 'Too many requests.' },
      { turn: 1, attempt: 3, inMs: 1, reason: 'Too many requests.' },
    ])
  })

  describe('ends', () => {
    const table: [string, Delta[] | typeof broken, string, string][] = [
      [
        'limit, cut in its text',
        [
          { type: 'text', part: 0, text: 'a' },
          { type: 'stop', reason: 'length' },
        ],
        'limit',
        'limit',
      ],
      [
        'failed, refused',
        [
          { type: 'text', part: 0, text: 'no' },
          { type: 'stop', reason: 'refused' },
        ],
        'failed',
        'refused',
      ],
      ['failed, nothing said', [{ type: 'stop', reason: 'end' }], 'failed', 'protocol'],
      ['failed, without an end', [{ type: 'text', part: 0, text: 'a' }], 'failed', 'protocol'],
      ['failed, broken off', broken, 'failed', 'network'],
    ]
    for (const [what, answer, end, code] of table) {
      it(what, async () => {
        const r = rig({ answers: [answer] })
        const ended = await r.prompt()
        expect([ended.end, ended.failure?.code]).to.deep.equal([end, code])
        expect(violations(r.history.messages)).to.deep.equal([])
        expect((await r.prompt()).end).to.equal('done')
      })
    }

    it('limit: model calls', async () => {
      const calls = [1, 2, 3].map((n) => callsFor([`c${n}`, 'read', {}]))
      const r = rig({ answers: calls, tools: [read], limits: () => ({ steps: 2, seconds: 0, cost: 0 }) })
      const { end, failure } = await r.prompt()
      expect([end, failure?.code, r.provider.requests.length]).to.deep.equal(['limit', 'limit', 2])
      expect(violations(r.history.messages)).to.deep.equal([])
    })

    it('limit: cost, with every call answered', async () => {
      const dear: Delta[] = [{ type: 'usage', usage: { input: 1e6, output: 0 } }, ...callsFor(['c1', 'read', {}])]
      const r = rig({
        answers: [dear],
        tools: [read],
        limits: () => ({ steps: 9, seconds: 0, cost: 2 }),
        model: { price: { input: 3, output: 0 } },
      })
      const { end, failure } = await r.prompt()
      expect([end, failure?.message]).to.deep.equal([
        'limit',
        'The turn has cost $3.0000, its limit is $2. Send a prompt to go on.',
      ])
      expect(r.of('tool.started')).to.deep.equal([])
      expect(violations(r.history.messages)).to.deep.equal([])
    })

    it('failed: a cost limit for a model without a price', async () => {
      const r = rig({ limits: () => ({ steps: 9, seconds: 0, cost: 2 }) })
      expect((await r.prompt()).failure?.code).to.equal('config')
    })

    it('limit: seconds, though a tool hangs', async () => {
      const hanging = tool(
        'hang',
        'run',
        (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error))
          }),
      )
      const r = rig({
        answers: [callsFor(['c1', 'hang', {}])],
        tools: [hanging],
        limits: () => ({ steps: 9, seconds: 0.02, cost: 0 }),
      })
      const { end, failure } = await r.prompt()
      expect([end, failure?.code]).to.deep.equal(['limit', 'limit'])
      expect(violations(r.history.messages)).to.deep.equal([])
      await r.agent.idle()
    })

    it('failed: the bench cannot be made', async () => {
      const r = rig({
        answers: [callsFor(['c1', 'read', {}])],
        tools: [read],
        bench: async () => {
          throw new Failure('engine', 'No engine answers. Install Docker.')
        },
      })
      const { end, failure } = await r.prompt()
      expect([end, failure]).to.deep.equal([
        'failed',
        { code: 'engine', message: 'No engine answers. Install Docker.' },
      ])
      expect(r.of('tool.ended').map(({ text }) => text)).to.deep.equal(['No engine answers. Install Docker.'])
      expect(violations(r.history.messages)).to.deep.equal([])
    })

    it('failed: a defect in a tool', async () => {
      const r = rig({
        answers: [callsFor(['c1', 'bad', {}], ['c2', 'bad', {}])],
        tools: [
          tool('bad', 'read', () => {
            throw new TypeError('x is not a function')
          }),
        ],
      })
      expect((await r.prompt()).failure).to.deep.equal({ code: 'defect', message: 'x is not a function' })
      expect(violations(r.history.messages)).to.deep.equal([])
    })
  })

  it('ends failed at whichever fact the log cannot keep, nobody having heard it, and the next turn works', async () => {
    const whole = worker()
    await whole.prompt()
    const count = whole.heard.length
    for (let at = 0; at < count; at++) {
      let appended = 0
      const r = worker(() => {
        if (appended++ === at) throw new Failure('disk', 'The disk is full.')
      })
      const { end, failure } = await r.prompt()
      expect([at, end, failure]).to.deep.equal([at, 'failed', { code: 'disk', message: 'The disk is full.' }])
      expect(r.names().slice(0, at)).to.deep.equal(whole.names().slice(0, at))
      expect(violations(r.history.messages), `history after fact ${at}`).to.deep.equal([])
      await r.prompt('again')
      expect(violations(r.history.messages), `history after the turn after fact ${at}`).to.deep.equal([])
    }
  })

  it('says that the log failed although the log goes on failing', async () => {
    const r = rig({
      append: () => {
        throw new Failure('disk', 'The disk is full.')
      },
    })
    await r.prompt()
    expect(r.heard).to.deep.equal([
      [
        'turn.ended',
        { turn: 1, end: 'failed', failure: { code: 'disk', message: 'The disk is full.' }, ms: 0, at: 1000 },
      ],
    ])
  })
})
