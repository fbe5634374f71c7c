import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Bench } from './bench.ts'

describe('tools: edit', () => {
  let bench: Bench
  beforeEach(() => (bench = new Bench()))
  afterEach(() => bench.dispose())

  it('replaces the only occurrence', async () => {
    bench.put('a.ts', 'one\ntwo\nthree\n')
    expect(await bench.call('edit', { path: 'a.ts', old: 'two\n', new: 'zwei\nund\n' })).to.deep.equal({
      ok: true,
      text: 'Edited a.ts: +2 −1.',
      summary: '+2 −1',
    })
    expect(bench.text('a.ts')).to.equal('one\nzwei\nund\nthree\n')
  })

  it('replaces all when told to', async () => {
    bench.put('a', 'x x\nx\n')
    await bench.call('edit', { path: 'a', old: 'x', new: 'xx', all: true })
    expect(bench.text('a')).to.equal('xx xx\nxx\n')
  })

  it('refuses what is there more than once, with the lines', async () => {
    bench.put('a', 'x\ny\nx\nx\n')
    expect(await bench.call('edit', { path: 'a', old: 'x', new: 'z' })).to.deep.equal({
      ok: false,
      text: 'old is in a 3 times, at lines 1, 3, 4: give more of the text around the one you mean, or set all.',
      summary: '3 places',
    })
    expect(bench.text('a')).to.equal('x\ny\nx\nx\n')
  })

  it('makes several edits one after the other, or none', async () => {
    bench.put('a', 'one\ntwo\n')
    const good = [
      { old: 'one', new: 'two' },
      { old: 'two\ntwo', new: 'done' },
    ]
    expect((await bench.call('edit', { path: 'a', edits: good })).ok).to.equal(true)
    expect(bench.text('a')).to.equal('done\n')
    const bad = [
      { old: 'done', new: 'x' },
      { old: 'done', new: 'y' },
    ]
    expect((await bench.call('edit', { path: 'a', edits: bad })).text).to.equal(
      'Edit 2 of 2: old is not in a. Nothing in the file is like it: read the file again.\nNone of the edits was made.',
    )
    expect(bench.text('a')).to.equal('done\n')
  })

  it('takes text to the letter: no patterns, no replacement signs', async () => {
    bench.put('a', 'f(a.b)[0] $1\\d+\n')
    await bench.call('edit', { path: 'a', old: '(a.b)[0] $1\\d+', new: '$& $1 $$ \\n' })
    expect(bench.text('a')).to.equal('f$& $1 $$ \\n\n')
  })

  const ends: [string, string, object, string][] = [
    ['LF text in a CRLF file', 'a\r\nb\r\nc\r\n', { old: 'a\nb', new: 'x\ny' }, 'x\r\ny\r\nc\r\n'],
    ['one line in a CRLF file', 'a\r\nb\r\n', { old: 'b', new: 'x\ny' }, 'a\r\nx\r\ny\r\n'],
    ['a mixed file, where it has LF', 'a\r\nb\nc\n', { old: 'b\n', new: 'x\ny\n' }, 'a\r\nx\ny\nc\n'],
    ['a mixed file, where it has CRLF', 'a\r\nb\nc\n', { old: 'a\n', new: 'x\ny\n' }, 'x\r\ny\r\nb\nc\n'],
    ['text with CRLF, to the letter', 'a\r\nb\r\n', { old: 'a\r\n', new: 'a\n' }, 'a\nb\r\n'],
    ['CRLF text in an LF file', 'a\nb\n', { old: 'b', new: 'x\r\n' }, 'a\nx\r\n\n'],
  ]
  for (const [what, before, edit, after] of ends) {
    it(`keeps line ends: ${what}`, async () => {
      bench.put('a', before)
      expect((await bench.call('edit', { path: 'a', ...edit })).ok).to.equal(true)
      expect(bench.text('a')).to.equal(after)
    })
  }

  it('keeps byte order mark, mode and bytes that are not UTF-8', async () => {
    bench.put('a', Buffer.concat([Buffer.from('\ufeffé one\n'), Buffer.from([0xe9, 0xff, 10])]))
    chmodSync(join(bench.root, 'a'), 0o750)
    await bench.call('edit', { path: 'a', old: 'é one', new: 'è two' })
    expect(bench.bytes('a')).to.deep.equal(Buffer.concat([Buffer.from('\ufeffè two\n'), Buffer.from([0xe9, 0xff, 10])]))
    expect(statSync(join(bench.root, 'a')).mode & 0o777).to.equal(0o750)
  })

  const file = 'function add(a, b) {\n\treturn a + b\n}\n\nfunction sub(a, b) {\n\treturn a - b\n}\n'
  const hints: [string, { old: string; new: string }, string][] = [
    [
      'shows the place that differs by white space',
      { old: 'function sub(a, b) {\n    return a - b\n}', new: 'x' },
      'old is not in a. It differs from this place by white space only, so copy it from here:\n' +
        '5\tfunction sub(a, b) {\n6\t\treturn a - b\n7\t}',
    ],
    [
      'shows the nearest place',
      { old: 'function sub(a, c) {\n\treturn a - c\n}', new: 'x' },
      'old is not in a. The nearest place in it is:\n5\tfunction sub(a, b) {\n6\t\treturn a - b\n7\t}',
    ],
    [
      'sees line numbers that came along',
      { old: '5\tfunction sub(a, b) {\n6\t\treturn a - b', new: 'x' },
      'old is not in a. It seems to hold the line numbers that read puts before each line: leave them out.',
    ],
    [
      'sees an edit that was made already',
      { old: 'return a * b', new: 'return a - b' },
      'old is not in a. The new text already is, at line 6.',
    ],
    [
      'finds nothing like it',
      { old: 'zzz qqq', new: 'x' },
      'old is not in a. Nothing in the file is like it: read the file again.',
    ],
    ['says that old is empty', { old: '', new: 'x' }, 'old is empty: to make a file or replace all of it, use write.'],
    ['says that old is new', { old: 'a', new: 'a' }, 'old and new are the same: nothing would change.'],
  ]
  for (const [what, edit, text] of hints) {
    it(`${what}, and changes nothing`, async () => {
      bench.put('a', file)
      const result = await bench.call('edit', { path: 'a', ...edit })
      expect([result.ok, result.text]).to.deep.equal([false, text])
      expect(bench.text('a')).to.equal(file)
    })
  }

  it('wants old and new, or edits', async () => {
    bench.put('a', 'x')
    for (const args of [{}, { old: 'x' }, { old: 'x', new: 'y', edits: [{ old: 'x', new: 'y' }] }]) {
      expect((await bench.call('edit', { path: 'a', ...args })).text).to.equal(
        'Give either old and new, or edits: a list of { old, new }.',
      )
    }
  })

  it('edits neither binary files nor folders nor what is not there', async () => {
    bench.put('bin', Buffer.from([120, 0]))
    bench.put('dir/a', '')
    const edit = { old: 'x', new: 'y' }
    expect((await bench.call('edit', { path: 'bin', ...edit })).text).to.equal('bin is binary: edit cannot change it.')
    expect((await bench.call('edit', { path: 'dir', ...edit })).summary).to.equal('is a folder')
    expect((await bench.call('edit', { path: 'nope', ...edit })).summary).to.equal('no such file')
  })

  it('takes large texts', async () => {
    const block = Array.from({ length: 20_000 }, (_, index) => `line (${index}) [x]\r\n`).join('')
    bench.put('a', `${block}end\r\n`)
    const result = await bench.call('edit', { path: 'a', old: block.replaceAll('\r\n', '\n'), new: 'short\n' })
    expect(result.text).to.equal('Edited a: +1 −20000.')
    expect(bench.text('a')).to.equal('short\r\nend\r\n')
  })

  it('fails on a large file in good time', async () => {
    bench.put('a', Array.from({ length: 100_000 }, (_, index) => `const value${index} = compute(${index})\n`).join(''))
    const started = performance.now()
    const { text } = await bench.call('edit', { path: 'a', old: 'const valueX = computed(77)', new: '' })
    expect(text).to.include('The nearest place in it is')
    expect(performance.now() - started).to.be.lessThan(3000)
  })
})
