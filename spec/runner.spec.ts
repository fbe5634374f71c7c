import { expect } from 'chai'
import { Folder } from './support/folder.ts'
import { runSpecs } from './support/run-specs.mjs'

describe('a run of specs', () => {
  const folder = new Folder()
  const counts = (spec: string) =>
    runSpecs([folder.write('one.spec.mjs', spec)], { ...process.env, LEAK_GRACE_MS: '100' }, 'ignore')

  it('passes where its specs do', async () => {
    expect(await counts("it('passes', () => {})")).to.deep.equal({ passes: 1, failures: 0, pending: 0 })
  })

  it('fails for a rejection that nobody handled, although its spec has passed', async () => {
    const late = "it('passes', () => { setTimeout(() => void Promise.reject(new Error('late')), 5) })"
    expect(await counts(`${late}; it('waits', (done) => void setTimeout(done, 50))`)).to.include({ failures: 1 })
  })

  it('fails for a handle that is still open', async () => {
    const leak = "import { createServer } from 'node:net'; it('leaks', (done) => void createServer().listen(0, done))"
    expect(await counts(leak)).to.deep.equal({ passes: 1, failures: 1, pending: 0 })
  })

  it('has no counts where a file throws on load', async () => {
    expect(await counts("throw new Error('on load')")).to.equal(undefined)
  })
})
