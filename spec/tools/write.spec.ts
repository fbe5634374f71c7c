import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Bench } from './bench.ts'

describe('tools: write and delete', () => {
  let bench: Bench
  beforeEach(() => (bench = new Bench()))
  afterEach(() => bench.dispose())

  it('makes a file and its folders', async () => {
    expect(await bench.call('write', { path: 'a/b/c.txt', content: 'one\ntwo\n' })).to.deep.equal({
      ok: true,
      text: 'Created a/b/c.txt: 2 lines.',
      summary: 'new, +2',
    })
    expect(bench.text('a/b/c.txt')).to.equal('one\ntwo\n')
  })

  it('replaces a file, counts the lines and keeps the mode', async () => {
    bench.put('run.sh', 'a\nb\nc\nd\n')
    chmodSync(join(bench.root, 'run.sh'), 0o755)
    expect(await bench.call('write', { path: 'run.sh', content: 'a\nB\nc\nd\ne\n' })).to.deep.equal({
      ok: true,
      text: 'Replaced run.sh: +2 −1.',
      summary: '+2 −1',
    })
    expect(statSync(join(bench.root, 'run.sh')).mode & 0o777).to.equal(0o755)
  })

  it('says that nothing changed, and that line ends did', async () => {
    bench.put('a', 'same\n')
    expect((await bench.call('write', { path: 'a', content: 'same\n' })).summary).to.equal('unchanged')
    bench.put('b', 'x\r\n')
    expect((await bench.call('write', { path: 'b', content: 'x\n' })).text).to.equal(
      'Replaced b: +1 −1. Its line ends were CRLF and now are LF.',
    )
  })

  it('counts a rewrite of a large file without taking long', async () => {
    bench.put('a', Array.from({ length: 50_000 }, (_, index) => `${index}\n`).join(''))
    const content = Array.from({ length: 50_000 }, (_, index) => `${index * 7 + 1}\n`).join('')
    const started = performance.now()
    const { summary } = await bench.call('write', { path: 'a', content })
    expect(summary).to.equal('+50000 −50000')
    expect(performance.now() - started).to.be.lessThan(3000)
  })

  it('replaces a binary file by its size', async () => {
    bench.put('a', Buffer.from([0, 1]))
    expect((await bench.call('write', { path: 'a', content: 'text' })).summary).to.equal('replaced, 4 bytes')
  })

  it('writes no file over a folder, and none outside', async () => {
    bench.put('src/a', 'here')
    expect((await bench.call('write', { path: 'src', content: '' })).text).to.equal(
      'src is a folder: give the path of a file.',
    )
    expect(await bench.call('write', { path: '/tmp/x', content: '' })).to.include({ ok: false, summary: 'refused' })
    expect(bench.sandbox.asked).to.deep.equal(['read'])
  })

  it('deletes a file, a link and, when told to, a folder', async () => {
    bench.put('dir/a', '')
    bench.put('b', '')
    symlinkSync('dir', join(bench.root, 'link'))
    expect(await bench.call('delete', { path: 'link', recursive: true })).to.include({
      ok: true,
      summary: 'link deleted',
    })
    expect(await bench.call('delete', { path: 'b' })).to.include({ ok: true, summary: 'file deleted' })
    expect(await bench.call('delete', { path: 'dir' })).to.deep.equal({
      ok: false,
      text: 'dir is a folder: set recursive to delete it and all that is in it.',
      summary: 'is a folder',
    })
    expect(existsSync(join(bench.root, 'dir/a'))).to.equal(true)
    expect(await bench.call('delete', { path: 'dir', recursive: true })).to.include({
      ok: true,
      summary: 'folder deleted',
    })
    expect(existsSync(join(bench.root, 'dir'))).to.equal(false)
  })

  it('deletes neither the workspace nor what is not there', async () => {
    for (const path of ['.', 'a/..', bench.root, '../project']) {
      expect((await bench.call('delete', { path, recursive: true })).text).to.match(
        /^The workspace itself cannot be deleted/,
      )
    }
    mkdirSync(join(bench.root, 'docs'))
    expect((await bench.call('delete', { path: 'doc' })).text).to.equal('There is no doc. Near it: docs.')
  })
})
