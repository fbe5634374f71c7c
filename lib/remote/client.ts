import { rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Disposable } from '../core/dispose.ts'
import type { Events, Facts, Intents } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { isFactName } from './intents.ts'
import { Lines, lineOf, packed, unpacked } from './lines.ts'
import { socketPath, socketsIn, withPath } from './place.ts'
import { protocol, type FromClient, type FromHost, type Greeting, type Role } from './protocol.ts'

/** Milliseconds in which a session has to answer. One that was stopped (Ctrl-Z) does not. */
const patienceMs = 3_000
/** Milliseconds in which it has to take what was said last. */
const lastWordMs = 300

/** A session that answers, and where. */
export interface Living extends Greeting {
  folder: string
}

export interface Listeners {
  /** A part of the state; after the last one `onWhole`. Once all were told, a first part begins another state. */
  onPart(part: unknown): void
  onWhole(): void
  onFact<K extends keyof Facts>(name: K, data: Events[K]): void
}

/** A session in another process. */
export interface Remote extends Disposable {
  readonly greeting: Greeting
  /** Begins to listen, as what `as` says. */
  begin(as: Role, listeners: Listeners): void
  send<K extends keyof Intents>(intent: K, data: Intents[K]): void
  /** Calls a method of the session's. Rejects with its Failure, or with Failure `network` where the session has gone. */
  ask(method: string, ...args: unknown[]): Promise<unknown>
  /** Resolves when the connection is over: with the session's last sentence, or without where it had none. */
  readonly over: Promise<{ bye?: string; ended: boolean }>
}

/** The sessions that answer in these folders, the newest first. Sockets that nobody listens at are removed. */
export async function living(folders: readonly string[]): Promise<Living[]> {
  const found = folders.flatMap((folder) =>
    socketsIn(folder).map(async (session) => {
      try {
        const remote = await connectTo(folder, session)
        await remote.dispose()
        return [{ ...remote.greeting, folder }]
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED')
          rmSync(socketPath(folder, session), { force: true })
        return []
      }
    }),
  )
  return (await Promise.all(found)).flat().toSorted((a, b) => b.at - a.at)
}

/** Connects to a session. Rejects with what the system says, or with Failure `timeout` or `protocol`. */
export async function connectTo(folder: string, session: string): Promise<Remote> {
  const socket = await withPath(folder, session, open)
  return RemoteSession.greeted(socket)
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

class RemoteSession implements Remote {
  greeting!: Greeting
  readonly over: Promise<{ bye?: string; ended: boolean }>
  private readonly socket: Socket
  private readonly lines = new Lines(Infinity)
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  private listeners: Listeners | undefined
  private asked = 0
  private last: { bye?: string; ended: boolean } = { ended: false }
  private readonly onHello: (greeting: Greeting) => void

  private constructor(socket: Socket, onHello: (greeting: Greeting) => void) {
    this.socket = socket
    this.onHello = onHello
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => this.hear(bytes))
    this.over = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.waiting.values()) reject(new Failure('network', 'The session has ended.'))
        this.waiting.clear()
        resolve(this.last)
      })
    })
  }

  static async greeted(socket: Socket): Promise<Remote> {
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Remote>((resolve, reject) => {
        const remote = new RemoteSession(socket, (greeting) => {
          remote.greeting = greeting
          resolve(remote)
        })
        void remote.over.then(({ bye = 'The session has ended.' }) => reject(new Failure('protocol', bye)))
        timer = setTimeout(
          () => reject(new Failure('timeout', 'The session does not answer: is it stopped (Ctrl-Z)?')),
          patienceMs,
        )
      })
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  begin(as: Role, listeners: Listeners): void {
    this.listeners = listeners
    this.say({ hello: { protocol, as } })
  }

  send<K extends keyof Intents>(intent: K, data: Intents[K]): void {
    this.say({ intent, data } as FromClient)
  }

  ask(method: string, ...args: unknown[]): Promise<unknown> {
    const ask = ++this.asked
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Failure('network', 'The session has ended.'))
      this.waiting.set(ask, { resolve, reject })
      this.say({ ask, method, args: packed(args) as unknown[] })
    })
  }

  /** Ends the connection once all that was said is the session's: torn down at once, it takes that with it. */
  async dispose(): Promise<void> {
    this.listeners = undefined
    if (this.socket.destroyed) return
    const timer = setTimeout(() => this.socket.destroy(), lastWordMs)
    this.socket.end()
    await this.over
    clearTimeout(timer)
  }

  private say(message: FromClient): void {
    if (!this.socket.destroyed) this.socket.write(lineOf(message))
  }

  private hear(bytes: Buffer): void {
    try {
      for (const line of this.lines.feed(bytes)) this.take(JSON.parse(line) as FromHost)
    } catch {
      // Something else than a session.
      this.last = { bye: 'What answers is no session of this version.', ended: false }
      this.socket.destroy()
    }
  }

  private take(message: FromHost): void {
    if ('hello' in message) this.onHello(message.hello)
    else if ('part' in message) this.listeners?.onPart(message.part)
    else if ('whole' in message) this.listeners?.onWhole()
    else if ('bye' in message) this.last = message
    else if ('answer' in message) this.settle(message)
    else if (isFactName(message.fact)) this.listeners?.onFact(message.fact, message.data as never)
  }

  private settle({ answer, value, failure }: Extract<FromHost, { answer: number }>): void {
    const call = this.waiting.get(answer)
    this.waiting.delete(answer)
    if (failure === undefined) call?.resolve(unpacked(value))
    else if (failure.code === 'defect' || failure.code === 'cancelled') call?.reject(new Error(failure.message))
    else call?.reject(new Failure(failure.code, failure.message))
  }
}
