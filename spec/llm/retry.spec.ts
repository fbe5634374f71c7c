import { expect } from 'chai'
import { Failure, type FailureCode } from '../../lib/core/failure.ts'
import type { Delta, ModelRequest, Provider } from '../../lib/llm/provider.ts'
import { streamWithRetry, type Retry, type RetryLimits } from '../../lib/llm/retry.ts'
import { caught } from '../support/failures.ts'

const request: ModelRequest = { model: 'm', system: '', messages: [], tools: [] }
const quick: Partial<RetryLimits> = { firstMs: 2, longestMs: 5 }
const said: Delta = { type: 'text', part: 0, text: 'x' }
const end: Delta = { type: 'stop', reason: 'end' }

/** A provider whose tries give the pieces listed, and then throw the failure listed, if any. */
function provider(tries: { deltas?: Delta[]; failure?: unknown }[]): Provider & { asked: number } {
  return {
    name: 'fake',
    asked: 0,
    async *stream() {
      const { deltas = [], failure } = tries[Math.min(this.asked++, tries.length - 1)]!
      yield* deltas
      if (failure) throw failure
    },
    complete: () => Promise.reject(new Error('not here')),
  }
}

async function collect(fake: Provider, limits = quick, signal = new AbortController().signal) {
  const retries: Retry[] = []
  const deltas: Delta[] = []
  let error: unknown
  try {
    for await (const delta of streamWithRetry(fake, request, signal, (retry) => void retries.push(retry), limits)) {
      deltas.push(delta)
    }
  } catch (thrown) {
    error = thrown
  }
  return { deltas, retries, error }
}

describe('streamWithRetry', () => {
  it('tries again on rate and network, as long as the service asks or ever longer', async () => {
    const rate = new Failure('rate', 'Slow.', { retryAfterMs: 7 })
    const network = new Failure('network', 'Gone.')
    const fake = provider([{ failure: rate }, { failure: network }, { failure: network }, { deltas: [said, end] }])
    const { deltas, retries, error } = await collect(fake, { firstMs: 4, longestMs: 100 })
    expect(error).to.equal(undefined)
    expect(deltas).to.deep.equal([said, end])
    expect(retries.map(({ attempt, failure }) => [attempt, failure])).to.deep.equal([
      [2, rate],
      [3, network],
      [4, network],
    ])
    expect(retries[0]!.inMs).to.equal(7)
    expect(retries[1]!.inMs).to.be.within(4, 8)
    expect(retries[2]!.inMs).to.be.within(8, 16)
  })

  it('does not try again once something was said', async () => {
    const failure = new Failure('network', 'Gone.')
    const fake = provider([{ deltas: [said], failure }, { deltas: [end] }])
    expect(await collect(fake)).to.deep.equal({ deltas: [said], retries: [], error: failure })
  })

  it('does not try again on anything else', async () => {
    for (const code of ['auth', 'overflow', 'protocol', 'refused'] as FailureCode[]) {
      const failure = new Failure(code, 'No.')
      expect((await collect(provider([{ failure }]))).error).to.equal(failure)
    }
    const defect = new TypeError('a defect')
    expect((await collect(provider([{ failure: defect }]))).error).to.equal(defect)
  })

  it('gives up after so many tries, and rather than wait too long', async () => {
    const failure = new Failure('network', 'Gone.')
    const fake = provider([{ failure }])
    expect((await collect(fake, { ...quick, attempts: 3 })).error).to.equal(failure)
    expect(fake.asked).to.equal(3)
    const slow = new Failure('rate', 'Slow.', { retryAfterMs: 3_600_000 })
    expect(await collect(provider([{ failure: slow }]))).to.deep.equal({ deltas: [], retries: [], error: slow })
  })

  it('throws the reason of an abort while it waits', async () => {
    const fake = provider([{ failure: new Failure('rate', 'Slow.', { retryAfterMs: 60_000 }) }])
    const abort = new AbortController()
    const reason = new Error('enough')
    const stream = streamWithRetry(fake, request, abort.signal, () => abort.abort(reason))
    expect(await caught(stream.next())).to.equal(reason)
  })
})
