import type { Socket } from 'node:net'
import { join } from 'node:path'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Port, Traffic } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Identity } from './identity.ts'
import { Knocks } from './knocks.ts'
import { socketsInside } from './mounts.ts'
import { Porter } from './porter.ts'
import { Ports } from './ports.ts'
import { type ProxyOptions, createProxy } from './proxy.ts'
import type { Sandbox } from './sandbox.ts'
import { createServiceDoor, servicePort } from './services.ts'
import { Sockets } from './sockets.ts'
import { TrafficCount } from './traffic.ts'

/** Where the proxy is inside: the usual port of one. */
const proxyPort = 3128
const proxyUrl = `http://127.0.0.1:${proxyPort}`
const direct = 'localhost,127.0.0.1,::1'

/** What leads programs to the proxy: some read the one spelling, some the other, and npm has its own. */
const proxyEnv: Record<string, string> = {
  HTTP_PROXY: proxyUrl,
  HTTPS_PROXY: proxyUrl,
  ALL_PROXY: proxyUrl,
  NO_PROXY: direct,
  http_proxy: proxyUrl,
  https_proxy: proxyUrl,
  all_proxy: proxyUrl,
  no_proxy: direct,
  npm_config_proxy: proxyUrl,
  npm_config_https_proxy: proxyUrl,
  npm_config_noproxy: direct,
}

export interface NetworkOptions {
  /** Folder of the host for the sockets; made anew, and removed with this. */
  folder: string
  /** Who works inside. */
  owner: Identity
  /** Whether the sandbox can see sockets of this machine: not where its engine runs in a virtual machine. */
  crosses: boolean
  /** How requests are decided on; without it there is no way out at all. */
  proxy?: ProxyOptions
  /** Services of this machine that are inside at the same address: `localhost:5432`. */
  services: readonly string[]
  /** Hears which ports listen inside, each time that changes. */
  onPorts: (ports: Port[]) => void
  /** Hears what keeps it from working; the sandbox works all the same. */
  onProblem: (failure: Failure) => void
}

/**
 * What leads out of a sandbox that has no network, and into it: the proxy and the named services over sockets in one
 * folder, and ports inside over streams; where sockets cannot cross, the ways out are streams, too. Opened before the
 * sandbox, which has to have `folder` at `socketsInside` and `env` in its environment; attached to it once it runs.
 */
export class Network implements Disposable {
  /** What the sandbox has to have at `socketsInside`, if it can. */
  readonly folder: string | undefined
  readonly env: Readonly<Record<string, string>>
  private readonly options: NetworkOptions
  private readonly sockets: Sockets
  /** The socket's name that a port leads to. */
  private readonly doors: ReadonlyMap<number, string>
  private readonly owned = new Disposables()
  private readonly counted: TrafficCount
  private ports: Ports | undefined

  private constructor(
    options: NetworkOptions,
    sockets: Sockets,
    doors: ReadonlyMap<number, string>,
    traffic: TrafficCount,
  ) {
    this.counted = traffic
    this.options = options
    this.folder = options.crosses ? sockets.folder : undefined
    this.sockets = sockets
    this.doors = doors
    this.env = options.proxy === undefined ? {} : proxyEnv
    this.owned.add(sockets)
  }

  /** Errors: `Failure` `sandbox` where the sockets cannot be made. */
  static async open(options: NetworkOptions): Promise<Network> {
    const sockets = await Sockets.open(options.folder, options.owner)
    const doors = new Map<number, string>()
    const traffic = new TrafficCount()
    const door = async (port: number, name: string, server: Parameters<Sockets['listen']>[1]) => {
      await sockets.listen(name, server)
      doors.set(port, name)
    }
    try {
      if (options.proxy !== undefined) await door(proxyPort, 'proxy', createProxy({ ...options.proxy, traffic }))
      for (const port of new Set(options.services.map(servicePort))) {
        if (port === proxyPort)
          throw new Failure('config', `A service cannot be at ${port}, where the proxy is inside.`)
        await door(port, `service-${port}`, createServiceDoor(port))
      }
      return new Network(options, sockets, doors, traffic)
    } catch (error) {
      await sockets.dispose()
      throw error
    }
  }

  /** What went out through the proxy and came in, in bytes. */
  get traffic(): Traffic {
    return { sent: this.counted.sent, received: this.counted.received }
  }

  /**
   * Opens the doors inside, and begins to watch for ports. Settles once the ways out work or are known not to.
   * Errors: `Failure` `sandbox` where the sandbox takes no program.
   */
  async attach(sandbox: Sandbox): Promise<void> {
    const { crosses, onPorts, onProblem } = this.options
    const ports = this.owned.add(new Ports(sandbox, onPorts))
    this.ports = ports
    const leads = (name: string) => (crosses ? join(socketsInside, name) : '-')
    const knocks = this.owned.add(new Knocks(sandbox, (port) => this.connect(port)))
    const porter = new Porter(sandbox, {
      doors: new Map([...this.doors].map(([port, name]) => [port, leads(name)])),
      onKnock: (port, id) => void knocks.answer(port, id),
      onListening: (listening) => ports.update(listening),
      onProblem,
    })
    await this.owned.add(porter).start()
  }

  /** Lets a port of the sandbox answer on this machine (lib/sandbox/ports.ts). Gives the port here. */
  open(port: number): Promise<number> {
    if (this.ports === undefined) return Promise.reject(new Failure('sandbox', 'The sandbox is not ready yet.'))
    return this.ports.open(port)
  }

  private connect(port: number): Socket | undefined {
    const name = this.doors.get(port)
    return name === undefined ? undefined : this.sockets.connect(name)
  }

  dispose(): Promise<void> {
    return this.owned.dispose()
  }
}
