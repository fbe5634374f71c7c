import { expect } from 'chai'
import { Folder } from './support/folder.ts'
import { runSpecs } from './support/run-specs.mjs'

describe('a run of specs', () => {
  const folder = new Folder()
  const env = { ...process.env, LEAK_GRACE_MS: '100' }
  /** The counts, and what was printed. */
  const run = async (...specs: string[]) => {
    const files = specs.map((spec, index) => folder.write(`${index}.spec.mjs`, spec))
    let said = ''
    return { counts: await runSpecs(files, env, { lanes: 2, say: (text) => void (said += text) }), said }
  }
  const counts = async (spec: string) => (await run(spec)).counts

  it('passes where its specs do', async () => {
    expect(await counts("it('passes', () => {})")).to.deep.equal({ passes: 1, failures: 0, pending: 0 })
  })

  it('fails for a rejection that nobody handled, although its spec has passed', async () => {
    const late = "it('passes', () => { setTimeout(() => void Promise.reject(new Error('late')), 5) })"
    const { counts: all, said } = await run(`${late}; it('waits', (done) => void setTimeout(done, 50))`)
    expect(all.failures).to.be.greaterThan(0)
    expect(said).to.contain('Uncaught Error: late')
  })

  it('fails for a handle that is still open', async () => {
    const leak = "import { createServer } from 'node:net'; it('leaks', (done) => void createServer().listen(0, done))"
    expect(await counts(leak)).to.deep.equal({ passes: 1, failures: 1, pending: 0 })
  })

  it('fails for a file that throws on load, and runs the others', async () => {
    const ended = await run("throw new Error('on load')", "it('passes', () => {})", "it('passes too', () => {})")
    expect(ended.counts).to.deep.equal({ passes: 2, failures: 1, pending: 0 })
    expect(ended.said).to.contain('Error: on load')
  })

  it('fails for a process that breaks down, and runs the files that are left in another', async () => {
    const ended = await run("it('ends all', () => process.exit(3))", "it('one', () => {})", "it('two', () => {})")
    expect(ended.counts).to.deep.equal({ passes: 2, failures: 1, pending: 0 })
    expect(ended.said).to.contain('ended with status 3')
  })

  it('says at its end what failed, and which files took longest', async () => {
    const slow = "it('takes its time', (done) => void setTimeout(done, 300)); it.skip('waits', () => {})"
    const { counts: all, said } = await run("it('is wrong', () => { throw new Error('so wrong') })", slow)
    expect(all).to.deep.equal({ passes: 1, failures: 1, pending: 1 })
    const end = said.slice(said.lastIndexOf('0.spec.mjs\n\n  1) is wrong:'))
    expect(end).to.match(/so wrong[^]*\nThe slowest files:\n +\d\.\d s {2}\S+\.spec\.mjs\n/)
  })
})
