import { expect } from 'chai'
import { Turnstile } from '../../lib/sandbox/turnstile.ts'

describe('a turnstile', () => {
  it('lets a burst through, then so many a second, and a burst again after a rest', () => {
    let now = 5000
    const turnstile = new Turnstile({ burst: 3, perSecond: 10 }, () => now)
    const take = (count: number) => Array.from({ length: count }, () => turnstile.take())
    expect(take(5)).to.deep.equal([0, 0, 0, 100, 200])
    now += 1000
    expect(take(4)).to.deep.equal([0, 0, 0, 100])
  })
})
