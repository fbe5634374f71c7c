import { expect } from 'chai'
import type { Facts } from '../../../lib/core/events.ts'
import { counted, type Measured, nothingMeasured, sampled } from '../../../lib/tui/monitor/measured.ts'
import { rates, slots, spanOf, topOf } from '../../../lib/tui/monitor/series.ts'

const limits = { cpus: 2, memory: 1000, pids: 10, disk: 5000 }
const stats = (at: number, cpus?: number): Facts['sandbox.stats'] => ({
  at: at * 1000,
  ...(cpus === undefined ? {} : { cpus }),
  network: { sent: at * 10, received: 0 },
  limits,
})
const text = (key: number, length: number) => ({ kind: 'text' as const, key, text: 'x'.repeat(length) })
const written = ({ samples }: Measured) => samples.map((sample) => Math.round(sample.written))
const pointAt = (second: number, value: number) => ({ at: second * 1000, value })
const upTo = (most: number) => [pointAt(0, NaN), pointAt(1, most)]
/** Samples of the first second and of one later. */
const over = (seconds: number) =>
  [0, seconds].reduce((all, second) => sampled(all, stats(second), 0, []), nothingMeasured).samples
const usage = (output: number) => ({ input: 1, output, cacheRead: 0, cacheWrite: 0 })

describe('tui/monitor: what was measured', () => {
  it('is kept for ten minutes, and six hundred times at most', () => {
    let measured = nothingMeasured
    for (let at = 0; at < 700; at++) measured = sampled(measured, stats(at), 0, [])
    expect([measured.samples.length, measured.samples[0]!.at, measured.samples.at(-1)!.at]).to.deep.equal([
      600, 100_000, 699_000,
    ])
    for (let at = 700; at < 705; at += 0.01) measured = sampled(measured, stats(at), 0, [])
    expect(measured.samples.length).to.equal(600)
    expect(sampled(measured, stats(5000), 0, []).samples.map(({ at }) => at)).to.deep.equal([5_000_000])
  })

  it('has what the model wrote by its length, until that is counted, then evenly over the time that it took', () => {
    let measured = sampled(nothingMeasured, stats(0), 0, [])
    for (const at of [1, 2, 3]) measured = sampled(measured, stats(at), 0, [text(0, at * 40)])
    expect(written(measured)).to.deep.equal([0, 10, 20, 30])
    measured = counted(measured, { turn: 1, usage: usage(300), contextTokens: 1, at: 3500, ms: 3000 }, 0, 1)
    expect(written(measured)).to.deep.equal([0, 50, 150, 250])
    expect(measured.speed).to.equal(100)
    measured = sampled(measured, stats(4), 300, [text(0, 120)])
    measured = sampled(measured, stats(5), 300, [text(0, 120), text(1, 8)])
    expect(written(measured), 'nothing twice').to.deep.equal([0, 50, 150, 250, 300, 302])
  })

  it('counts an answer that came at once, and one that took no time that can be told', () => {
    const before = sampled(nothingMeasured, stats(1), 0, [])
    const fact = { turn: 1, usage: usage(7), contextTokens: 1, at: 2000, ms: 0 }
    const after = counted(before, fact, 0, 0)
    expect([written(after), after.speed]).to.deep.equal([[0], undefined])
    expect(written(sampled(after, stats(3), 7, []))).to.deep.equal([0, 7])
  })

  it('becomes rates, but not over a time in which nobody measured', () => {
    const { samples } = [0, 1, 2, 9, 10].reduce((all, at) => sampled(all, stats(at), 0, []), nothingMeasured)
    expect(rates(samples, 'sent').map(({ value }) => value)).to.deep.equal([NaN, 10, 10, NaN, 10])
  })

  it('becomes means of equal times, and holes where nothing was measured', () => {
    expect(slots([pointAt(1, 2), pointAt(2, 4), pointAt(19, NaN), pointAt(20, 9)], 20, 4)).to.deep.equal([
      3,
      NaN,
      NaN,
      9,
    ])
    expect(slots([pointAt(18.5, 1), pointAt(20, 3)], 4, 4), 'held until the next').to.deep.equal([NaN, NaN, 1, 3])
    expect(slots([], 60, 2)).to.deep.equal([NaN, NaN])
  })

  it('is shown on scales that change seldom', () => {
    expect([0, 3, 10, 11, 49, 501].map((most) => topOf(upTo(most), 1, 10))).to.deep.equal([1, 5, 10, 20, 50, 1000])
    expect([0, 1025].map((most) => topOf(upTo(most), 1024, 2))).to.deep.equal([1024, 2048])
    expect([[], over(50), over(61), over(301)].map(spanOf)).to.deep.equal([60, 60, 120, 600])
  })
})
