import { Writable } from 'node:stream'
import { expect } from 'chai'
import { Teller } from '../../lib/cli/teller.ts'
import type { Parts } from '../../lib/cli/parts.ts'
import { Bus } from '../../lib/core/bus.ts'

/** A bus that a teller listens to, and all that it has said. */
function listening(plain: boolean): { bus: Bus; said: () => string } {
  const bus = new Bus((error) => {
    throw error
  })
  let said = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      said += String(chunk)
      done()
    },
  })
  new Teller({ stdout, stderr: stdout } as unknown as Parts, { plain }).listen(bus)
  return { bus, said: () => said }
}

const delta = (bus: Bus, text: string) => bus.emit('text.delta', { turn: 1, kind: 'text', text })

describe('what is told without a screen', () => {
  it('is whole lines where it is heard: what happens meanwhile comes before the line that is being said', () => {
    const { bus, said } = listening(true)
    delta(bus, 'First.\nI look')
    bus.emit('sandbox.status', { state: 'ready', text: 'docker · base' })
    delta(bus, ' at it.')
    bus.emit('turn.ended', { turn: 1, end: 'done', ms: 1, at: 1 })
    expect(said()).to.equal('First.\nsandbox: docker · base\nI look at it.\n')
  })

  it('ends the line that is being said where it is read', () => {
    const { bus, said } = listening(false)
    delta(bus, 'I look')
    bus.emit('sandbox.status', { state: 'ready', text: 'docker · base' })
    delta(bus, ' at it.')
    bus.emit('turn.ended', { turn: 1, end: 'done', ms: 1, at: 1 })
    expect(said()).to.equal('I look\n● sandbox: docker · base\n at it.\n')
  })

  for (const plain of [true, false])
    it(`says an answer that is asked for again on a line of its own${plain ? ', whole' : ''}`, () => {
      const { bus, said } = listening(plain)
      delta(bus, 'I lo')
      bus.emit('turn.retrying', { turn: 1, attempt: 1, inMs: 900, reason: 'It broke off.' })
      delta(bus, 'I look.')
      bus.emit('turn.ended', { turn: 1, end: 'done', ms: 1, at: 1 })
      expect(said()).to.equal(`I lo\n${plain ? '' : '● '}It broke off. Trying again in 1 s.\nI look.\n`)
    })
})
