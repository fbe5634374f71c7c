import { expect } from 'chai'
import { fuzzy } from '../../../lib/tui/format/fuzzy.ts'

const paths = ['lib/tui/app.ts', 'lib/agent/approval.ts', 'docs/APPS.md', 'spec/tui/app.spec.ts', 'package.json']
const best = (query: string, items = paths) => fuzzy(query, items, (path) => path).map(({ item }) => item)

describe('fuzzy', () => {
  it('gives all in their order where nothing is asked for', () => {
    expect(best('')).to.deep.equal(paths)
  })

  it('finds letters in their order, whatever their case, and nothing else', () => {
    expect(best('JSON')).to.deep.equal(['package.json'])
    expect(best('nosj')).to.deep.equal([])
  })

  it('puts what begins a name before what lies somewhere in it', () => {
    expect(best('app.ts')[0]).to.equal('lib/tui/app.ts')
    expect(best('approval')[0]).to.equal('lib/agent/approval.ts')
    expect(best('spec app')[0]).to.equal('spec/tui/app.spec.ts')
  })

  it('goes through 100,000 paths without being noticed', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `packages/p${i % 97}/src/module-${i}.ts`)
    const start = performance.now()
    expect(best('p7 module-99', many)[0]).to.match(/^packages\/p7.*module-.*99/)
    expect(performance.now() - start).to.be.lessThan(400)
  })
})
