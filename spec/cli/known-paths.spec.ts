import { expect } from 'chai'
import { KnownPaths } from '../../lib/cli/known-paths.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Change } from '../../lib/core/changes.ts'

function change(path: string, kind: Change['kind'], from?: string): Change {
  return { path, kind, from, type: 'file', size: 0, binary: false, drifted: false }
}

function open() {
  const bus = new Bus((error) => {
    throw error
  })
  const clock = { now: 0 }
  const asked: ((paths: string[]) => void)[] = []
  const list = () => new Promise<string[]>((resolve) => asked.push(resolve))
  return { bus, clock, asked, paths: new KnownPaths({ bus, list, now: () => clock.now }) }
}

const changed = (paths: KnownPaths) =>
  new Promise<void>((resolve) => {
    const heard = paths.onChange(() => {
      void heard.dispose()
      resolve()
    })
  })

describe('cli/known-paths', () => {
  it('are listed when somebody looks, once at a time, and not again within a moment', async () => {
    const { paths, asked, clock } = open()
    expect([paths.known, paths.whole, asked.length]).to.deep.equal([[], false, 0])
    const listed = changed(paths)
    paths.refresh()
    paths.refresh()
    asked[0]!(['a', 'b'])
    await listed
    await new Promise((resolve) => setImmediate(resolve))
    expect([paths.known, paths.whole]).to.deep.equal([['a', 'b'], true])
    paths.refresh()
    expect(asked.length).to.equal(1)
    clock.now = 3_000
    paths.refresh()
    expect(asked.length).to.equal(2)
  })

  it('follow the changes without being listed', async () => {
    const { paths, asked, bus } = open()
    const listed = changed(paths)
    paths.refresh()
    asked[0]!(['a', 'b', 'c'])
    await listed
    bus.emit('workspace.changed', {
      changes: [change('new', 'added'), change('a', 'deleted'), change('c2', 'renamed', 'c'), change('b', 'changed')],
    })
    expect(paths.known).to.deep.equal(['new', 'c2', 'b'])
    bus.emit('workspace.changed', { changes: [] })
    expect(paths.known).to.deep.equal(['a', 'b', 'c'])
    expect(asked.length).to.equal(1)
  })
})
