import type { Socket } from 'node:net'
import type { Traffic } from '../core/events.ts'

/** Adds up what goes over connections, those that still stand included. */
export class TrafficCount implements Traffic {
  private readonly open = new Set<Socket>()
  private readonly closed = { sent: 0, received: 0 }

  add(socket: Socket): void {
    this.open.add(socket)
    socket.once('close', () => {
      this.open.delete(socket)
      this.closed.sent += socket.bytesWritten
      this.closed.received += socket.bytesRead
    })
  }

  get sent(): number {
    return [...this.open].reduce((sum, { bytesWritten }) => sum + bytesWritten, this.closed.sent)
  }

  get received(): number {
    return [...this.open].reduce((sum, { bytesRead }) => sum + bytesRead, this.closed.received)
  }
}
