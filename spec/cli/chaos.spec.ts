import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { sweep } from '../../lib/sandbox/removal.ts'
import type { Ended } from '../support/agent.ts'
import { type EngineAndImage, embeddedOrSkip, engineOrSkip, keepers, processes } from '../support/sandbox.ts'
import { killSandboxes, ownedBy, startStruck } from '../support/struck.ts'

const soak = process.env.DRYDOCK_SOAK !== undefined
const rounds = soak ? 100 : 10
/** So many agents are at work at once. */
const atOnce = 4

type Victim = 'the agent' | 'its sandbox' | 'nobody'

interface Blow {
  victim: Victim
  afterMs: number
  backend: 'container' | 'embedded'
}

interface Aftermath {
  ended: Ended
  lost: unknown[]
  /** After the blow, and after the next start. */
  broken: string[][]
  strange: string[]
  diff: Ended
  pid: number
  /** Milliseconds that the agent lived. */
  ms: number
}

async function strike({ victim, afterMs, backend }: Blow, found?: EngineAndImage): Promise<Aftermath> {
  const began = performance.now()
  const struck = await startStruck(backend)
  const { pid } = struck
  try {
    const over = struck.ended()
    await (victim === 'nobody' ? over : Promise.race([delay(afterMs), over]))
    if (victim === 'the agent') struck.child.kill('SIGKILL')
    else if (victim === 'nobody') expect((await over).code).to.equal(0)
    else await killSandboxes(pid, found)
    const ended = await over
    const ms = performance.now() - began
    const [lost, before] = [struck.lost(ended), struck.broken()]
    const diff = await struck.run('diff')
    return { ended, lost, broken: [before, struck.broken()], strange: struck.strange(), diff, pid, ms }
  } finally {
    await struck.dispose()
  }
}

for (const backend of ['container', 'embedded'] as const)
  describe(`Blows at random moments: ${backend}`, function () {
    this.timeout(soak ? 1_800_000 : 300_000)
    let found: EngineAndImage | undefined

    before(async function () {
      if (backend === 'container') found = await engineOrSkip(this)
      else await embeddedOrSkip(this)
    })

    it(`lose no logged event, halve no file and leave nothing that nobody owns, ${rounds} times`, async () => {
      // How long an agent lives whom nothing hits; on this machine, now.
      const { ms: life } = await strike({ victim: 'nobody', afterMs: 0, backend }, found)
      const blows = Array.from({ length: rounds }, (_, index): Blow => {
        const victim = index % 2 === 0 ? 'the agent' : 'its sandbox'
        return { victim, afterMs: Math.round(Math.random() * life * 1.1), backend }
      })
      const pids: number[] = []
      const waiting = [...blows]
      const worker = async () => {
        for (let blow = waiting.shift(); blow !== undefined; blow = waiting.shift()) {
          const { ended, lost, broken, strange, diff, pid } = await strike(blow, found)
          const about = `${blow.victim} after ${blow.afterMs} ms: ${ended.stderr.slice(-300)}`
          expect({ lost, broken, strange }, about).to.deep.equal({ lost: [], broken: [[], []], strange: [] })
          expect(diff.code, `${about}\n${diff.stderr}`).to.equal(0)
          if (blow.victim === 'its sandbox') expect(ended.code, about).to.be.oneOf([0, 1])
          pids.push(pid)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
      expect(pids).to.have.length(rounds)
      if (found === undefined) return expect(pids.flatMap(keepers)).to.deep.equal([])
      await sweep(found.engine)
      for (const pid of pids) expect(await ownedBy(found, pid), `of the agent ${pid}`).to.deep.equal([])
      expect(processes().filter(({ parent }) => pids.includes(parent))).to.deep.equal([])
    })
  })
