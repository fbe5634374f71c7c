import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Disposable } from '../core/dispose.ts'
import { Client, type Service } from './host-client.ts'
import { isIntentName } from './intents.ts'
import { lineOf } from './lines.ts'
import { privateFolder, socketPath, withPath } from './place.ts'

/** Screens and views that may look on at once, and those that may wait until they have said what they are. */
const most = 32

export interface HostOptions extends Service {
  /** The folder of sockets; see `privateFolder`. */
  folder: string
}

/** Serves a session's bus to the screens of other processes, over a socket that only its owner can reach. */
export class Host implements Disposable {
  private readonly options: HostOptions
  private readonly server: Server
  private readonly clients = new Set<Client>()
  private readonly heard: Disposable

  private constructor(options: HostOptions) {
    this.options = options
    this.server = createServer((socket) => this.welcome(socket))
    this.server.on('error', () => undefined) // a connection that could not be taken is the other side's to make again
    this.heard = options.bus.onAny((name, data) => {
      if (this.clients.size === 0 || isIntentName(name)) return
      const line = lineOf({ fact: name, data })
      for (const client of this.clients) client.tell(line)
    })
  }

  /** Failure `unsafe` or `disk` where the folder cannot be used; what the system says where it can have no socket. */
  static async open(options: HostOptions): Promise<Host> {
    privateFolder(options.folder)
    const host = new Host(options)
    try {
      await withPath(options.folder, options.greeting().session, (path) => {
        rmSync(path, { force: true })
        return new Promise<void>((resolve, reject) => {
          host.server.once('error', reject)
          host.server.listen(path, () => {
            chmodSync(path, 0o600)
            resolve()
          })
        })
      })
    } catch (error) {
      await host.heard.dispose()
      throw error
    }
    return host
  }

  async dispose(): Promise<void> {
    await this.heard.dispose()
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const client of this.clients) client.end('The session has ended.', true)
    rmSync(socketPath(this.options.folder, this.options.greeting().session), { force: true })
    await closed
  }

  private welcome(socket: Socket): void {
    const client = new Client(socket, this.options, () => this.clients.delete(client))
    if (this.clients.size >= most) return client.end(`${most} screens look at this session already: close one first.`)
    this.clients.add(client)
    client.greet()
  }
}
