import { expect } from 'chai'
import { Finder } from '../../../lib/tui/format/finder.ts'
import { fuzzy } from '../../../lib/tui/format/fuzzy.ts'

/** A finder, and a wait until it has looked everywhere. */
function newFinder() {
  let heard: (() => void) | undefined
  const finder = new Finder(() => heard?.())
  const done = () =>
    new Promise<void>((resolve) => {
      const look = () => finder.isDone && resolve()
      heard = look
      look()
    })
  return { finder, done }
}

function paths(count: number): string[] {
  const folders = ['src', 'lib', 'test', 'docs', 'packages/core', 'packages/web']
  const names = ['index', 'parse', 'format', 'Widget', 'use-thing', 'README']
  return Array.from({ length: count }, (_, i) => `${folders[i % 6]}/part${i % 997}/${names[(i * 7) % 6]}-${i}.ts`)
}

describe('tui/format/finder', function () {
  this.timeout(20_000)

  it('finds the same as looking through all at once, the best first', async () => {
    const { finder, done } = newFinder()
    const all = paths(5_000)
    finder.use(all)
    for (const query of ['parse', 'wid42', 'pcore/in', 'README', 'zzz', 'src part1']) {
      finder.seek(query)
      await done()
      const best = fuzzy(query, all, (path) => path).slice(0, 20)
      expect(finder.found.slice(0, 20)).to.deep.equal(best.map(({ item }) => item))
    }
  })

  it('goes on from what it has found while more is typed, and begins anew where less is', async () => {
    const { finder, done } = newFinder()
    finder.use(['src/parse.ts', 'src/print.ts', 'doc/page.md'])
    const seen: string[][] = []
    for (const query of ['p', 'pr', 'pri', 'p', '']) {
      finder.seek(query)
      await done()
      seen.push(finder.found.toSorted())
    }
    expect(seen).to.deep.equal([
      ['doc/page.md', 'src/parse.ts', 'src/print.ts'],
      ['src/parse.ts', 'src/print.ts'],
      ['src/print.ts'],
      ['doc/page.md', 'src/parse.ts', 'src/print.ts'],
      ['doc/page.md', 'src/parse.ts', 'src/print.ts'],
    ])
  })

  it('lets a key be answered after every few milliseconds, among however many', async () => {
    const clock = { now: 0 }
    let heard: (() => void) | undefined
    const finder = new Finder(
      () => heard?.(),
      () => (clock.now += 1),
    )
    finder.use(paths(10_000))
    finder.seek('widget')
    let slices = 1
    while (!finder.isDone) await new Promise<void>((resolve) => (heard = resolve)).then(() => (slices += 1))
    // The clock is read after every 64 texts.
    expect(slices).to.be.within(Math.floor(10_000 / (64 * 4)), Math.ceil(10_000 / (64 * 2)))
  })

  it('looks through 100,000 paths in a fraction of a second, and on from there in less', async () => {
    const { finder, done } = newFinder()
    finder.use(paths(100_000))
    const spent: number[] = []
    for (const query of ['w', 'wi', 'wid', 'widget-9']) {
      const before = process.cpuUsage()
      finder.seek(query)
      await done()
      const { user, system } = process.cpuUsage(before)
      spent.push(Math.round((user + system) / 1000))
    }
    expect(finder.found[0]).to.match(/Widget-9/)
    expect(finder.count).to.be.above(1_000)
    expect(spent[0], `milliseconds: ${spent.join(', ')}`).to.be.below(400)
    expect(spent[3], `milliseconds: ${spent.join(', ')}`).to.be.below(200)
  })
})
