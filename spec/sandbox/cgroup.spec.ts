import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { makeCgroup } from '../../lib/sandbox/cgroup.ts'
import { Folder } from '../support/folder.ts'

const limits = { memory: 2 ** 30, cpus: 1.5, pids: 100 }

/** The groups behind these doors: where each stands, and the files in it. */
function made(doors: readonly string[]): [string, Record<string, string>][] {
  return doors.map((door) => {
    const group = dirname(door)
    const files = readdirSync(group).map((file) => [file, readFileSync(join(group, file), 'utf8')])
    return [dirname(group), Object.fromEntries(files)]
  })
}

describe('sandbox control groups', () => {
  const folder = new Folder()

  /** A tree as the kernel shows it, of files by path. Gives where it stands, and this process's place in it. */
  const tree = (name: string, own: string, files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) folder.write(`${name}/${path}`, text)
    return { root: folder.at(name), own: folder.write(`${name}.own`, own) }
  }
  it('stand beside the nearest group whose kin have limits', async () => {
    const place = tree('unified', '0::/user/app.slice/terminal.scope\n', {
      'user/cgroup.subtree_control': 'cpu memory pids\n',
      'user/cgroup.procs': '',
      'user/app.slice/cgroup.subtree_control': 'cpu memory pids\n',
      'user/app.slice/cgroup.procs': '',
      'user/app.slice/terminal.scope/cgroup.subtree_control': '\n',
      'user/app.slice/terminal.scope/cgroup.procs': '1\n',
    })
    mkdirSync(folder.at('unified/user/app.slice/drydock-4194304-1'))
    mkdirSync(folder.at(`unified/user/app.slice/drydock-${process.pid}-0`))
    const { holds, doors } = await makeCgroup(limits, place)
    expect([...holds]).to.deep.equal(['memory', 'pids', 'cpus'])
    expect(made(doors)).to.deep.equal([
      [
        folder.at('unified/user/app.slice'),
        { 'cpu.max': '150000 100000', 'memory.max': '1073741824', 'memory.swap.max': '0', 'pids.max': '100' },
      ],
    ])
    expect(existsSync(folder.at('unified/user/app.slice/drydock-4194304-1')), 'of a process that is no more').to.equal(
      false,
    )
    expect(existsSync(folder.at(`unified/user/app.slice/drydock-${process.pid}-0`))).to.equal(true)
  })

  it('hold nothing where no part of the tree was handed down', async () => {
    const place = tree('closed', '0::/user\n', { 'user/cgroup.subtree_control': '', 'cgroup.subtree_control': 'cpu\n' })
    const { holds, doors } = await makeCgroup(limits, place)
    expect([[...holds], doors]).to.deep.equal([[], []])
    const none = await makeCgroup(limits, { root: folder.at('nothing'), own: folder.at('nothing') })
    expect([[...none.holds], none.doors]).to.deep.equal([[], []])
  })

  it('stand in each tree of the older kind', async () => {
    const place = tree('legacy', '3:cpu,cpuacct:/a\n2:memory:/b\n1:name=systemd:/\n0::/\n', {
      'cpu,cpuacct/a/cgroup.procs': '',
      'memory/b/cgroup.procs': '',
    })
    const { holds, doors } = await makeCgroup(limits, place)
    expect([...holds]).to.deep.equal(['cpus', 'memory'])
    expect(made(doors)).to.deep.equal([
      [folder.at('legacy/cpu,cpuacct/a'), { 'cpu.cfs_quota_us': '150000' }],
      [
        folder.at('legacy/memory/b'),
        { 'memory.limit_in_bytes': '1073741824', 'memory.memsw.limit_in_bytes': '1073741824' },
      ],
    ])
  })
})
