import { type Server, type Socket, createServer } from 'node:net'
import type { Disposable } from '../core/dispose.ts'
import type { Port } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Listening } from './porter.ts'
import { relay } from './relay.ts'
import type { Sandbox } from './sandbox.ts'

/** Connections to one port at a time: each is a program inside. */
const mostConnections = 64
/** How many ports after the wanted one are tried before any will do. */
const tried = 20
/** Ports that are told of. */
const mostPorts = 64

/**
 * The ports inside, and those of this machine that lead to them. A connection is carried over a program's stream, so
 * that it needs no network. What was opened stays open: a server that is started again is found where it was.
 */
export class Ports implements Disposable {
  private readonly sandbox: Sandbox
  private readonly onChange: (ports: Port[]) => void
  private listening = new Map<number, Listening>()
  private readonly opened = new Map<number, Promise<{ server: Server; local: number }>>()
  private readonly locals = new Map<number, number>()
  private readonly connected = new Set<Socket>()
  private told = '[]'

  constructor(sandbox: Sandbox, onChange: (ports: Port[]) => void) {
    this.sandbox = sandbox
    this.onChange = onChange
  }

  /** Takes what listens inside now. */
  update(listening: readonly Listening[]): void {
    this.listening = new Map(listening.slice(0, mostPorts).map((one) => [one.port, one]))
    this.tell()
  }

  /**
   * Lets a port of the sandbox answer at 127.0.0.1 of this machine, at the same number or the next one that is free.
   * Gives that number. Errors: `Failure` `missing` where nothing listens there, `sandbox` where no port can be had.
   */
  async open(port: number): Promise<number> {
    if (!this.listening.has(port)) throw new Failure('missing', `Nothing listens on port ${port} in the sandbox.`)
    const opening = this.opened.get(port) ?? this.lead(port)
    this.opened.set(port, opening)
    opening.catch(() => this.opened.delete(port))
    const { local } = await opening
    this.locals.set(port, local)
    this.tell()
    return local
  }

  async dispose(): Promise<void> {
    const all = await Promise.allSettled(this.opened.values())
    const closed = all.map((one) =>
      one.status === 'fulfilled' ? new Promise((resolve) => one.value.server.close(resolve)) : undefined,
    )
    for (const socket of this.connected) socket.destroy()
    await Promise.all(closed)
  }

  private tell(): void {
    const ports = [...this.listening.keys()].map((port): Port => {
      const local = this.locals.get(port)
      return local === undefined ? { port } : { port, local }
    })
    const telling = JSON.stringify(ports)
    if (telling === this.told) return
    this.told = telling
    this.onChange(ports)
  }

  private async lead(port: number): Promise<{ server: Server; local: number }> {
    const server = createServer({ allowHalfOpen: true }, (socket) => void this.carry(socket, port))
    server.maxConnections = mostConnections
    const wanted = Array.from({ length: tried }, (_, step) => port + step).filter((one) => one < 65_536)
    for (const local of [...wanted, 0]) {
      const got = await listen(server, local)
      if (got !== undefined) return { server, local: got }
    }
    throw new Failure('sandbox', `No port of this machine is free for port ${port} of the sandbox.`)
  }

  private async carry(socket: Socket, port: number): Promise<void> {
    this.connected.add(socket)
    socket.once('close', () => this.connected.delete(socket))
    socket.on('error', () => socket.destroy())
    const host = this.listening.get(port)?.host ?? '127.0.0.1'
    const there = host.includes(':') ? `TCP6:[${host}]:${port}` : `TCP4:${host}:${port}`
    try {
      const stream = await this.sandbox.stream(['socat', '-', there])
      if (socket.destroyed) stream.destroy()
      else relay(socket, stream)
    } catch {
      socket.destroy()
    }
  }
}

/** The port that the server now listens on; undefined where that one is taken or not for us. */
function listen(server: Server, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    }
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      resolve((server.address() as { port: number }).port)
    })
  })
}
