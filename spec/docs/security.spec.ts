import { expect } from 'chai'
import { existsSync, readFileSync, readdirSync } from 'node:fs'

const page = readFileSync('docs/SECURITY.md', 'utf8')
const named = new Set([...page.matchAll(/`(spec\/[\w./-]+\.spec\.ts)`/g)].map(([, path]) => path!))

describe('docs/SECURITY.md', () => {
  it('names specs that are there', () => {
    expect(named.size).to.be.greaterThan(20)
    expect([...named].filter((path) => !existsSync(path))).to.deep.equal([])
  })

  it('names every spec of attacks', () => {
    const specs = readdirSync('spec/attacks').filter((name) => name.endsWith('.spec.ts'))
    expect(specs.map((name) => `spec/attacks/${name}`).filter((path) => !named.has(path))).to.deep.equal([])
  })

  it('has a spec for every promise', () => {
    const promises = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
    expect(promises.filter((line) => !line.includes('.spec.ts`'))).to.deep.equal([])
  })

  it('is found from the first page', () => {
    expect(readFileSync('README.md', 'utf8')).to.include('(docs/SECURITY.md)')
  })
})
