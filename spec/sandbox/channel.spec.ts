import { expect } from 'chai'
import { Channel } from '../../lib/sandbox/channel.ts'
import type { Exec, Hear } from '../../lib/sandbox/enclosure.ts'
import { failure } from '../support/failures.ts'

/** A program that says this to each request, by its id. */
function speaking(says: (id: string, hear: Hear) => void): Channel {
  return new Channel(async (_, hear) => {
    const exec: Exec = {
      write: (data) => void (/^[0-9a-f]{12} /.test(String(data)) && says(String(data).slice(0, 12), hear)),
      end: () => {},
      closed: new Promise(() => {}),
      status: async () => null,
      drop: () => {},
    }
    return exec
  })
}

describe('the channel into a sandbox', () => {
  it('takes what an engine says instead of starting the loop for a sandbox that is gone', async () => {
    const words = 'OCI runtime exec failed: exec failed: cannot exec in a stopped container: unknown\r\n'
    const channel = speaking((_, hear) => hear(Buffer.from(words), 'stdout'))
    const gone = await failure(channel.ask({ line: 'stat /' }))
    expect(gone.code).to.equal('sandbox')
    expect(gone.message).to.equal('The sandbox does not answer: it was stopped or has ended.')
    expect((gone.cause as Error).message).to.equal(words)
  })

  it('reads an end behind whatever somebody else has said at once', async () => {
    const said = '1'.repeat(1_000_000)
    const channel = speaking((id, hear) => hear(Buffer.from(`${said}\n=${id} fail 0\n`), 'stderr'))
    const began = performance.now()
    expect(await channel.ask({ line: 'list /', list: true })).to.deep.equal({
      ok: false,
      data: Buffer.alloc(0),
      text: said,
    })
    expect(performance.now() - began, 'ms').to.be.lessThan(2000)
  })

  it('holds what comes byte by byte as few pieces', async () => {
    const bytes = 1_000_000
    let before = 0
    let grown = 0
    const channel = speaking((id, hear) => {
      before = process.memoryUsage().heapUsed
      for (let at = 0; at < bytes; at++) hear(Buffer.from('x'), 'stdout')
      grown = process.memoryUsage().heapUsed - before
      hear(Buffer.from(`\n=${id} ok ${bytes}\n`), 'stderr')
    })
    expect((await channel.ask({ line: 'read /', most: bytes })).data.toString()).to.equal('x'.repeat(bytes))
    expect(grown, 'bytes').to.be.lessThan(60e6)
  })

  it('ends with a limit where a loop that has answered gives more than was asked for', async () => {
    let asked = 0
    const channel = speaking((id, hear) => {
      if (++asked > 1) hear(Buffer.from('unasked'), 'stdout')
      else hear(Buffer.from(`\n=${id} ok 0\n`), 'stderr')
    })
    expect((await channel.ask({ line: 'stat /' })).ok).to.equal(true)
    expect((await failure(channel.ask({ line: 'stat /' }))).code).to.equal('limit')
  })

  it('starts nothing once it was closed, for whoever asks late', async () => {
    let started = 0
    const channel = new Channel(async () => {
      started += 1
      throw new Error('not here')
    })
    await channel.close()
    channel.warm()
    expect((await failure(channel.ask({ line: 'stat /' }))).code).to.equal('sandbox')
    expect(started).to.equal(0)
  })
})
