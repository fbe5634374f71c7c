import { expect } from 'chai'
import { Feed, type Piece } from '../../lib/cli/feed.ts'

/** A feed, and the pieces as they come. */
function open(lossless: boolean) {
  const pieces: Piece[] = []
  const pauses: boolean[] = []
  let heard: (() => void) | undefined
  const feed = new Feed(
    (piece) => (pieces.push(piece), heard?.()),
    (on) => pauses.push(on),
  )
  feed.lossless = lossless
  const next = () => new Promise<void>((resolve) => (heard = resolve))
  return { feed, pieces, pauses, next }
}

const line = `${'y'.repeat(99)}\n`

describe('feed', () => {
  it('makes one piece of what comes together', async () => {
    const { feed, pieces, next } = open(false)
    for (const text of ['a', 'b', 'c']) feed.push(text)
    await next()
    feed.push('d')
    await next()
    expect(pieces).to.deep.equal([{ text: 'abc' }, { text: 'd' }])
  })

  it('tells the end of what is too much, and holds nothing back for it', async () => {
    const { feed, pieces, pauses, next } = open(false)
    for (let i = 0; i < 100_000; i += 1) feed.push(line)
    feed.push('end\n')
    await next()
    expect(pieces).to.have.length(1)
    expect(pieces[0]!.skipped).to.equal(true)
    expect(pieces[0]!.text).to.have.length(65_536)
    expect(pieces[0]!.text.endsWith(`${line}end\n`)).to.equal(true)
    expect(pauses).to.deep.equal([])
  })

  it('loses nothing while the person has the keyboard: programs wait', async () => {
    const { feed, pieces, pauses, next } = open(true)
    for (let i = 0; i < 700; i += 1) feed.push(line)
    expect(pauses).to.deep.equal([true])
    await next()
    expect(pauses).to.deep.equal([true, false])
    expect(pieces).to.deep.equal([{ text: line.repeat(700) }])
  })
})
