import { expect } from 'chai'
import { textOf } from '../../lib/core/messages.ts'
import { allowAll, rig, type Rig } from './rig.ts'

/** A rig whose workspace stands at the second of three checkpoints. */
function undoing(options: Parameters<typeof rig>[0] = {}): Rig {
  const r = rig(options)
  const occasion = { turn: 1, prompt: 'go' }
  r.workspace.kept = [
    { id: '1', parent: '0', at: 1, occasion, current: false },
    { id: '2', parent: '1', at: 2, occasion, current: true },
    { id: '3', parent: '2', at: 3, occasion, current: false },
  ]
  r.workspace.restoration = { workspace: ['a'], project: ['b'], left: [{ path: 'c', reason: 'Why.' }] }
  return r
}

describe('undo', () => {
  it('asks with the list of what it touches, goes there after a yes, and tells the model', async () => {
    const r = undoing()
    for (const answer of ['no', 'once'] as const) {
      const asked = r.until('approval.asked')
      r.bus.emit('turn.undo', { to: 'back' })
      const { id, kind, body, choices } = await asked
      expect(choices.map(({ label }) => label)).to.deep.equal(['yes', 'no'])
      expect([kind, body]).to.deep.equal(['discard', ['workspace  a', 'project    b', 'left       c: Why.']])
      r.bus.emit('approval.answer', { id, answer })
      await r.agent.idle()
    }
    expect(r.workspace.acts).to.deep.equal(['undo 1'])
    expect(r.of('turn.undone')).to.deep.equal([{ checkpoint: '1', ...r.workspace.restoration }])
    expect(r.history.messages.map(textOf)).to.have.length(1)
    expect(textOf(r.history.messages[0]!)).to.contain('\na')
  })

  it('goes to any moment, and forward', async () => {
    const r = undoing({ policy: () => ({ ...allowAll, discard: 'allow' }) })
    for (const to of ['forward', { checkpoint: '0' }, { checkpoint: '1' }] as const) {
      r.bus.emit('turn.undo', { to })
      await r.agent.idle()
    }
    expect(r.workspace.acts).to.deep.equal(['undo 3', 'undo 0', 'undo 1'])
  })

  it('says what stands against it', async () => {
    const r = undoing({ policy: () => ({ ...allowAll, project: 'deny' }) })
    for (const [to, code] of [
      ['back', 'policy'],
      [{ checkpoint: '9' }, 'missing'],
    ] as const) {
      const failed = r.until('app.failed')
      r.bus.emit('turn.undo', { to })
      expect((await failed).failure.code).to.equal(code)
      await r.agent.idle()
    }
    const started = r.until('turn.started')
    r.bus.emit('prompt.submit', { text: 'x' })
    await started
    const failed = r.until('app.failed')
    r.bus.emit('turn.undo', { to: 'back' })
    expect((await failed).failure.code).to.equal('busy')
    expect(r.workspace.acts).to.deep.equal([])
    await r.agent.idle()
  })

  it('lets prompts wait until it is over', async () => {
    const r = undoing()
    const asked = r.until('approval.asked')
    r.bus.emit('turn.undo', { to: 'back' })
    r.bus.emit('prompt.submit', { text: 'next' })
    r.bus.emit('approval.answer', { id: (await asked).id, answer: 'once' })
    await r.agent.idle()
    expect(r.names().filter((name) => ['turn.undone', 'turn.started'].includes(name))).to.deep.equal([
      'turn.undone',
      'turn.started',
    ])
  })
})
