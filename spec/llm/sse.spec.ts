import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { readEvents } from '../../lib/llm/sse.ts'

async function read(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  async function* body() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const found: string[] = []
  for await (const events of readEvents(body())) found.push(...events)
  return found
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'fine',
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  )
}

describe('readEvents', () => {
  it('gives the data of each event, and nothing of comments, names and unknown fields', async () => {
    const events = ': hello\n\nevent: a\ndata: 1\nid: 7\n\n:\n\nretry: x\nwhat: x\ndata:2\n\ndata: a\ndata: b\n\n'
    expect(await read(events)).to.deep.equal(['1', '2', 'a\nb'])
  })

  it('takes line ends of every kind, split anywhere', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['data: 1', '', 'data: 2', '', ''].join(end)
      for (let at = 1; at < text.length; at++) {
        expect(await read(text.slice(0, at), text.slice(at)), JSON.stringify([end, at])).to.deep.equal(['1', '2'])
      }
    }
  })

  it('puts characters together that were split', async () => {
    const bytes = Buffer.from('data: ä€🐟\n\n')
    for (let at = 1; at < bytes.length; at++) {
      expect(await read(bytes.subarray(0, at), bytes.subarray(at))).to.deep.equal(['ä€🐟'])
    }
  })

  it('shows bytes that are no UTF-8 as the replacement character', async () => {
    expect(await read(Buffer.from([...Buffer.from('data: a'), 0xff, 0x0a, 0x0a]))).to.deep.equal(['a\ufffd'])
  })

  it('takes a last event without its empty line', async () => {
    expect(await read('data: 1\n\ndata: 2')).to.deep.equal(['1', '2'])
    expect(await read('data: 1\n\ndata: 2\n')).to.deep.equal(['1', '2'])
  })

  it('is empty for an empty body', async () => {
    expect(await read()).to.deep.equal([])
    expect(await read('')).to.deep.equal([])
  })

  it('fails where the last line is cut off', async () => {
    expect(await code(read('data: 1\n\nda'))).to.equal('network')
    expect(await code(read('data: 1\n\n: comm'))).to.equal('network')
  })

  it('fails for an event without end', async () => {
    const piece = 'x'.repeat(1024 * 1024)
    expect(await code(read('data: ', ...Array.from({ length: 20 }, () => piece)))).to.equal('protocol')
    expect(await code(read(...Array.from({ length: 20 }, () => `data: ${piece}\n`)))).to.equal('protocol')
  })
})
