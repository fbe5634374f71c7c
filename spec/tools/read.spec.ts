import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Bench } from './bench.ts'

describe('tools: read', () => {
  let bench: Bench
  beforeEach(() => (bench = new Bench({ outputBytes: 20_000 })))
  afterEach(() => bench.dispose())

  it('gives numbered lines, and which they are', async () => {
    bench.put('a.txt', 'one\n\n  three')
    expect(await bench.call('read', { path: 'a.txt' })).to.deep.equal({
      ok: true,
      text: '1\tone\n2\t\n3\t  three\n[lines 1–3, the end]',
      summary: '1–3',
    })
    expect(bench.sandbox.asked).to.deep.equal(['read'])
  })

  it('gives the part asked for', async () => {
    bench.put('a.txt', 'one\ntwo\nthree\nfour\n')
    expect(await bench.call('read', { path: 'a.txt', offset: 2, limit: 2 })).to.deep.equal({
      ok: true,
      text: '2\ttwo\n3\tthree\n[lines 2–3, of 4; go on with offset 4]',
      summary: '2–3 of 4',
    })
    const beyond = { ok: false, text: 'a.txt has only 4 lines.', summary: 'only 4 lines' }
    expect(await bench.call('read', { path: 'a.txt', offset: 5 })).to.deep.equal(beyond)
  })

  it('says that a file is empty', async () => {
    bench.put('a.txt', '')
    expect(await bench.call('read', { path: 'a.txt' })).to.deep.equal({
      ok: true,
      text: '[a.txt is empty]',
      summary: 'empty',
    })
  })

  it('leaves byte order mark and carriage returns out, and tells of the latter', async () => {
    bench.put('a.txt', '\ufeffone\r\ntwo\r\n')
    expect((await bench.call('read', { path: 'a.txt' })).text).to.equal(
      '1\tone\n2\ttwo\n[lines 1–2, the end; line ends are CRLF]',
    )
  })

  it('shows what is not UTF-8 as such', async () => {
    bench.put('a.txt', Buffer.from('caf\xe9\n', 'latin1'))
    expect((await bench.call('read', { path: 'a.txt' })).text).to.equal(
      '1\tcaf\ufffd\n[lines 1–1, the end; not all of it is valid UTF-8: � stands for other bytes]',
    )
  })

  it('says binary instead of showing it', async () => {
    bench.put('a.bin', Buffer.from([1, 2, 0, 3]))
    bench.put('wide.txt', Buffer.from('\ufeffhello', 'utf16le'))
    const { ok, text, summary } = await bench.call('read', { path: 'a.bin' })
    expect([ok, summary]).to.deep.equal([false, 'binary, 4 bytes'])
    expect(text).to.match(/^a\.bin is binary \(4 bytes\) and is not shown/)
    expect((await bench.call('read', { path: 'wide.txt' })).text).to.include('UTF-16')
  })

  it('cuts long lines and stops at the limit, with where to go on', async () => {
    bench.put('a.txt', `${'x'.repeat(5000)}\n`.repeat(20))
    const { text, summary } = await bench.call('read', { path: 'a.txt' })
    expect(text).to.match(/^1\tx{2000}… \[cut: the line has 5000 bytes\]\n2\t/)
    expect(summary).to.equal('1–9 of 20')
    expect(text).to.match(/go on with offset 10\]$/)
    expect(Buffer.byteLength(text)).to.be.lessThan(20_100)
  })

  it('reads a big file by ranges and finds a line deep in it', async () => {
    bench.put('big.txt', Array.from({ length: 60_000 }, (_, index) => `${index + 1} ${'é'.repeat(40)}\n`).join(''))
    const deep = await bench.call('read', { path: 'big.txt', offset: 30_000, limit: 1 })
    expect(deep.text).to.match(
      /^30000\t30000 é{40}\n\[lines 30000–30000, of a file of 5\.0 MB; go on with offset 30001\]$/,
    )
    bench.sandbox.asked.length = 0
    await bench.call('read', { path: 'big.txt', limit: 5 })
    expect(bench.sandbox.asked).to.deep.equal(['read', 'stat'])
    const end = await bench.call('read', { path: 'big.txt', offset: 60_000 })
    expect(end.summary).to.equal('60000')
  })

  it('does not hold a file that is one line', async () => {
    bench.put('one.txt', Buffer.alloc(30_000_000, 120))
    const { text } = await bench.call('read', { path: 'one.txt' })
    expect(text).to.match(/^1\tx{2000}… \[cut: the line has 30000000 bytes\]\n/)
  })

  it('gives up on a file that has no end', async () => {
    const { read } = bench.sandbox.files
    bench.put('endless', 'x')
    bench.sandbox.files.read = async (path, range) =>
      path.endsWith('endless') ? Buffer.alloc(range!.length!, 120) : read(path, range)
    expect(await bench.call('read', { path: 'endless' })).to.deep.equal({
      ok: false,
      text: 'endless (1 byte) is too big to find that line in it: use shell, as with `sed -n` or `tail`.',
      summary: 'too deep',
    })
  })

  it('names what comes near a file that is not there', async () => {
    bench.put('src/parser.ts', '')
    bench.put('src/other.ts', '')
    const near = await bench.call('read', { path: 'src/parse.ts' })
    expect(near).to.deep.equal({
      ok: false,
      text: 'There is no src/parse.ts. Near it: src/parser.ts.',
      summary: 'no such file',
    })
    const above = await bench.call('read', { path: 'sr/deep/parse.ts' })
    expect(above.text).to.equal('There is no sr/deep/parse.ts. Near it: src.')
    const nothing = await bench.call('read', { path: 'src/zzzzzz' })
    expect(nothing.text).to.equal('There is no src/zzzzzz. Use list to see what is in src.')
    const folder = await bench.call('read', { path: 'srcs/parse.ts' })
    expect(folder.text).to.equal('There is no srcs/parse.ts. Near it: src.')
  })

  it('sends a folder to list', async () => {
    bench.put('src/a', '')
    expect((await bench.call('read', { path: 'src' })).text).to.equal('src is a folder: use list to see what is in it.')
  })

  it('reads names that are odd', async () => {
    for (const path of ['-rf', 'new\nline', '$(x)', ' ', 'é']) {
      bench.put(path, 'here\n')
      expect((await bench.call('read', { path })).text).to.equal('1\there\n[lines 1–1, the end]')
    }
  })

  it('follows a link that stays inside', async () => {
    bench.put('a.txt', 'here\n')
    symlinkSync('a.txt', join(bench.root, 'link'))
    expect((await bench.call('read', { path: 'link' })).ok).to.equal(true)
  })
})
