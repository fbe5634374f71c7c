import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openAppScreen } from '../support/app-screen.ts'
import { opened, start } from '../support/facts.ts'
import { frames, frameTimes } from '../support/frame-times.ts'
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
    const { worked, middle, beyond } = JSON.parse(printed) as { worked: number; middle: number; beyond: number }
    expect(middle, 'milliseconds').to.be.lessThan(8)
    // A machine that does much else holds up some frames: what counts of the slowest is the work that they are.
    expect(worked, 'milliseconds of the processor').to.be.lessThan(8)
    expect(beyond / 2 ** 20, 'megabytes').to.be.lessThan(soak ? 100 : 80)
  })

  it('takes a line of 100,000 characters in its stride, wherever it comes from, and a paste of 10 MB', async () => {
    const line = 'long '.repeat(20_000)
    const call = { turn: 1, id: 'c1', name: 'shell', summary: 'cat', arguments: JSON.stringify({ command: line }) }
    const screen = openAppScreen({ cols: 120, rows: 40, facts: opened })
    try {
      screen.tell(['turn.started', { turn: 1, kind: 'prompt', prompt: line, at: start }])
      screen.tell([
        'text.delta',
        { turn: 1, kind: 'text', text: `${line}\n\n\`\`\`js\n${line}\n\`\`\`\n\n${'x'.repeat(100_000)}` },
      ])
      screen.tell(['tool.started', { ...call, at: start }], ['tool.output', { turn: 1, id: 'c1', text: line }])
      screen.tell(['tool.ended', { turn: 1, id: 'c1', ok: false, summary: line, text: line, ms: 5 }])
      screen.tell(['turn.ended', { turn: 1, end: 'done', ms: 9, at: start + 9 }])
      screen.paste('A line of a paste that is kept aside.\n'.repeat(270_000))
      expect((await screen.rows()).some((row) => row.includes('[pasted 270000 lines]'))).to.equal(true)
      const times = await frames(screen, 60, (i) =>
        i % 3 === 0 ? screen.type('x') : screen.wheel(i < 30 ? 'up' : 'down', 10, 10),
      )
      expect(median(times), 'milliseconds').to.be.lessThan(8)
    } finally {
      await screen.close()
    }
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
