import { expect } from 'chai'
import { randomBytes, randomInt } from 'node:crypto'
import { pathFromBytes, pathToBytes } from '../../lib/core/paths.ts'

describe('file names as strings', () => {
  it('leaves valid UTF-8 as it is', () => {
    for (const name of ['plain.txt', 'Übung.md', '漢字', '🚢.txt', 'a\nb', '\uFEFFbom']) {
      expect(pathFromBytes(Buffer.from(name))).to.equal(name)
      expect(pathToBytes(name)).to.deep.equal(Buffer.from(name))
    }
  })

  it('keeps a byte that is no UTF-8 as one lone surrogate', () => {
    const rows: [number[], string][] = [
      [[0x61, 0xff, 0x62], 'a\udcffb'],
      [[0xc3], '\udcc3'],
      [[0xe2, 0x82], '\udce2\udc82'],
      [[0xc0, 0x80], '\udcc0\udc80'],
      [[0xed, 0xb3, 0xbf], '\udced\udcb3\udcbf'],
      [[0xf0, 0x9f, 0x9a, 0xa2, 0x80], '🚢\udc80'],
    ]
    for (const [bytes, text] of rows) {
      expect(pathFromBytes(Uint8Array.from(bytes))).to.equal(text)
      expect([...pathToBytes(text)]).to.deep.equal(bytes)
    }
  })

  it('brings any bytes back', () => {
    for (let round = 0; round < 2000; round++) {
      // Half of them mostly ASCII, so that valid and broken parts stand side by side.
      const bytes = randomBytes(randomInt(1, 40)).map((byte) =>
        round % 2 === 0 ? byte : byte % 3 === 0 ? byte : byte & 0x7f,
      )
      expect([...pathToBytes(pathFromBytes(bytes))], Buffer.from(bytes).toString('hex')).to.deep.equal([...bytes])
    }
  })
})
