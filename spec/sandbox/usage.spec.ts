import { expect } from 'chai'
import { breaches, size } from '../../lib/sandbox/breach.ts'
import { readUsage } from '../../lib/sandbox/usage.ts'

describe('sandbox usage', () => {
  it('is read from the unified tree', () => {
    const files = new Map([
      ['memory.current', '5000000\n'],
      ['memory.stat', 'anon 1\ninactive_file 1000000\nactive_file 7\n'],
      ['memory.events', 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n'],
      ['pids.current', '17\n'],
      ['pids.events', 'max 4\n'],
      ['cpu.stat', 'usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n'],
    ])
    expect(readUsage(files)).to.deep.equal({ cpuMs: 2500, memory: 4_000_000, pids: 17, killed: 2, refused: 4 })
  })

  it('is read from the older trees', () => {
    const files = new Map([
      ['memory/memory.usage_in_bytes', '5000000\n'],
      ['memory/memory.stat', 'inactive_file 9\ntotal_inactive_file 2000000\n'],
      ['memory/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n'],
      ['pids/pids.current', '3\n'],
      ['pids/pids.events', 'max 0\n'],
      ['cpuacct/cpuacct.usage', '7000000\n'],
    ])
    expect(readUsage(files)).to.deep.equal({ cpuMs: 7, memory: 3_000_000, pids: 3, killed: 1, refused: 0 })
  })

  it('is what there is', () => {
    expect(readUsage(new Map())).to.deep.equal({
      cpuMs: undefined,
      memory: undefined,
      pids: undefined,
      killed: 0,
      refused: 0,
    })
  })

  it('tells between two looks which limit was reached', () => {
    const limits = { memory: 1.5 * 2 ** 30, pids: 512 }
    expect(breaches({ killed: 1, refused: 5 }, { killed: 3, refused: 12 }, limits)).to.deep.equal([
      { limit: 'memory', text: "the sandbox's memory limit of 1.5 GB was reached: 2 processes were killed" },
      { limit: 'pids', text: "the sandbox's limit of 512 processes and threads was reached: 7 more were refused" },
    ])
    expect(breaches({ killed: 3, refused: 12 }, { killed: 3, refused: 12 }, limits)).to.deep.equal([])
    expect([size(512 * 2 ** 20), size(4 * 2 ** 30), size(2 ** 20)]).to.deep.equal(['512 MB', '4 GB', '1 MB'])
  })
})
