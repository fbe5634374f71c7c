import { type IncomingMessage, type Server as HttpServer, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { isPublic } from '../../lib/sandbox/addresses.ts'
import { Gate, type GateAnswer } from '../../lib/sandbox/gate.ts'
import type { Identity } from '../../lib/sandbox/identity.ts'
import { Network, type NetworkOptions } from '../../lib/sandbox/network.ts'
import type { ProxyOptions, Requested } from '../../lib/sandbox/proxy.ts'
import { nameOf } from '../../lib/sandbox/target.ts'
import { type Ready, type Started, makeGrounds, startSandbox } from './sandbox.ts'

/** An HTTP server on this machine's loopback, at a port of its own. */
export class Site {
  readonly server: HttpServer
  /** `METHOD URL host=HOST` of each request. */
  readonly asked: string[] = []

  constructor(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    this.server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url} host=${request.headers.host}`)
      answer(request, response)
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

/**
 * The rules of a proxy for specs: names have the addresses that they are given here, and 127.0.0.1, where the specs'
 * own servers are, is the one private address that may be connected to, unless `strict`.
 */
export class Rules {
  readonly requested: Requested[] = []
  readonly asked: string[] = []
  readonly looked: string[] = []
  readonly names = new Map<string, string[]>()
  allow: string[] = []
  project: string[] = []
  verdict: 'allow' | 'ask' | 'deny' = 'ask'
  strict = false
  answer: (name: string, signal: AbortSignal) => Promise<GateAnswer> = async () => 'no'
  readonly gate: Gate
  readonly proxy: ProxyOptions

  constructor({ patienceMs }: { patienceMs?: number } = {}) {
    this.gate = new Gate({
      allow: () => this.allow,
      project: () => this.project,
      policy: () => this.verdict,
      ask: (target, signal) => {
        this.asked.push(nameOf(target))
        return this.answer(nameOf(target), signal)
      },
      patienceMs,
    })
    this.proxy = {
      gate: this.gate,
      onRequest: (requested) => void this.requested.push(requested),
      lookup: async (name) => {
        this.looked.push(name)
        const addresses = this.names.get(name)
        if (addresses === undefined) throw new Error(`no such name: ${name}`)
        return addresses
      },
      permitted: (address) => isPublic(address) || (address === '127.0.0.1' && !this.strict),
    }
  }

  /** What was decided since the last time, a line each. */
  decided(): string[] {
    return this.requested.splice(0).map((one) => `${nameOf(one)} ${one.allowed ? 'allowed' : 'refused'} by ${one.by}`)
  }
}

/** A sandbox that reaches what `rules` say, and one service of this machine. `problems`: what did not work. */
export async function startNetworked(
  ready: Ready,
  options: Pick<NetworkOptions, 'crosses' | 'onPorts'> & { user: Identity; rules: Rules; service: Server },
): Promise<{ network: Network; box: Started; problems: string[] }> {
  const { user, rules, service, ...others } = options
  const grounds = await makeGrounds(user)
  const problems: string[] = []
  const network = await Network.open({
    ...others,
    folder: join(grounds.folder, 'run', 'sockets'),
    owner: user,
    proxy: rules.proxy,
    services: [`localhost:${(service.address() as AddressInfo).port}`],
    onProblem: ({ message }) => problems.push(message),
  })
  const box = await startSandbox(ready, { grounds, user, sockets: network.folder, env: network.env })
  await network.attach(box.sandbox)
  return { network, box, problems }
}

/** True, and forgotten, where what leads out is missing: this machine's own programs are what the embedded sandbox has. */
export function lacksSocat(ready: Ready, problems: string[]): boolean {
  return ready === 'embedded' && problems.splice(0).some((text) => text.includes('no socat'))
}
