import type { Socket } from 'node:net'
import type { Bus } from '../core/bus.ts'
import type { Disposable } from '../core/dispose.ts'
import { describe, Failure } from '../core/failure.ts'
import { isIntent, isIntentName } from './intents.ts'
import { Lines, lineOf, packed, unpacked } from './lines.ts'
import { longest, protocol, type FromHost, type Greeting } from './protocol.ts'

/** Milliseconds in which a client has to say what it is, and in which it may take the last word. */
const patienceMs = 5_000
const lastWordMs = 300
/** Bytes of facts that wait for a client. One that is further behind gets the state anew, once it has taken these. */
const mostWaiting = 2 ** 20
/** Calls of one client at a time; what it says beyond them waits, and it is not listened to meanwhile. */
const mostCalls = 16

/** What a session is to its clients. */
export interface Service {
  bus: Bus
  greeting(): Greeting
  /** The state as it is now, in parts that each cost little to make. */
  snapshot(): Iterable<unknown>
  /** What a client may ask, by name: takes and gives data and bytes. */
  methods: Readonly<Record<string, (...args: never[]) => unknown>>
  /** A screen took the session up; what is given is disposed when it goes. */
  onScreen(): Disposable
}

/**
 * A client as the session sees it. Nothing that it does or leaves undone is waited for: a slow one misses facts and is
 * told the state again, and one that does not keep to the protocol is let go of.
 */
export class Client {
  private readonly socket: Socket
  private readonly options: Service
  private readonly lines = new Lines(longest.greeting)
  private readonly timer: NodeJS.Timeout
  private phase: 'new' | 'behind' | 'catching up' | 'live' | 'over' = 'new'
  /** What is still to be said of the state, and the facts since then. */
  private parts: Iterator<unknown> | undefined
  private since: string[] = []
  private sinceBytes = 0
  private readonly inbox: string[] = []
  private calls = 0
  private presence: Disposable | undefined

  constructor(socket: Socket, options: Service, onClosed: () => void) {
    this.socket = socket
    this.options = options
    this.timer = setTimeout(() => this.end('Nothing was said.'), patienceMs)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => this.hear(bytes))
    socket.on('drain', () => this.drained())
    socket.on('close', () => {
      this.phase = 'over'
      this.parts = undefined
      this.since = []
      clearTimeout(this.timer)
      void this.presence?.dispose()
      onClosed()
    })
  }

  greet(): void {
    this.say({ hello: this.options.greeting() })
  }

  /** Says a last sentence; whoever does not take it is not waited for. `ended`: the session does. */
  end(bye: string, ended = false): void {
    if (this.phase === 'over') return
    this.phase = 'over'
    clearTimeout(this.timer)
    this.socket.end(lineOf({ bye, ended }), () => this.socket.destroy())
    setTimeout(() => this.socket.destroy(), lastWordMs).unref()
  }

  /** A fact, as a line. */
  tell(line: string): void {
    if (this.phase === 'live') {
      this.socket.write(line)
      if (this.socket.writableLength > mostWaiting) this.phase = 'behind'
    } else if (this.phase === 'catching up') {
      this.since.push(line)
      this.sinceBytes += line.length
      if (this.sinceBytes > mostWaiting) this.fallBehind()
    }
  }

  private fallBehind(): void {
    this.phase = 'behind'
    this.parts = undefined
    this.since = []
    this.sinceBytes = 0
    if (!this.socket.writableNeedDrain) this.drained()
  }

  private drained(): void {
    this.work()
    if (this.phase === 'behind') this.catchUp()
    else if (this.phase === 'catching up') this.pump()
  }

  private catchUp(): void {
    this.phase = 'catching up'
    this.parts = this.options.snapshot()[Symbol.iterator]()
    this.pump()
  }

  /** One part, then everybody else's turn: the state of a long session is many. */
  private readonly pump = (): void => {
    if (this.phase !== 'catching up' || this.parts === undefined) return
    const next = this.parts.next()
    if (next.done !== true) {
      if (this.say({ part: next.value })) setImmediate(this.pump)
      return
    }
    this.parts = undefined
    this.phase = 'live'
    this.say({ whole: true })
    for (const line of this.since) this.socket.write(line)
    this.since = []
    this.sinceBytes = 0
  }

  private hear(bytes: Buffer): void {
    this.guard(() => this.inbox.push(...this.lines.feed(bytes)))
    this.work()
  }

  /** Takes what was said. Whoever asks, and does not take the answers, is not listened to until they are taken. */
  private work(): void {
    const isFree = () => this.calls < mostCalls && this.socket.writableLength <= mostWaiting
    this.guard(() => {
      while (this.phase !== 'over' && isFree() && this.inbox.length > 0)
        this.take(JSON.parse(this.inbox.shift()!) as unknown)
    })
    if (isFree()) this.socket.resume()
    else this.socket.pause()
  }

  private guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.end(error instanceof Failure ? error.message : 'That is not the protocol of a session.')
    }
  }

  private take(message: unknown): void {
    if (typeof message !== 'object' || message === null) throw new Failure('protocol', 'A message is an object.')
    const { hello, intent, data, ask, method, args } = message as Record<string, unknown>
    if (this.phase === 'new') return this.begin(hello)
    if (intent !== undefined) {
      if (!isIntentName(intent) || !isIntent(intent, data))
        throw new Failure('protocol', 'An intent was not understood: it is of another version.')
      this.options.bus.emit(intent, data)
    } else if (Number.isSafeInteger(ask) && typeof method === 'string' && Array.isArray(args))
      void this.call(ask as number, method, args)
    else throw new Failure('protocol', 'A message was not understood: it is of another version.')
  }

  private begin(hello: unknown): void {
    const { protocol: spoken, as } = (hello ?? {}) as Record<string, unknown>
    if (spoken !== protocol || (as !== 'view' && as !== 'screen'))
      throw new Failure('protocol', 'A session wants to be greeted first, by a program of its own version.')
    clearTimeout(this.timer)
    this.lines.longest = longest.message
    if (as === 'screen') this.presence = this.options.onScreen()
    this.catchUp()
  }

  private async call(answer: number, method: string, args: unknown[]): Promise<void> {
    this.calls += 1
    try {
      const { methods } = this.options
      if (!Object.hasOwn(methods, method)) throw new Failure('protocol', `There is nothing to ask named ${method}.`)
      const value: unknown = await methods[method]!(...(unpacked(args) as never[]))
      this.say({ answer, value: packed(value) })
    } catch (error) {
      this.say({ answer, failure: describe(error) })
    } finally {
      this.calls -= 1
      this.work()
    }
  }

  /** False where what was said has to be taken before more is. */
  private say(message: FromHost): boolean {
    return this.phase !== 'over' && this.socket.write(lineOf(message))
  }
}
