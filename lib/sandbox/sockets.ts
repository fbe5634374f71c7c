import { chmod, chown, mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { type Server, type Socket, connect } from 'node:net'
import { join } from 'node:path'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import type { Identity } from './identity.ts'

/** A folder of the host with sockets for the sandbox, which has it read-only: enough to connect, and for nothing else. */
export class Sockets implements Disposable {
  readonly folder: string
  private readonly handle: FileHandle
  private readonly owner: Identity
  private readonly servers: Server[] = []
  private readonly connected = new Set<Socket>()

  private constructor(folder: string, handle: FileHandle, owner: Identity) {
    this.folder = folder
    this.handle = handle
    this.owner = owner
  }

  /** Makes the folder anew; what an earlier session left in it goes. Only `owner` may connect. */
  static async open(folder: string, owner: Identity): Promise<Sockets> {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    // The umask of the person may be narrower than what the owner needs to get at the sockets.
    await chmod(folder, 0o755)
    return new Sockets(folder, await open(folder), owner)
  }

  /** Lets a server listen on a socket of that name; it is closed with this. Errors: `Failure` `sandbox`. */
  async listen(name: string, server: Server): Promise<void> {
    server.on('connection', (socket) => {
      this.connected.add(socket)
      socket.once('close', () => this.connected.delete(socket))
    })
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(this.at(name), resolve)
      })
    } catch (cause) {
      const reason = (cause as Error).message
      throw new Failure('sandbox', `No socket could be made in ${this.folder}: ${reason}`, { cause })
    }
    this.servers.push(server)
    const path = join(this.folder, name)
    if (process.getuid?.() === 0) await chown(path, this.owner.uid, this.owner.gid)
    await chmod(path, 0o600)
  }

  /** A connection to the socket of that name, from this side. */
  connect(name: string): Socket {
    return connect({ path: this.at(name), allowHalfOpen: true })
  }

  /** A socket's path has room for 107 bytes, which a data folder may exceed. */
  private at(name: string): string {
    return join(process.platform === 'linux' ? `/proc/self/fd/${this.handle.fd}` : this.folder, name)
  }

  async dispose(): Promise<void> {
    const closed = this.servers.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const socket of this.connected) socket.destroy()
    await Promise.all(closed)
    await this.handle.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
