import { expect } from 'chai'
import { opened } from '../support/facts.ts'
import { frameTimes } from '../support/frame-times.ts'
import { longConversation } from '../support/long-conversation.ts'

const median = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!

describe('tui, a conversation of 100,000 lines', () => {
  it('answers a key, scrolls and streams as an empty one does, but for what is in view', async () => {
    await frameTimes(opened, 20) // warms up what both run
    const empty = median((await frameTimes(opened, 40)).still)
    const long = await frameTimes(longConversation(100_000), 40)
    for (const kind of ['key', 'scroll', 'streaming'] as const)
      expect(median(long[kind]) / empty, kind).to.be.lessThan(25)
  })
})
