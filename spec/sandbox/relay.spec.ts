import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'
import { expect } from 'chai'
import { relay } from '../../lib/sandbox/relay.ts'

/** Two connections over this machine's loopback that are relayed to each other, and their far ends. */
async function joined(): Promise<{ left: Socket; right: Socket; inner: Socket[]; close(): void }> {
  const [one, other] = [await pair(), await pair()]
  relay(one.near, other.near)
  for (const socket of [one.near, other.near, one.far, other.far]) socket.on('error', () => socket.destroy())
  const close = () => [one, other].forEach(({ near, far, server }) => (near.destroy(), far.destroy(), server.close()))
  return { left: one.far, right: other.far, inner: [one.near, other.near], close }
}

async function pair(): Promise<{ near: Socket; far: Socket; server: Server }> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  return { near: await accepted, far, server }
}

/** All that comes until the other side ends; not by iterating, which would close the socket's own side. */
function all(socket: Socket): Promise<string> {
  let heard = ''
  socket.setEncoding('latin1').on('data', (piece: string) => (heard += piece))
  return new Promise((resolve) => socket.once('end', () => resolve(heard)))
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))

describe('a relay', () => {
  it('hands on an end, and what comes back after it', async () => {
    const { left, right, inner, close } = await joined()
    const over = Promise.all(inner.map(closed))
    left.end('question')
    expect(await all(right)).to.equal('question')
    right.end('answer')
    expect(await all(left)).to.equal('answer')
    await over
    close()
  })

  it('loses nothing that was under way when one side goes', async () => {
    const { left, right, close } = await joined()
    const bytes = Buffer.alloc(3_000_000, 'drydock ')
    left.on('data', () => {})
    right.end('')
    left.end(bytes)
    expect((await all(right)).length).to.equal(bytes.length)
    close()
  })

  it('ends both where one side breaks', async () => {
    const { left, right, inner, close } = await joined()
    const over = Promise.all([...inner.map(closed), all(right)])
    left.resetAndDestroy()
    await over
    close()
  })
})
