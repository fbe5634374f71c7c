import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
  createServer,
  request,
} from 'node:http'
import { type Socket, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { NetworkGround } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { type Lookup, checkedAddresses, isPublic, lookUp } from './addresses.ts'
import type { Decision, Gate } from './gate.ts'
import { relay } from './relay.ts'
import { type Target, nameOf, target, targetOf } from './target.ts'
import type { TrafficCount } from './traffic.ts'
import { Turnstile } from './turnstile.ts'

/** Connections from inside at a time. */
const mostConnections = 128
/** Milliseconds for reaching a host. */
const connectMs = 30_000
/** Milliseconds that one who is refused waits for it: what tries in a loop must not fill the log. */
const refusalMs = 200

/** Requests that go through at once, and then a second: each is kept in the session's log. */
const pace = { burst: 1000, perSecond: 100 }

/** One request that came to a decision. */
export interface Requested extends Target {
  allowed: boolean
  by: NetworkGround
}

export interface ProxyOptions {
  gate: Gate
  /** Hears of every request before anything goes out. Where it throws, nothing does. */
  onRequest: (requested: Requested) => void
  lookup?: Lookup
  /** Counts what goes over its connections to hosts. */
  traffic?: TrafficCount
  /** Which addresses may be connected to; those of the public Internet by default. */
  permitted?: (address: string) => boolean
}

/** Why a request goes no further, as the program inside is told. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * A forward proxy for HTTP (absolute form) and, by CONNECT, for everything else (RFC 9110, section 9.3.6; RFC 9112,
 * section 3.2). Each request is decided on by itself, so that a redirect leads nowhere that was not allowed. The caller
 * lets it listen, and closes it.
 */
export function createProxy(options: ProxyOptions): Server {
  const turnstile = new Turnstile(pace)
  const server = createServer({ requestTimeout: 0, keepAlive: true }, (incoming, response) => {
    const forwarded = turnstile.pass().then(() => forward(incoming, response, options))
    forwarded.catch((error: unknown) => answer(response, refusalOf(error)))
  })
  server.maxConnections = mostConnections
  server.on('connect', (incoming, client, head) => {
    client.on('error', () => client.destroy())
    const tunnelled = turnstile.pass().then(() => tunnel(incoming, client, head, options))
    tunnelled.catch((error: unknown) => hangUp(client, refusalOf(error)))
  })
  // What is no HTTP gets no more than a closed door.
  server.on('clientError', (_, client) => client.destroy())
  return server
}

async function tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer, options: ProxyOptions): Promise<void> {
  const wanted = targetOf(incoming.url ?? '')
  if (wanted === undefined) throw new Refusal(400, 'CONNECT wants host:port')
  const addresses = await permit(wanted, options)
  if (client.destroyed) return
  const upstream = await reach(wanted, addresses)
  options.traffic?.add(upstream)
  if (client.destroyed) return void upstream.destroy()
  client.write('HTTP/1.1 200 Connection established\r\n\r\n')
  upstream.write(head)
  relay(client, upstream)
}

async function forward(incoming: IncomingMessage, response: ServerResponse, options: ProxyOptions): Promise<void> {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url!) : undefined
  const wanted = url?.protocol === 'http:' ? target(url.hostname, Number(url.port || 80)) : undefined
  if (url === undefined || wanted === undefined) {
    throw new Refusal(400, 'this is a proxy: it wants http://host/path, or CONNECT host:port')
  }
  const addresses = await permit(wanted, options)
  if (response.destroyed) return
  const upstream = await reach(wanted, addresses)
  options.traffic?.add(upstream)
  if (response.destroyed) return void upstream.destroy()
  response.on('close', () => upstream.destroy())
  // A body of unknown length goes on in chunks, whatever the method: unframed, it would be read as requests.
  const framing = incoming.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }
  const outgoing = request({
    createConnection: () => upstream,
    method: incoming.method,
    path: url.pathname + url.search,
    // The host that was decided on, whatever else the client says (RFC 9112, section 3.2.2).
    headers: { ...endToEnd(incoming), ...framing, host: url.host, connection: 'close' },
    setHost: false,
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('error', (error) => reject(new Refusal(502, `${nameOf(wanted)} broke off: ${error.message}`)))
    outgoing.on('upgrade', () => reject(new Refusal(502, `${nameOf(wanted)} answered in another protocol`)))
    outgoing.on('response', resolve)
  })
  incoming.pipe(outgoing)
  passBack(await answered, response, wanted)
}

/** Gives back what a host has answered. What it puts into the head of that is a stranger's, and may be no HTTP at all. */
function passBack(answered: IncomingMessage, response: ServerResponse, wanted: Target): void {
  answered.on('error', () => response.destroy())
  try {
    response.writeHead(answered.statusCode!, answered.statusMessage, endToEnd(answered))
  } catch {
    answered.destroy()
    throw new Refusal(502, `${nameOf(wanted)} answered what is no HTTP`)
  }
  answered.pipe(response)
}

/** The addresses that a request may go to; throws where it may not. Everything that was decided is reported. */
async function permit(wanted: Target, options: ProxyOptions): Promise<string[]> {
  const { gate, onRequest, lookup = lookUp, permitted = isPublic } = options
  const report = ({ allowed, by }: Decision) => onRequest({ ...wanted, allowed, by })
  const decision = await gate.decide(wanted)
  if (!decision.allowed) {
    report(decision)
    throw new Refusal(403, `${nameOf(wanted)} is not allowed: ${decision.reason}`)
  }
  try {
    const addresses = await checkedAddresses(wanted.host, lookup, permitted)
    report(decision)
    return addresses
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'unsafe') {
      report({ allowed: false, by: 'address' })
      throw new Refusal(403, `${nameOf(wanted)} is not allowed: ${error.message}`)
    }
    report(decision)
    throw new Refusal(502, error.message)
  }
}

/** A connection to one of the addresses, to whichever answers first. */
function reach({ host, port }: Target, addresses: readonly string[]): Promise<Socket> {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      autoSelectFamily: true,
      // The addresses that were checked, and no second look-up.
      lookup: (_name, { all }, done) => {
        if (all) done(null, found)
        else done(null, found[0]!.address, found[0]!.family)
      },
    })
    const failed = (why: string) => {
      socket.destroy()
      reject(new Refusal(502, `${host}:${port} cannot be reached: ${why}`))
    }
    const broken = (error: NodeJS.ErrnoException) => failed(error.code ?? error.message)
    socket.once('error', broken)
    socket.setTimeout(connectMs, () => failed('no answer'))
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', broken)
      // From here on, a connection that breaks ends whatever it was joined to.
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })
}

/** Headers without those that are for one connection alone (RFC 9110, section 7.6.1). */
function endToEnd({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const hop = [...named, 'connection', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'] // prettier-ignore
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.includes(name)))
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  return new Refusal(502, error instanceof Error ? error.message : String(error))
}

function answer(response: ServerResponse, { status, message }: Refusal): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  setTimeout(() => {
    response.writeHead(status, phrase(message), { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    response.end(`Drydock: ${message}.\n`)
  }, refusalMs)
}

function hangUp(client: Duplex, { status, message }: Refusal): void {
  const body = Buffer.from(`Drydock: ${message}.\n`)
  const head = `HTTP/1.1 ${status} ${phrase(message)}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  setTimeout(() => client.end(Buffer.concat([Buffer.from(head), body])), refusalMs)
}

/** The reason phrase, which is all that many programs show of a refusal. */
function phrase(message: string): string {
  return `Drydock: ${message}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 300)
}
