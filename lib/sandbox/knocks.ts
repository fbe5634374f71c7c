import type { Duplex } from 'node:stream'
import type { Disposable } from '../core/dispose.ts'
import { relay } from './relay.ts'
import type { Sandbox } from './sandbox.ts'
import { Turnstile } from './turnstile.ts'

/** Connections at a time: each is a program inside. */
const mostConnections = 128
/**
 * Those that are fetched at once, and then a second. Whoever is inside can knock without end, and the engine's work for each
 * is outside the sandbox's limits.
 */
const pace = { burst: mostConnections, perSecond: 40 }

/**
 * Ways out of a sandbox that sees no socket of this machine. A connection inside waits at an abstract socket of its own; the
 * porter tells its number, and a program's stream takes it from there.
 */
export class Knocks implements Disposable {
  private readonly sandbox: Sandbox
  private readonly connect: (port: number) => Duplex | undefined
  private readonly connected = new Set<Duplex>()
  private readonly turnstile = new Turnstile(pace)

  /** `connect` leads to what a port stands for, if it stands for anything. */
  constructor(sandbox: Sandbox, connect: (port: number) => Duplex | undefined) {
    this.sandbox = sandbox
    this.connect = connect
  }

  /** Settles once the connection is led out, or cannot be. */
  async answer(port: number, id: number): Promise<void> {
    if (this.connected.size >= mostConnections) return
    const outside = this.connect(port)
    if (outside === undefined) return
    this.connected.add(outside)
    outside.once('close', () => this.connected.delete(outside))
    outside.on('error', () => outside.destroy())
    try {
      await this.turnstile.pass()
      if (outside.destroyed) return
      const waiting = `ABSTRACT-CONNECT:drydock-${id},retry=20,interval=0.05`
      const stream = await this.sandbox.stream(['socat', '-t', '60', '-', waiting])
      if (outside.destroyed) stream.destroy()
      else relay(outside, stream)
    } catch {
      outside.destroy()
    }
  }

  dispose(): void {
    for (const outside of this.connected) outside.destroy()
  }
}
