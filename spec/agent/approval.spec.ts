import { expect } from 'chai'
import { askPerson, grantedAhead, type Answerer } from '../../lib/agent/answerers.ts'
import { Approvals, type Asking } from '../../lib/agent/approval.ts'
import { violations } from '../../lib/agent/history.ts'
import type { Verdict } from '../../lib/config/schema.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Answer, Events, Question, QuestionKind, Risk } from '../../lib/core/events.ts'
import { Failure } from '../../lib/core/failure.ts'
import { allowAll, callsFor, rig, says, tool } from './rig.ts'

const asking = (kind: QuestionKind, subject: string): Asking => ({
  kind,
  subject,
  title: `${kind}?`,
  body: ['it'],
  choices: [
    { key: 'y', answer: 'once', label: 'once' },
    { key: 's', answer: 'session', label: 'session' },
    { key: 'p', answer: 'project', label: 'project' },
    { key: 'a', answer: 'always', label: 'always' },
    { key: 'n', answer: 'no', label: 'no' },
  ],
})

const untitled = (kind: QuestionKind): Question => ({ id: '1', kind, title: 'May it?', body: [], choices: [] })

function approvals({
  answers = [] as (Answer | { answer: Answer; remark: string })[],
  policy = {} as Partial<Record<Risk, Verdict>>,
  remember = (_risk: Risk): void => {},
} = {}) {
  const bus = new Bus((error) => {
    throw error
  })
  const heard: unknown[] = []
  bus.onAny((name, payload) => void heard.push([name, payload]))
  bus.on('approval.asked', ({ id }) => {
    const next = answers.shift()
    if (next) bus.emit('approval.answer', typeof next === 'string' ? { id, answer: next } : { id, ...next })
  })
  const made = new Approvals({
    publish: (name, payload) => bus.emit(name, payload as Events[typeof name]),
    answerer: askPerson(bus),
    policy: () => ({ ...allowAll, ...policy }),
    remember,
  })
  const asked = () => heard.filter((entry) => (entry as [string])[0] === 'approval.asked').length
  return { bus, heard, asked, approvals: made, signal: new AbortController().signal }
}

describe('approvals', () => {
  it('ask, wait for the answer to that question, and say what it was', async () => {
    const { approvals: made, bus, heard, signal } = approvals()
    const reply = made.ask(asking('network', 'npm'), signal)
    const { id } = await new Promise<Question>((resolve) => bus.on('approval.asked', resolve))
    bus.emit('approval.answer', { id: 'another', answer: 'once' })
    bus.emit('approval.answer', { id, answer: 'no', remark: 'use yarn' })
    expect(await reply).to.deep.equal({ answer: 'no', remark: 'use yarn' })
    const { subject: _, ...question } = asking('network', 'npm')
    expect(heard).to.deep.equal([
      ['approval.asked', { id: 'approval_1', ...question }],
      ['approval.answer', { id: 'another', answer: 'once' }],
      ['approval.answer', { id, answer: 'no', remark: 'use yarn' }],
      ['approval.settled', { id, answer: 'no' }],
    ])
  })

  it('take only answers that were on offer', async () => {
    const { approvals: made, bus, signal } = approvals({ answers: ['always', 'no'] })
    const question = { ...asking('discard', ''), choices: asking('discard', '').choices.slice(4) }
    const reply = made.ask(question, signal)
    const { id } = await new Promise<Question>((resolve) => bus.on('approval.asked', resolve))
    bus.emit('approval.answer', { id, answer: 'no' })
    expect((await reply).answer).to.equal('no')
  })

  const repeats: [Answer, number][] = [
    ['once', 3],
    ['no', 3],
    ['session', 1],
    ['project', 1],
    ['always', 1],
  ]
  for (const [answer, times] of repeats) {
    it(`ask three times over: ${times} question${times > 1 ? 's' : ''} after "${answer}"`, async () => {
      const { approvals: made, asked, signal } = approvals({ answers: [answer, answer, answer] })
      for (let n = 0; n < 3; n++) await made.ask(asking('network', 'npm'), signal)
      expect(asked()).to.equal(times)
    })
  }

  it('remember a yes for its kind and subject alone', async () => {
    const { approvals: made, asked, signal } = approvals({ answers: ['session', 'no', 'no'] })
    expect((await made.ask(asking('trust', 'hash 1'), signal)).answer).to.equal('session')
    expect((await made.ask(asking('trust', 'hash 2'), signal)).answer).to.equal('no')
    expect((await made.ask(asking('image', 'hash 1'), signal)).answer).to.equal('no')
    expect(asked()).to.equal(3)
  })

  it('are all heard of at once, but for those about the same: one that was answered meanwhile is not asked', async () => {
    const { approvals: made, bus, asked, signal } = approvals()
    const waiting: string[] = []
    bus.on('approval.asked', ({ id }) => void waiting.push(id))
    const replies = Promise.all(['a', 'b', 'a'].map((subject) => made.ask(asking('run', subject), signal)))
    await new Promise((resolve) => setImmediate(resolve))
    expect(waiting).to.deep.equal(['approval_1', 'approval_2'])
    for (const id of waiting.toReversed()) bus.emit('approval.answer', { id, answer: 'session' })
    expect((await replies).map(({ answer }) => answer)).to.deep.equal(['session', 'session', 'session'])
    expect(asked()).to.equal(2)
  })

  it('are withdrawn by an abort, in line too, and the next is asked', async () => {
    const { approvals: made, heard, signal } = approvals()
    const controller = new AbortController()
    const waiting = [made.ask(asking('run', 'a'), controller.signal), made.ask(asking('run', 'a'), controller.signal)]
    await Promise.resolve()
    controller.abort()
    const ends = await Promise.allSettled(waiting)
    expect(ends.map((end) => end.status === 'rejected' && end.reason === controller.signal.reason)).to.deep.equal([
      true,
      true,
    ])
    const next = new AbortController()
    const third = made.ask(asking('run', 'c'), AbortSignal.any([signal, next.signal]))
    await new Promise((resolve) => setImmediate(resolve))
    next.abort()
    await third.catch(() => {})
    expect(heard.map((entry) => [(entry as [string])[0], (entry as [string, { id: string }])[1].id])).to.deep.equal([
      ['approval.asked', 'approval_1'],
      ['approval.settled', 'approval_1'],
      ['approval.asked', 'approval_2'],
      ['approval.settled', 'approval_2'],
    ])
  })

  it('keep "always" to a risk in the policy, and say so where that fails', async () => {
    const kept: string[] = []
    const good = approvals({ answers: ['always', 'always', 'always'], remember: (risk) => void kept.push(risk) })
    for (const kind of ['network', 'trust', 'image'] as const) await good.approvals.ask(asking(kind, 'x'), good.signal)
    expect(kept).to.deep.equal(['network'])
    const bad = approvals({
      answers: ['always'],
      remember: () => {
        throw new Failure('disk', 'It cannot be written.')
      },
    })
    expect((await bad.approvals.ask(asking('network', 'npm'), bad.signal)).answer).to.equal('always')
    expect(bad.heard.at(-1)).to.deep.equal([
      'app.failed',
      { failure: { code: 'disk', message: 'It cannot be written.' } },
    ])
  })

  const table: [Verdict, Answer, object, number][] = [
    ['allow', 'no', { allowed: true }, 0],
    ['ask', 'once', { allowed: true }, 1],
    ['ask', 'session', { allowed: true }, 1],
    ['ask', 'no', { allowed: false, reason: 'the person said no.' }, 1],
    ['deny', 'once', { allowed: false, reason: 'the policy denies it (policy.run = "deny").' }, 0],
  ]
  for (const [verdict, answer, permission, times] of table) {
    it(`policy "${verdict}", answer "${answer}": ${JSON.stringify(permission)}`, async () => {
      const { approvals: made, asked, signal } = approvals({ answers: [answer], policy: { run: verdict } })
      const question = { kind: 'run' as const, subject: 'shell', title: '?', body: [] }
      expect(await made.permit(question, signal)).to.deep.equal(permission)
      expect(asked()).to.equal(times)
    })
  }

  it('never let a remembered yes mend a "deny"', async () => {
    const policy: Partial<Record<Risk, Verdict>> = { run: 'ask' }
    const { approvals: made, signal } = approvals({ answers: ['session'], policy })
    await made.permit({ kind: 'run', subject: 'shell', title: '?', body: [] }, signal)
    expect(made.decide('run', 'shell')).to.equal('allow')
    policy.run = 'deny'
    expect(made.decide('run', 'shell')).to.equal('deny')
  })

  it('where nobody can answer: only what was granted ahead', async () => {
    const answerer: Answerer = grantedAhead(['network'])
    const { signal } = new AbortController()
    expect(await answerer(untitled('network'), signal)).to.deep.equal({ answer: 'once' })
    for (const [kind, message] of [
      ['project', 'Nobody is here to answer "May it?". Grant it ahead with --allow project.'],
      ['trust', 'Nobody is here to answer "May it?". Open the project with `agent` once and answer there.'],
    ] as const) {
      const failure = await answerer(untitled(kind), signal).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(Failure)
      expect({ ...(failure as Failure), message: (failure as Failure).message }).to.include({ code: 'denied', message })
    }
  })

  describe('in a turn', () => {
    const online = tool('online', 'network', () => ({ ok: true, text: 'fetched', summary: 'ok' }))

    it('ask once for two calls after "session", and show the whole command', async () => {
      const r = rig({
        answers: [callsFor(['c1', 'online', { u: 1 }], ['c2', 'online', { u: 2 }]), says('done')],
        tools: [online],
      })
      r.bus.on('approval.asked', ({ id }) => r.bus.emit('approval.answer', { id, answer: 'session' }))
      await r.prompt()
      expect(r.of('approval.asked').map(({ kind, body, call }) => ({ kind, body, call }))).to.deep.equal([
        {
          kind: 'network',
          body: ['{"u":1}'],
          call: { id: 'c1', name: 'online', summary: '{"u":1}', arguments: '{"u":1}' },
        },
      ])
      expect(r.of('tool.ended').map(({ ok }) => ok)).to.deep.equal([true, true])
    })

    it('tell the model of a no, with the remark', async () => {
      const r = rig({ answers: [callsFor(['c1', 'online', {}]), says('done')], tools: [online] })
      r.bus.on('approval.asked', ({ id }) =>
        r.bus.emit('approval.answer', { id, answer: 'no', remark: 'offline please' }),
      )
      expect((await r.prompt()).end).to.equal('done')
      expect(r.history.messages[2]!.parts).to.deep.equal([
        {
          type: 'result',
          id: 'c1',
          name: 'online',
          ok: false,
          text: 'This call was not run: the person said no: "offline please". Go on without it, or ask what to do instead.',
        },
      ])
    })

    it('end it with "denied" where nobody can answer', async () => {
      const r = rig({
        answers: [callsFor(['c1', 'online', {}], ['c2', 'online', {}])],
        tools: [online],
        answerer: () => grantedAhead([]),
      })
      const { end, failure } = await r.prompt()
      expect([end, failure?.code]).to.deep.equal(['failed', 'denied'])
      expect(r.names()).to.include.members(['approval.asked', 'approval.settled'])
      expect(violations(r.history.messages)).to.deep.equal([])
    })
  })
})
