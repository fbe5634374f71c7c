import { expect } from 'chai'
import { violations } from '../../lib/agent/history.ts'
import type { Facts } from '../../lib/core/events.ts'
import { Failure } from '../../lib/core/failure.ts'
import type { Message } from '../../lib/core/messages.ts'
import type { Delta } from '../../lib/llm/provider.ts'
import { callsFor, change, never, rig, says, tool, type Rig, type RigOptions } from './rig.ts'

interface Point {
  where: string
  options: () => RigOptions
  /** The fact at which Escape is pressed; `turn.started` and a turn of the event loop where no fact tells of it. */
  at: keyof Facts
  /** What the history holds after it, role and text. */
  kept: [Message['role'], string][]
}

// oxlint-disable-next-line require-yield -- it says nothing, for ever
async function* silence(): AsyncGenerator<Delta> {
  await never()
}

async function* halfway(): AsyncGenerator<Delta> {
  yield { type: 'thought', part: 0, text: 'Hmm.' }
  yield { type: 'text', part: 1, text: 'I will' }
  yield { type: 'call', part: 2, id: 'c1', name: 'stuck', arguments: '{"pa' }
  await never()
}

const stuck = tool('stuck', 'run', () => never())
const online = tool('online', 'network', () => ({ ok: true, text: '', summary: '' }))
const cancelled = 'No result: the person cancelled the turn before this call ended. It may have had effects.'

const points: Point[] = [
  {
    where: 'before the first delta',
    options: () => ({ answers: [silence] }),
    at: 'turn.started',
    kept: [['user', 'go']],
  },
  {
    where: 'in the middle of the text',
    options: () => ({ answers: [halfway] }),
    at: 'text.delta',
    kept: [
      ['user', 'go'],
      ['assistant', 'I will'],
    ],
  },
  {
    where: 'while an approval waits',
    options: () => ({ answers: [callsFor(['c1', 'online', {}])], tools: [online] }),
    at: 'approval.asked',
    kept: [
      ['user', 'go'],
      ['assistant', 'c1'],
      ['tool', cancelled],
    ],
  },
  {
    where: 'during a tool that does not listen',
    options: () => ({ answers: [callsFor(['c1', 'stuck', {}], ['c2', 'stuck', {}])], tools: [stuck] }),
    at: 'tool.started',
    kept: [
      ['user', 'go'],
      ['assistant', 'c1c2'],
      ['tool', cancelled + cancelled],
    ],
  },
  {
    where: 'while the bench is being made',
    options: () => ({ answers: [callsFor(['c1', 'stuck', {}])], tools: [stuck], bench: () => never() }),
    at: 'tool.started',
    kept: [
      ['user', 'go'],
      ['assistant', 'c1'],
      ['tool', cancelled],
    ],
  },
  {
    where: 'during the back-off',
    options: () => ({
      answers: [
        // oxlint-disable-next-line require-yield -- it fails before it says anything
        async function* () {
          throw new Failure('rate', 'Busy.', { retryAfterMs: 60_000 })
        },
      ],
    }),
    at: 'turn.retrying',
    kept: [['user', 'go']],
  },
]

const told = (message: Message): string =>
  message.parts.map((part) => (part.type === 'call' ? part.id : part.type === 'thought' ? '' : part.text)).join('')

describe('cancelling a turn', () => {
  for (const { where, options, at, kept } of points) {
    it(`${where}: over within 200 ms, the history valid`, async () => {
      const r = rig(options())
      const reached = r.until(at, (fact) => at !== 'text.delta' || (fact as Facts['text.delta']).kind === 'text')
      const ended = r.prompt()
      await reached
      await new Promise((resolve) => setImmediate(resolve))
      const start = performance.now()
      r.bus.emit('turn.cancel', {})
      expect(await ended).to.deep.equal({ turn: 1, end: 'cancelled', ms: 0, at: 1000 })
      expect(performance.now() - start).to.be.below(200)
      expect(r.history.messages.map((message) => [message.role, told(message)])).to.deep.equal(kept)
      expect(violations(r.history.messages)).to.deep.equal([])
      expect(r.of('approval.settled').map(({ answer }) => answer)).to.deep.equal(at === 'approval.asked' ? ['no'] : [])
    })
  }

  it('lets what was left behind end before the next turn begins, then looks at the changes', async () => {
    let finish: (() => void) | undefined
    const slow = tool('slow', 'write', async () => {
      await new Promise<void>((resolve) => (finish = resolve))
      r.workspace.now = [change('late')]
      return { ok: true, text: '', summary: '' }
    })
    const r: Rig = rig({ answers: [callsFor(['c1', 'slow', {}]), says('second')], tools: [slow], mode: 'turn' })
    const started = r.until('tool.started')
    const ended = r.prompt()
    await started
    await new Promise((resolve) => setImmediate(resolve))
    r.bus.emit('turn.cancel', {})
    await ended
    const next = r.prompt('next')
    expect(r.names().at(-1)).to.equal('prompt.queued')
    finish!()
    expect((await next).end).to.equal('done')
    expect(r.names().slice(r.names().indexOf('prompt.queued'), -4)).to.deep.equal([
      'prompt.queued',
      'workspace.changed',
      'checkpoint.kept',
      'turn.started',
      'message.added',
    ])
    expect(r.workspace.acts).to.deep.equal(['checkpoint'])
  })

  it('is nothing where no turn is at work', async () => {
    const r = rig()
    r.bus.emit('turn.cancel', {})
    expect((await r.prompt()).end).to.equal('done')
  })

  it('while the turn settles: over at once, the settling ends by itself', async () => {
    let look: (() => void) | undefined
    const write = tool('write', 'write', () => ({ ok: true, text: '', summary: '' }))
    const r = rig({ answers: [callsFor(['c1', 'write', {}]), says('done')], tools: [write] })
    const reached = new Promise<void>((resolve) => {
      r.workspace.checkpoint = async () => {
        resolve()
        await new Promise<void>((go) => (look = go))
        r.workspace.acts.push('checkpoint')
        return 'kept'
      }
    })
    const ended = r.prompt()
    await reached
    r.bus.emit('turn.cancel', {})
    expect((await ended).end).to.equal('cancelled')
    look!()
    await r.agent.idle()
    expect(r.workspace.acts).to.deep.equal(['checkpoint'])
  })
})
