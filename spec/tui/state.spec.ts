import { expect } from 'chai'
import type { Entry } from '../../lib/tui/state.ts'
import { reduce } from '../../lib/tui/reduce.ts'
import { entryAt, entryCount, initialState, type State } from '../../lib/tui/state.ts'
import { changes, question, setup, start, working, type Fact } from '../support/facts.ts'

function after(facts: Fact[], from: State = initialState): State {
  return facts.reduce<State>((state, [name, payload]) => reduce(state, name, payload), from)
}

function entries(state: State): Entry[] {
  return Array.from({ length: entryCount(state) }, (_, i) => entryAt(state, i)!)
}

/** Entries in short. */
function told(state: State): string[] {
  return entries(state).map((entry) => {
    if (entry.kind === 'tool') return `${entry.state} ${entry.name} ${entry.subject} → ${entry.result}`
    if (entry.kind === 'notice') return `${entry.sign}: ${entry.text}`
    return `${entry.kind}: ${entry.text}`
  })
}

const begin: Fact = ['turn.started', { turn: 1, kind: 'prompt', prompt: 'do it', at: start }]
const text = (said: string): Fact => ['text.delta', { turn: 1, kind: 'text', text: said }]
const thought = (said: string): Fact => ['text.delta', { turn: 1, kind: 'thought', text: said }]
const called: Fact = [
  'tool.started',
  { turn: 1, id: 'c6', name: 'shell', summary: 'ls', arguments: '{}', at: start + 5 },
]
const asked = { ...question, call: { id: 'c6', name: 'shell', summary: 'ls' } }
const output = (said: string): Fact => ['tool.output', { turn: 1, id: 'c6', text: said }]
const answer = (...parts: { type: 'text' | 'thought'; text: string }[]): Fact => [
  'message.added',
  {
    turn: 1,
    message: {
      role: 'assistant',
      parts,
      model: 'a/b',
      stop: 'end',
      usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
    },
  },
]
const over = (end: 'done' | 'cancelled' | 'failed' | 'limit', message?: string): Fact => [
  'turn.ended',
  { turn: 1, end, ms: 50, at: start + 50, ...(message === undefined ? {} : { failure: { code: 'network', message } }) },
]

describe('tui/state', () => {
  const cases: [what: string, facts: Fact[], entries: string[]][] = [
    ['a streamed answer', [begin, thought('hm'), text('a'), text('b'), answer({ type: 'thought', text: 'hm' }, { type: 'text', text: 'ab' })], ['prompt: do it', 'thought: hm', 'text: ab']],
    ['an answer once, whatever was noted while it came', [begin, text('a'), ['changes.applied', { report: { applied: ['x'], conflicts: [], refused: [] }, by: 'review' }], text('b'), answer({ type: 'text', text: 'ab' })], ['prompt: do it', 'text: ab', 'ok: Applied 1 file to the project: x']],
    ['an answer that was not streamed', [begin, answer({ type: 'text', text: 'all' })], ['prompt: do it', 'text: all']],
    ['an answer of which the last word was not streamed', [begin, text('al'), answer({ type: 'text', text: 'all' })], ['prompt: do it', 'text: all']],
    ['text after a call as a new entry', [begin, text('a'), called, text('b')], ['prompt: do it', 'text: a', 'running shell ls → ', 'text: b']],
    ['a call that ends', [begin, called, ['tool.ended', { turn: 1, id: 'c6', ok: false, summary: 'exit 2', text: 'no', ms: 3 }]], ['prompt: do it', 'failed shell ls → exit 2']],
    ['a call that waits for an answer', [begin, ['approval.asked', asked]], ['prompt: do it', 'waiting shell ls → ']],
    ['a call that was asked about, on the same line', [begin, ['approval.asked', asked], ['approval.settled', { id: 'q1', answer: 'once' }], called], ['prompt: do it', 'running shell ls → ']],
    ['a call that was asked about when its turn ended', [begin, ['approval.asked', asked], over('cancelled')], ['prompt: do it', 'failed shell ls → cancelled', 'dim: Cancelled.']],
    ['a cancelled turn and its call', [begin, called, over('cancelled')], ['prompt: do it', 'failed shell ls → cancelled', 'dim: Cancelled.']],
    ['a failed turn', [begin, over('failed', 'No network.')], ['prompt: do it', 'error: No network.']],
    ['a limit', [begin, over('limit')], ['prompt: do it', 'waiting: A limit was reached.']],
    ['a retry, in place of what the failed try said', [begin, text('half'), ['turn.retrying', { turn: 1, attempt: 2, inMs: 1_500, reason: 'Busy.' }], ['turn.retrying', { turn: 1, attempt: 3, inMs: 3_000, reason: 'Busy.' }]], ['prompt: do it', 'waiting: Busy. Trying again in 3 s (attempt 3).']],
    ['the end of a turn that is not at work', [begin, ['turn.ended', { turn: 7, end: 'failed', ms: 1, at: start }]], ['prompt: do it']],
    ['a sandbox that failed', [['sandbox.status', { state: 'failed', text: 'No engine answers.' }]], ['error: No engine answers.']],
    ['what was applied, and what was not', [['changes.applied', { by: 'review', report: { applied: ['a', 'b'], conflicts: [{ path: 'c', reason: 'both changed line 3' }], refused: [{ path: 'd', reason: 'outside' }] } }]], ['ok: Applied 2 files to the project: a, b', 'waiting: Conflict in c: both changed line 3', 'error: Not applied: d: outside']],
    ['what a lock file wants', [['changes.applied', { by: 'review', report: { applied: ['web/package-lock.json'], conflicts: [], refused: [] } }]], ['ok: Applied 1 file to the project: web/package-lock.json', 'dim: web/package-lock.json was applied: `npm ci` in web installs what it names.']],
    ['what was discarded', [['changes.discarded', { paths: ['a'], checkpoint: 'k' }]], ['dim: Discarded 1 file: a']],
    ['what was fetched', [['commits.fetched', { branch: 'drydock/x', commits: 2 }]], ['ok: Fetched 2 commits as the branch drydock/x']],
    ['what was undone of the project alone', [['turn.undone', { checkpoint: '1', workspace: [], project: ['a'], left: [] }]], ['ok: Went to another moment: 1 file of the project: a']],
    ['what was undone, and what was left', [['turn.undone', { checkpoint: '1', workspace: ['a', 'b'], project: ['a'], left: [{ path: 'c', reason: 'It changed.' }] }]], ['ok: Went to another moment: 2 files of the workspace, 1 file of the project: a', 'waiting: Left as it is: c: It changed.']],
    ['a failure outside a turn', [['app.failed', { failure: { code: 'disk', message: 'Disk full.' } }]], ['error: Disk full.']],
  ] // prettier-ignore
  for (const [what, facts, shown] of cases) it(`shows ${what}`, () => expect(told(after(facts))).to.deep.equal(shown))

  it('keeps what is not of the conversation', () => {
    const state = after(working)
    expect(state.session).to.deep.equal({ id: 's1', project: '/home/ada/src/date-kit', branch: 'main' })
    expect(state.model).to.equal('anthropic/sonnet')
    expect(state.sandbox).to.deep.equal({ state: 'ready', text: 'debian, node 22' })
    expect(state.turn).to.deep.equal({ turn: 1, kind: 'prompt', startedAt: start })
    expect(state.changes).to.equal(changes)
    expect(state.usage).to.deep.equal({
      input: 14_210,
      output: 1_104,
      costUsd: 0.0592,
      contextTokens: 56_000,
      contextLimit: 200_000,
    })
  })

  it('adds usage up, and leaves a price that is unknown unknown', () => {
    const usage = { input: 10, output: 2, cacheRead: 0, cacheWrite: 0 }
    const counted = (contextTokens: number, costUsd?: number): Fact => [
      'usage.counted',
      { turn: 1, usage, contextTokens, ...(costUsd === undefined ? {} : { costUsd }), at: start, ms: 100 },
    ]
    expect(after([counted(12), counted(24)]).usage).to.deep.equal({
      input: 20,
      output: 4,
      costUsd: undefined,
      contextTokens: 24,
      contextLimit: undefined,
    })
    expect(after([counted(12, 0.5), counted(24, 0.25)]).usage.costUsd).to.equal(0.75)
  })

  it('takes a prompt out of the queue when its turn begins', () => {
    const queued = after([
      ['prompt.queued', { text: 'a' }],
      ['prompt.queued', { text: 'do it' }],
    ])
    expect(queued.queue).to.deep.equal(['a', 'do it'])
    expect(after([begin], queued).queue).to.deep.equal(['a'])
  })

  it('keeps questions in their order until each is settled', () => {
    const both = after([
      ['approval.asked', question],
      ['approval.asked', { ...question, id: 'q2' }],
    ])
    expect(both.questions.map(({ id }) => id)).to.deep.equal(['q1', 'q2'])
    expect(after([['approval.settled', { id: 'q1', answer: 'no' }]], both).questions.map(({ id }) => id)).to.deep.equal(
      ['q2'],
    )
  })

  it('offers a way to begin until a model is chosen', () => {
    const offered = after(setup)
    expect(offered.setup?.map(({ key }) => key)).to.deep.equal(['1', '2', '3'])
    expect(after([['model.chosen', { model: 'a/b' }]], offered).setup).to.equal(undefined)
  })

  it('keeps the end of endless output', () => {
    const state = after([
      begin,
      called,
      ...Array.from({ length: 100 }, (_, i) => output(`${'x'.repeat(999)}${i % 10}`)),
    ])
    const last = entries(state).at(-1)
    const kept = last?.kind === 'tool' ? last.output : ''
    expect(kept.length).to.be.within(16_384, 32_768)
    expect(kept.endsWith('x9')).to.equal(true)
  })

  it('touches neither its argument nor what is settled, and knows intents as none of its business', () => {
    const settled = after([...working, over('done')])
    const frozen = Object.freeze({ ...settled, settled: Object.freeze([...settled.settled]) })
    const next = after(
      [['turn.started', { turn: 2, kind: 'prompt', prompt: 'more', at: start }], text('x'), text('y')],
      frozen,
    )
    expect(next.settled).to.equal(frozen.settled)
    expect(told(next).slice(-2)).to.deep.equal(['prompt: more', 'text: xy'])
    expect(
      after(
        [
          ['prompt.submit', { text: 'x' }],
          ['turn.cancel', {}],
        ],
        frozen,
      ),
    ).to.equal(frozen)
  })

  it('gives every entry a key that stays its own', () => {
    const state = after([...working, over('done'), begin, text('again')])
    const keys = entries(state).map(({ key }) => key)
    expect(new Set(keys).size).to.equal(keys.length)
    expect(keys).to.deep.equal(keys.toSorted((a, b) => a - b))
  })
})
