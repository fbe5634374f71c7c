import { type Server, connect, createServer } from 'node:net'
import { relay } from './relay.ts'

/** Connections to one service at a time. */
const mostConnections = 256

/** The port of `localhost:5432`, at which a service of this machine is and shall be inside. */
export function servicePort(service: string): number {
  return Number(service.slice(service.lastIndexOf(':') + 1))
}

/** Leads to a service at this machine's loopback, and to nothing else. The caller lets it listen, and closes it. */
export function createServiceDoor(port: number): Server {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const service = connect({ host: 'localhost', port, allowHalfOpen: true, autoSelectFamily: true })
    client.on('error', () => client.destroy())
    service.on('error', () => service.destroy())
    relay(client, service)
  })
  server.maxConnections = mostConnections
  return server
}
