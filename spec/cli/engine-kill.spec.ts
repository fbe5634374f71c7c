import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { type Ended, eventsOf } from '../support/agent.ts'
import { type PrivateEngine, privateEngineOrSkip } from '../support/private-engine.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { type Struck, ownedBy, startStruck } from '../support/struck.ts'

const soak = process.env.DRYDOCK_SOAK !== undefined
const agents = soak ? 100 : 4
/** So many are at work when the engine is killed under them. */
const atOnce = soak ? 5 : 4

/** What the person was told of a failure: as a fact, or where it ended before there were any. */
function saidBy({ stdout, stderr }: Ended): string {
  const over = eventsOf(stdout).findLast(({ event }) => event === 'turn.ended')
  const { failure } = (over?.data ?? {}) as { failure?: { message: string } }
  return failure?.message ?? stderr.trim()
}

/** What came of it for an agent that worked in it; the engine is up again. */
async function judge(engine: PrivateEngine, struck: Struck, about: string): Promise<void> {
  const ended = await struck.ended()
  const told = `${about}, agent ${struck.pid} ended with ${ended.code}: ${ended.stdout.slice(-900)} ${ended.stderr.slice(-500)}`
  expect({ lost: struck.lost(ended), broken: struck.broken(), strange: struck.strange() }, told).to.deep.equal({
    lost: [],
    broken: [],
    strange: [],
  })
  expect(ended.code, told).to.be.oneOf([0, 1])
  if (ended.code === 1) expect(saidBy(ended), told).to.match(/(engine|sandbox).*\.$/)
  const again = await struck.again()
  // What was half done before is not applied by itself, now that it is whole either: the person decides on it.
  const next = /may be half done/.test(saidBy(again)) ? await struck.run('apply') : again
  expect(next.code, `${told}\nand then: ${next.stderr}`).to.equal(0)
  expect([struck.isDone(), struck.strange()], told).to.deep.equal([true, []])
  expect(await ownedBy(engine, struck.pid), told).to.deep.equal([])
}

describe('An engine that is killed', function () {
  this.timeout(soak ? 1_800_000 : 300_000)
  let engine: PrivateEngine

  before(async function () {
    engine = await privateEngineOrSkip(this, await engineOrSkip(this))
  })
  after(() => engine?.stop())

  const start = () => startStruck('container', { DOCKER_HOST: engine.host })

  it(`loses no logged event, halves no file and leaves nothing behind, for ${agents} agents at random moments`, async () => {
    const began = performance.now()
    const first = await start()
    expect((await first.ended()).code).to.equal(0)
    await first.dispose()
    const life = performance.now() - began
    for (let round = 0; round < agents / atOnce; round++) {
      // Each is somewhere else on its way when it happens.
      const moments = Array.from({ length: atOnce }, () => Math.random() * life * 1.1)
      const last = Math.max(...moments)
      const struck = await Promise.all(moments.map((ms) => delay(last - ms).then(start)))
      try {
        await delay(Math.min(...moments))
        await engine.kill()
        await Promise.allSettled(struck.map((one) => one.ended()))
        await engine.start()
        const judged = struck.map((one, index) => judge(engine, one, `after ${Math.round(moments[index]!)} ms`))
        await Promise.allSettled(judged)
        await Promise.all(judged)
      } finally {
        await Promise.all(struck.map((one) => one.dispose()))
      }
    }
  })
})
