import { expect } from 'chai'
import { Aftermath } from '../../lib/sandbox/aftermath.ts'
import type { Breach } from '../../lib/sandbox/breach.ts'
import { Jobs } from '../../lib/sandbox/jobs.ts'
import type { Trace } from '../../lib/sandbox/marks.ts'
import type { Tagged } from '../../lib/sandbox/processes.ts'

const went = { code: 0, signal: null, reason: 'exited', ms: 1 } as const
const tooMany: Breach = { limit: 'pids', text: 'too many' }

/** A sandbox with so many processes, of which each carries a tag or none. */
function sandbox() {
  const inside = { processes: 5, breaches: [] as Breach[], moved: false, tagged: [] as Tagged[] }
  const asked: string[] = []
  const gauges = {
    look: async () => (asked.push('look'), { processes: inside.processes, breaches: inside.breaches }),
    isStill: async () => !inside.moved,
    full: async () => (asked.push('full'), []),
  }
  const processes = {
    tagged: async () => (asked.push('tagged'), inside.tagged),
    kill: async () => void asked.push('kill'),
  }
  const jobs = new Jobs(processes, 'root', () => {})
  const aftermath = new Aftermath(gauges, jobs, 100)
  const after = async (exit: Parameters<Aftermath['of']>[0] = went) => {
    asked.length = 0
    const trace: Trace = { processes: inside.processes, files: new Map() }
    const breaches = await aftermath.of(exit, trace)
    return { asked: [...asked], breaches }
  }
  return { inside, jobs, after }
}

describe('the aftermath of a command', () => {
  it('is not looked for where nothing has moved', async () => {
    const { after } = sandbox()
    await after()
    await after()
    expect(await after()).to.deep.equal({ asked: [], breaches: [] })
    expect(await after({ ...went, code: 1 })).to.deep.equal({ asked: ['full'], breaches: [] })
  })

  it('is looked for where there are more or fewer processes, or the kernel has counted', async () => {
    const { inside, after } = sandbox()
    await after()
    await after()
    inside.processes = 6
    expect((await after()).asked).to.deep.equal(['look', 'tagged'])
    inside.processes = 5
    expect((await after()).asked).to.deep.equal(['look', 'tagged'])
    await after()
    Object.assign(inside, { moved: true, breaches: [tooMany] })
    expect(await after()).to.deep.equal({ asked: ['look'], breaches: [tooMany] })
  })

  it('is looked for as long as there are jobs', async () => {
    const { inside, jobs, after } = sandbox()
    inside.tagged = [{ pid: 7, tag: jobs.tag('sleep 9 &'), words: 'sleep 9', parent: 1 }]
    for (let round = 0; round < 3; round++) expect((await after()).asked).to.deep.equal(['look', 'tagged'])
    expect(jobs.list).to.deep.equal([
      { id: 'root.1.', command: 'sleep 9 &', processes: [{ pid: 7, words: 'sleep 9' }] },
    ])
  })

  it('makes room where there is none', async () => {
    const { inside, after } = sandbox()
    Object.assign(inside, { processes: 95, breaches: [tooMany] })
    for (let round = 0; round < 3; round++)
      expect(await after()).to.deep.equal({ asked: ['look', 'kill', 'tagged'], breaches: [tooMany] })
  })
})
