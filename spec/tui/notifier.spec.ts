import { expect } from 'chai'
import { Bus } from '../../lib/core/bus.ts'
import { chooseCall, openNotifier, type Call } from '../../lib/tui/notifier.ts'
import { question } from '../support/facts.ts'
import { openFakeScreen } from '../support/fake-screen.ts'

const done = { turn: 1, end: 'done', ms: 9, at: 9 } as const

/** What is written when a turn ends and a question comes, after these bytes of the terminal. */
async function called(bytes: string, call: Call, passes?: () => Promise<boolean>): Promise<string> {
  const fake = openFakeScreen({ cols: 80, rows: 24 })
  const bus = new Bus((error) => {
    throw error
  })
  const notifier = openNotifier({ screen: fake.screen, bus, call, passes })
  fake.send(bytes)
  fake.screen.draw()
  const before = fake.written.length
  bus.emit('turn.ended', done)
  bus.emit('approval.asked', { ...question, title: 'Allow\x1b]0;x\x07 a;b?' })
  await new Promise((resolve) => setImmediate(resolve))
  await notifier.dispose()
  const written = fake.written.slice(before).join('')
  fake.dispose()
  return written
}

const [away, back] = ['\x1b[O', '\x1b[I']

describe('The person is called', () => {
  it('when they look elsewhere, and only then', async () => {
    expect(await called('', 'osc9')).to.equal('')
    expect(await called(away + back, 'osc9')).to.equal('')
    const [first, second, ...more] = (await called(away, 'osc9')).split('\x07')
    expect([first, more]).to.deep.equal(['\x1b]9;drydock: the turn is done', ['']])
    expect(second).to.match(/^\x1b\]9;drydock: asks: Allow[^\x1b]* a;b\?$/)
  })

  it('by the sequence that was chosen, or not at all', async () => {
    expect(await called(away, 'none')).to.equal('')
    expect(await called(away, 'bell')).to.equal('\x07\x07')
    expect(await called(away, 'osc777')).to.match(
      /^\x1b\]777;notify;drydock;the turn is done\x07\x1b\]777;notify;drydock;asks: Allow[^;]* a,b\?\x07$/,
    )
    expect([
      chooseCall('auto', 'xterm-256color'),
      chooseCall('auto', 'foot'),
      chooseCall('bell', 'foot'),
    ]).to.deep.equal(['osc9', 'osc777', 'bell'])
  })

  it('through tmux where that lets it pass, else by the bell', async () => {
    const passed = await called(away, 'osc9', () => Promise.resolve(true))
    expect(passed).to.match(/^\x1bPtmux;\x1b\x1b\]9;drydock: the turn is done\x07\x1b\\/)
    expect(await called(away, 'osc9', () => Promise.resolve(false))).to.equal('\x07\x07')
  })
})
