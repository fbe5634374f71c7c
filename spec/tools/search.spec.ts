import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { engineOrSkip, makeGrounds, type Started, startSandbox } from '../support/sandbox.ts'
import { Bench } from './bench.ts'

describe('tools: search', () => {
  let bench: Bench
  // ripgrep is the image's: this machine may have none.
  let container: Started | undefined
  before(async function () {
    const found = await engineOrSkip(this)
    const grounds = await makeGrounds({ uid: 0, gid: 0 })
    container = await startSandbox(found, { grounds, mount: { kind: 'bind', source: grounds.project } })
  })
  after(() => container?.stop())
  beforeEach(() => (bench = new Bench({ ignore: ['*.tmp'] }, container)))
  afterEach(() => bench.dispose())

  it('groups hits by file, with line numbers', async () => {
    bench.put('src/a.js', 'one\nparse(x)\ntwo parse(y)\n')
    bench.put('b.js', 'parse(z)')
    expect(await bench.call('search', { pattern: 'parse\\(' })).to.deep.equal({
      ok: true,
      text: '3 hits in 2 files\n\nb.js\n1: parse(z)\n\nsrc/a.js\n2: parse(x)\n3: two parse(y)',
      summary: '3 hits in 2 files',
    })
  })

  it('takes plain text, case, path and glob', async () => {
    bench.put('src/a.js', 'f(x)[0]\nF(X)[0]\n')
    bench.put('src/a.ts', 'f(x)[0]\n')
    bench.put('lib/a.js', 'f(x)[0]\n')
    const count = async (args: object) =>
      (await bench.call('search', { pattern: 'f(x)[0]', fixed: true, ...args })).summary
    expect(await count({})).to.equal('3 hits in 3 files')
    expect(await count({ ignore_case: true })).to.equal('4 hits in 3 files')
    expect(await count({ path: 'src' })).to.equal('2 hits in 2 files')
    expect(await count({ path: 'src/a.js' })).to.equal('1 hit in 1 file')
    expect(await count({ glob: '*.ts' })).to.equal('1 hit in 1 file')
    expect(await count({ glob: 'src/**/*.{js,ts}' })).to.equal('2 hits in 2 files')
    expect(await count({ fixed: false, pattern: 'nothing such' })).to.equal('no hits')
  })

  it('shows lines around hits, and where they leave a gap', async () => {
    bench.put('a', '1\n2\nhit\n4\n5\n6\n7\nhit\n')
    expect((await bench.call('search', { pattern: 'hit', context: 1 })).text).to.equal(
      '2 hits in 1 file\n\na\n2- 2\n3: hit\n4- 4\n…\n7- 7\n8: hit',
    )
  })

  it('finds patterns that go over lines, and those that look around', async () => {
    bench.put('a', 'one\ntwo\nthree\n')
    expect((await bench.call('search', { pattern: 'one\\ntwo' })).text).to.equal(
      '2 hits in 1 file\n\na\n1: one\n2: two',
    )
    expect((await bench.call('search', { pattern: 't(?=wo)' })).summary).to.equal('1 hit in 1 file')
  })

  it('leaves out what is ignored, binary, of git, or masked, unless it is named', async () => {
    bench.put('.gitignore', 'dist/\n')
    for (const path of ['dist/a', 'x.tmp', '.git/config', '.github/a', '.env']) bench.put(path, 'needle\n')
    bench.put('bin', Buffer.from('needle\0'))
    expect((await bench.call('search', { pattern: 'needle' })).text).to.equal(
      '1 hit in 1 file\n\n.github/a\n1: needle\n\n[left out because they are masked secrets: .env; to search one, give its path]',
    )
    expect((await bench.call('search', { pattern: 'needle', path: 'dist' })).summary).to.equal('1 hit in 1 file')
  })

  it('stops when there are enough, and says so', async () => {
    for (let count = 0; count < 20; count++) bench.put(`f${count}`, 'needle\n'.repeat(50_000))
    const result = await bench.call('search', { pattern: 'needle', limit: 3 })
    expect(result).to.deep.equal({
      ok: true,
      text:
        'first 3 hits in 1 file\n\nf0\n1: needle\n2: needle\n3: needle\n\n' +
        '[only the first 3 hits are shown: narrow the search by path, glob or pattern]',
      summary: 'first 3 hits in 1 file',
    })
  })

  it('keeps to the limit of bytes, and shows of a long line the part with the hit', async () => {
    bench.put('min.js', `${'a'.repeat(100_000)}needle${'b'.repeat(100_000)}\n`)
    const { text } = await bench.call('search', { pattern: 'needle' })
    expect(text).to.equal(`1 hit in 1 file\n\nmin.js\n1: …${'a'.repeat(100)}needle${'b'.repeat(294)}…`)
    bench.put('many', `${'needle '.repeat(60)}\n`.repeat(1000))
    const cut = await bench.call('search', { pattern: 'needle', path: 'many', limit: 1000 })
    expect(Buffer.byteLength(cut.text)).to.be.within(29_000, 30_300)
    expect(cut.summary).to.equal('first 73 hits in 1 file')
  })

  it('says what is wrong with a pattern', async () => {
    bench.put('a', 'x')
    expect(await bench.call('search', { pattern: 'foo(' })).to.deep.equal({
      ok: false,
      text: 'The pattern is not a valid regular expression: unclosed group. Escape what is meant to the letter, or set fixed.',
      summary: 'bad pattern',
    })
  })

  it('says that a path is not there', async () => {
    bench.put('src/a', 'x')
    expect((await bench.call('search', { pattern: 'x', path: 'srx' })).text).to.equal('There is no srx. Near it: src.')
  })

  const odd = ['-rf', '--files', '-e', 'new\nline', '$(touch pwned)', "a'b", ' ', '*', 'é', ':1:2:']
  for (const name of odd) {
    it(`searches in ${JSON.stringify(name)} and for it`, async () => {
      bench.put(`dir/${name}`, `needle ${name.replace('\n', ' ')}\n`)
      bench.put(name, 'needle\n')
      expect((await bench.call('search', { pattern: 'needle', path: name })).summary).to.equal('1 hit in 1 file')
      expect((await bench.call('search', { pattern: 'needle' })).summary).to.equal('2 hits in 2 files')
      const text = name.replace('\n', ' ')
      const found = await bench.call('search', { pattern: `needle ${text}`, fixed: true, glob: 'dir/*' })
      expect(found.summary).to.equal('1 hit in 1 file')
      expect((await bench.sandbox.files.list(bench.root)).map((entry) => entry.name).toSorted()).to.deep.equal(
        ['dir', name].toSorted(),
      )
    })
  }

  it('takes a pattern that looks like an option, and refuses NUL', async () => {
    bench.put('a', '--pre=/bin/sh\n')
    expect((await bench.call('search', { pattern: '--pre=/bin/sh' })).summary).to.equal('1 hit in 1 file')
    expect((await bench.call('search', { pattern: 'a\0b' })).text).to.equal(
      'The pattern or the glob holds a NUL character.',
    )
    expect((await bench.call('search', { pattern: 'a', glob: '\0' })).ok).to.equal(false)
  })

  it('takes nothing on trust that comes from the program', async () => {
    mkdirSync(join(bench.sandbox.base, 'bin'))
    for (const name of ['sh', 'printf', 'grep', 'find'])
      symlinkSync(`/bin/${name}`, join(bench.sandbox.base, 'bin', name))
    bench.sandbox.path = join(bench.sandbox.base, 'bin')
    const lies = [
      '{',
      '[]',
      'null',
      '{"type":"match"}',
      '{"type":"match","data":{"path":{"text":1},"lines":{},"line_number":"x"}}',
    ]
    bench.put('../bin/rg', `#!/bin/sh\n${lies.map((lie) => `printf '%s\\n' '${lie}'`).join('\n')}\n`)
    await bench.sandbox.files.write(join(bench.sandbox.base, 'bin', 'rg'), bench.bytes('../bin/rg'), { mode: 0o755 })
    expect(await bench.call('search', { pattern: 'x' })).to.include({ ok: true, summary: 'no hits' })
  })

  it('ends the program when it is cancelled', async () => {
    mkdirSync(join(bench.sandbox.base, 'bin'))
    for (const name of ['sh', 'sleep']) symlinkSync(`/bin/${name}`, join(bench.sandbox.base, 'bin', name))
    bench.sandbox.path = join(bench.sandbox.base, 'bin')
    await bench.sandbox.files.write(join(bench.sandbox.path, 'rg'), Buffer.from('#!/bin/sh\nsleep 1000\n'), {
      mode: 0o755,
    })
    const reason = new Error('escape')
    const running = bench.call('search', { pattern: 'x' }).catch((error: unknown) => error)
    setImmediate(() => bench.context.controller.abort(reason))
    expect(await running).to.equal(reason)
  })

  describe('without ripgrep', () => {
    beforeEach(() => {
      const bin = join(bench.sandbox.base, 'bin')
      mkdirSync(bin)
      for (const name of ['sh', 'grep', 'find']) symlinkSync(`/usr/bin/${name}`, join(bin, name))
      bench.sandbox.path = bin
    })

    const note = '[this image has no ripgrep, so grep was used: no context, and POSIX regular expressions]'

    it('uses grep, holds to the ignore rules, and says so', async () => {
      bench.put('.gitignore', 'dist/\n')
      for (const path of ['dist/a', 'x.tmp', '.git/config', 'node_modules/x', 'src/-rf', '.env'])
        bench.put(path, 'needle\n')
      const { text } = await bench.call('search', { pattern: 'need+le' })
      expect(text).to.equal(
        `1 hit in 1 file\n\nsrc/-rf\n1: needle\n\n${note.slice(0, -1)}; ` +
          'left out because they are masked secrets: .env; to search one, give its path]',
      )
      expect((await bench.call('search', { pattern: 'needle', path: 'node_modules' })).summary).to.equal(
        '1 hit in 1 file',
      )
      expect((await bench.call('search', { pattern: 'need+le', fixed: true })).text).to.equal(
        `Nothing in the workspace matches "need+le".\n${note}`,
      )
    })

    it('says that a pattern is bad', async () => {
      bench.put('a', 'x')
      const { ok, text } = await bench.call('search', { pattern: 'foo(' })
      expect(ok).to.equal(false)
      expect(text).to.match(/^Nothing was found, but the search was not complete: grep: Unmatched/)
    })
  })
})
