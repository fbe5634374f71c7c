import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { Output, OutputFiles } from '../../lib/tools/output.ts'
import { LocalSandbox } from './local-sandbox.ts'

describe('tools: output', () => {
  let sandbox: LocalSandbox
  let kept: OutputFiles
  beforeEach(() => {
    sandbox = new LocalSandbox()
    kept = new OutputFiles()
  })
  afterEach(() => sandbox.dispose())

  async function clipped(limit: number, ...pieces: string[]): Promise<string> {
    const output = new Output(limit)
    for (const piece of pieces) output.add(piece)
    return output.end(sandbox, kept)
  }

  const whole = async (path: string) => (await sandbox.files.read(path)).toString()

  it('leaves alone what fits, to the byte', async () => {
    expect(await clipped(6, 'ab', '', 'cdé')).to.equal('abcdé')
    expect(sandbox.asked).to.deep.equal([])
  })

  it('keeps head and tail in whole lines, and says what is missing and where the whole is', async () => {
    const text = Array.from({ length: 100 }, (_, index) => `line ${index + 1}\n`).join('')
    expect(await clipped(40, text)).to.equal(
      'line 1\nline 2\n' +
        '[lines 3 to 98 (761 bytes) are left out here. ' +
        'The whole is in /tmp/drydock/output-1.txt: read it there with offset and limit, or search it.]\n' +
        'line 99\nline 100\n',
    )
    expect(await whole('/tmp/drydock/output-1.txt')).to.equal(text)
  })

  it('cuts a long line between characters, never within one', async () => {
    const text = await clipped(41, 'é€😀'.repeat(50))
    expect(text).to.not.include('\ufffd')
    expect(text).to.match(/^(é€😀)+[é€]*\n\[/)
    expect(text).to.match(/\[.* bytes are left out here\..*\]\n[€😀]*(é€😀)+$/u)
  })

  it('stays within the limit but for the note', async () => {
    for (const limit of [0, 1, 2, 3, 10, 100, 1000]) {
      const text = await clipped(limit, 'abc\n€€€€\n'.repeat(500))
      expect(Buffer.byteLength(text.replace(/\n?\[.*\]\n/, ''))).to.be.at.most(limit + 3)
    }
  })

  it('holds a flood in bounded memory, keeps beginning and end, and tells of the gap', async () => {
    const output = new Output(1000)
    const piece = 'flood '.repeat(1000)
    // Other specs of this process have left theirs.
    const before = process.memoryUsage().arrayBuffers
    output.add('first\n')
    for (let count = 0; count < 20_000; count++) output.add(piece)
    output.add('\nlast\n')
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(60_000_000)
    const text = await output.end(sandbox, kept)
    expect(text.startsWith('first\n')).to.equal(true)
    expect(text.endsWith('\nlast\n')).to.equal(true)
    const file = await whole('/tmp/drydock/output-1.txt')
    expect(file.length).to.be.within(4_000_000, 6_000_000)
    expect(file).to.match(/^first\n(flood )+/)
    expect(file).to.match(/\[[\d,]+ bytes are missing here: more came than is kept\]/)
    expect(file.endsWith('flood \nlast\n')).to.equal(true)
  })

  it('keeps sixteen files, the oldest making room', async () => {
    for (let count = 0; count < 18; count++) await clipped(1, 'too long')
    const names = (await sandbox.files.list('/tmp/drydock')).map(({ name }) => name)
    expect(names).to.have.members(Array.from({ length: 16 }, (_, index) => `output-${index + 3}.txt`))
  })

  it('says so where the whole cannot be kept', async () => {
    const files = { ...sandbox.files, write: () => Promise.reject(new Failure('disk', 'The disk is full.')) }
    const output = new Output(4)
    output.add('0123456789')
    expect(await output.end({ files }, kept)).to.equal(
      '01\n[6 bytes are left out here. The whole could not be kept: The disk is full.]\n89',
    )
  })
})
