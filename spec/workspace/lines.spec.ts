import { expect } from 'chai'
import { diffLines, isBinary, mergeLines } from '../../lib/workspace/lines.ts'

const shown = (before: string, after: string) => {
  const { added, removed, hunks, note } = diffLines(Buffer.from(before), Buffer.from(after))
  return {
    counts: `+${added} -${removed}`,
    lines: hunks.flatMap(({ lines }) => lines.map((line) => line.sign + line.text)),
    note,
  }
}

const merged = (ours: string, base: string, theirs: string) =>
  mergeLines(Buffer.from(ours), Buffer.from(base), Buffer.from(theirs))?.toString()

const many = (line: string) => `${line}\n${'same\n'.repeat(20_000)}${line}\n`

const side = (seed: number) => `same\n${Array.from({ length: 20_000 }, (_, n) => `${n * seed}`).join('\n')}\nend\n`

describe('the lines of a diff', () => {
  it('are numbered on the sides where they are', () => {
    const { hunks } = diffLines(Buffer.from('a\nb\nc\n'), Buffer.from('a\nB\nc\n'))
    expect(hunks).to.deep.equal([
      {
        beforeStart: 1,
        beforeLines: 3,
        afterStart: 1,
        afterLines: 3,
        lines: [
          { sign: ' ', text: 'a', before: 1, after: 1 },
          { sign: '-', text: 'b', before: 2 },
          { sign: '+', text: 'B', after: 2 },
          { sign: ' ', text: 'c', before: 3, after: 3 },
        ],
      },
    ])
  })

  it('hide a carriage return only where every line has one', () => {
    expect(shown('a\r\nb\r\n', 'a\r\nc\r\n')).to.deep.equal({
      counts: '+1 -1',
      lines: [' a', '-b', '+c'],
      note: undefined,
    })
    expect(shown('a\n', 'a\r\n')).to.deep.equal({
      counts: '+1 -1',
      lines: ['-a', '+a\r'],
      note: 'Line ends change from LF to CRLF.',
    })
  })

  it('say what the end of the file is like', () => {
    expect(shown('a\n', 'a')).to.deep.equal({
      counts: '+1 -1',
      lines: ['-a', '+a'],
      note: 'No newline at the end of the new file.',
    })
    expect(shown('a', 'b').note).to.equal('No newline at the end of either file.')
  })

  it('are compared by their bytes and shown as text', () => {
    const { hunks } = diffLines(Buffer.from([0xff, 0x0a]), Buffer.from('grün\n'))
    expect(hunks[0]!.lines.map(({ text }) => text)).to.deep.equal(['�', 'grün'])
  })

  it('come as one block where too much differs, and soon', () => {
    const started = performance.now()
    const { hunks, added, removed, note } = diffLines(Buffer.from(side(7)), Buffer.from(side(11)))
    expect(performance.now() - started).to.be.below(3000)
    expect([hunks.length, hunks[0]!.beforeStart, added, removed]).to.deep.equal([1, 3, 19_999, 19_999])
    expect(note).to.equal('Shown as one replaced block: too much differs to line the two sides up.')
  })

  it('are not those of a binary', () => {
    expect([
      isBinary(Buffer.from('a\0b')),
      isBinary(Buffer.from('ab')),
      isBinary(Buffer.alloc(9000, 'x')),
    ]).to.deep.equal([true, false, false])
  })
})

describe('a merge of lines', () => {
  it('takes both sides where they do not touch', () => {
    expect(merged('A\nb\nc\nd\n', 'a\nb\nc\nd\n', 'a\nb\nc\nD\nE')).to.equal('A\nb\nc\nD\nE')
    expect(merged('A\r\nb\r\nc\r\n', 'a\r\nb\r\nc\r\n', 'a\r\nb\r\nC\r\n')).to.equal('A\r\nb\r\nC\r\n')
    expect(merged('x\na\nb\n', 'a\nb\n', 'a\nb\nx\n')).to.equal('x\na\nb\nx\n')
    expect(merged('A\nb\n', 'a\nb\n', 'A\nb\n')).to.equal('A\nb\n')
  })

  it('gives nothing where they touch, or where there are no lines', () => {
    expect(merged('A\nb\n', 'a\nb\n', 'AA\nb\n')).to.equal(undefined)
    expect(merged('x\n', '', 'y\n')).to.equal(undefined)
    expect(merged('a\0b', 'a\0', 'a\0')).to.equal(undefined)
  })

  it('gives up on what would take minutes', () => {
    const started = performance.now()
    expect(merged(many('a'), many('b'), many('c'))).to.equal(undefined)
    expect(performance.now() - started).to.be.below(2000)
  })
})
