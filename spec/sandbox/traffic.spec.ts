import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { expect } from 'chai'
import { TrafficCount } from '../../lib/sandbox/traffic.ts'

describe('sandbox traffic', () => {
  it('is what goes over connections, those that stand and those that are over', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.write('seventeen letters')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const traffic = new TrafficCount()
    const talk = async (words: string): Promise<Socket> => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      traffic.add(socket)
      socket.write(words)
      await once(socket, 'data')
      return socket
    }
    const first = await talk('one')
    first.destroy()
    await once(first, 'close')
    const second = await talk('three')
    expect([traffic.sent, traffic.received]).to.deep.equal([8, 34])
    second.destroy()
    await once(second, 'close')
    expect([traffic.sent, traffic.received]).to.deep.equal([8, 34])
    server.close()
    await once(server, 'close')
  })
})
