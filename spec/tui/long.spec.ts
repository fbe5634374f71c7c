import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openAppScreen } from '../support/app-screen.ts'
import { opened, start } from '../support/facts.ts'
import { frameTimes } from '../support/frame-times.ts'
import { longConversation } from '../support/long-conversation.ts'

const median = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!
const soak = process.env.DRYDOCK_SOAK !== undefined
const lines = soak ? 1_000_000 : 100_000

describe(`tui, a conversation of ${lines} lines`, () => {
  it('answers a key, scrolls and streams as an empty one does, but for what is in view', async () => {
    await frameTimes(opened, 20) // warms up what both run
    const empty = median((await frameTimes(opened, 40)).still)
    const long = await frameTimes(longConversation(100_000), 40)
    for (const kind of ['key', 'scroll', 'streaming'] as const)
      expect(median(long[kind]) / empty, kind).to.be.lessThan(25)
  })

  it('takes little memory, and none of its frames is waited for', function () {
    this.timeout(300_000)
    const program = fileURLToPath(new URL('../support/long-screen.ts', import.meta.url))
    const printed = execFileSync(process.execPath, ['--import', 'tsx', program, String(lines)]).toString()
    const { p99, middle, beyond } = JSON.parse(printed) as { p99: number; middle: number; beyond: number }
    // A machine that does much else holds up some frames: the soak, which is alone, counts those too.
    expect(soak ? p99 : middle, 'milliseconds').to.be.lessThan(8)
    expect(beyond / 2 ** 20, 'megabytes').to.be.lessThan(soak ? 100 : 80)
  })

  it('writes little while an answer streams in', async () => {
    const screen = openAppScreen({ cols: 120, rows: 40, facts: opened })
    screen.tell(['turn.started', { turn: 1, kind: 'prompt', prompt: 'Tell me.', at: start }])
    await screen.rows()
    screen.written.length = 0
    // 4,000 tokens at 500 a second, a frame each 16 ms.
    for (let token = 0; token < 4_000; token += 8) {
      screen.clock.now += 16
      const text = Array.from({ length: 8 }, (_, i) => `word${(token + i) % 100}`).join(' ')
      screen.tell(['text.delta', { turn: 1, kind: 'text', text: `${text}${token % 240 === 0 ? '\n\n' : ' '}` }])
      screen.screen.draw()
    }
    const bytes = screen.written.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    await screen.close()
    expect(bytes).to.be.within(20_000, 350_000)
  })
})
