import { openAppScreen } from '../support/app-screen.ts'
import { opened } from '../support/facts.ts'
import { frameTimes } from '../support/frame-times.ts'
import { longConversation } from '../support/long-conversation.ts'
import { summary, type Row } from './row.ts'

const rounds = 300
const pasted = 'A line of a paste of ten megabytes, which is kept aside and shown as a chip.\n'.repeat(136_000)

/** Frames of a conversation of 100,000 lines beside those of an empty one, and a paste beside reading its bytes. */
export async function screenFrames(): Promise<Row[]> {
  await frameTimes(opened, 50) // warms up what both run
  const empty = summary((await frameTimes(opened, rounds)).still)
  const long = await frameTimes(longConversation(100_000), rounds)
  const rows = (['key', 'scroll', 'streaming'] as const).map((kind): Row => {
    const times = summary(long[kind])
    const beside = `an empty frame: ${empty.median.toFixed(2)}`
    const what = `frame at 100,000 lines: ${kind}`
    return { what, ...times, beside, ratio: times.median / empty.median, promise: '≤ 25 × an empty frame' }
  })
  return [...rows, await paste()]
}

async function paste(): Promise<Row> {
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < 5; round += 1) {
    const screen = openAppScreen({ cols: 140, rows: 42, facts: opened })
    await screen.rows()
    ours.push(timed(() => (screen.paste(pasted), screen.screen.draw())))
    await screen.close()
    const bytes = Buffer.from(pasted)
    bare.push(timed(() => bytes.toString()))
  }
  const [times, read] = [summary(ours), summary(bare)]
  const beside = `reading it: ${read.median.toFixed(1)}`
  return { what: 'a paste of 10 MB', ...times, beside, ratio: times.median / read.median, promise: '≤ 1 s' }
}

function timed(act: () => void): number {
  const began = performance.now()
  act()
  return performance.now() - began
}
