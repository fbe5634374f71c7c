import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Bench } from './bench.ts'

describe('tools: list', () => {
  let bench: Bench
  beforeEach(() => (bench = new Bench({ ignore: ['*.tmp'] })))
  afterEach(() => bench.dispose())

  it('shows a tree, folders first, to a depth', async () => {
    for (const path of ['src/locale/en/x.js', 'src/parse.js', 'b.txt', 'a.txt', '.github/ci.yml']) bench.put(path, '')
    symlinkSync('src', join(bench.root, 'link'))
    expect(await bench.call('list', {})).to.deep.equal({
      ok: true,
      text: '.github/\n  ci.yml\nsrc/\n  locale/ …\n  parse.js\na.txt\nb.txt\nlink -> src',
      summary: '8 entries',
    })
    const one = await bench.call('list', { path: 'src', depth: 1 })
    expect(one).to.deep.equal({ ok: true, text: 'locale/ …\nparse.js', summary: '2 entries' })
    expect((await bench.call('list', { path: 'src', depth: 3 })).text).to.equal('locale/\n  en/\n    x.js\nparse.js')
  })

  it('leaves out what .gitignore and the configuration say, nested ones too', async () => {
    bench.put('.gitignore', 'node_modules/\n*.log\n!keep.log\n')
    bench.put('src/.gitignore', '/made\n')
    for (const path of ['node_modules/x/a.js', 'a.log', 'keep.log', 'x.tmp', '.git/HEAD', 'src/made', 'src/deep/made'])
      bench.put(path, '')
    expect((await bench.call('list', { depth: 5 })).text).to.equal(
      'src/\n  deep/\n    made\n  .gitignore\n.gitignore\nkeep.log',
    )
    expect((await bench.call('list', { path: 'src' })).text).to.equal('deep/\n  made\n.gitignore')
    expect((await bench.call('list', { path: 'node_modules' })).text).to.equal('x/\n  a.js')
    expect((await bench.call('list', { path: 'node_modules/x' })).text).to.equal('a.js')
  })

  it('cuts what is too much, the deepest first, and says so', async () => {
    for (let count = 0; count < 150; count++) bench.put(`many/${String(count).padStart(3, '0')}`, '')
    bench.put('z', '')
    const { text, summary } = await bench.call('list', {})
    expect(text).to.match(/^many\/\n {2}000\n/)
    expect(text).to.match(/ {2}099\n {2}… 50 more\nz\n\[cut: there is more; list a folder of it\]$/)
    expect(summary).to.equal('102+ entries')
  })

  it('shows an odd name on one line, and one that is not UTF-8 as well as can be', async () => {
    bench.put('new\nline', '')
    bench.put('-rf', '')
    expect((await bench.call('list', {})).text).to.equal('-rf\n"new\\nline"')
  })

  it('says what is empty, missing or not a folder', async () => {
    expect(await bench.call('list', {})).to.include({ ok: true, text: '[nothing in .]', summary: '0 entries' })
    bench.put('src/a', '')
    expect((await bench.call('list', { path: 'src/a' })).text).to.equal('src/a is not a folder: use read.')
    expect((await bench.call('list', { path: 'srx' })).text).to.equal('There is no srx. Near it: src.')
  })

  it('stops at once when it is cancelled', async () => {
    bench.put('a/b/c', '')
    const reason = new Error('escape')
    const { list } = bench.sandbox.files
    bench.sandbox.files.list = (path) => {
      if (path.endsWith('/a')) bench.context.controller.abort(reason)
      return path.endsWith('/a') ? new Promise(() => {}) : list(path)
    }
    const thrown = await bench.call('list', { depth: 3 }).catch((error: unknown) => error)
    expect(thrown).to.equal(reason)
  })
})
