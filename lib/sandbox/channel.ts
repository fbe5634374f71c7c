import { randomBytes } from 'node:crypto'
import { Failure } from '../core/failure.ts'
import type { Exec, Hear, Program } from './enclosure.ts'
import { loop } from './loop.ts'

/** Milliseconds without a byte from inside after which a request counts as stuck, and those that it may take in all. */
const patienceMs = 60_000
const longestMs = 600_000

/**
 * Bytes that programs may say besides what a request gives, and of a list, of which each entry may complain: whoever
 * inside can signal the loop can write into its pipes too.
 */
const mostSaid = 64 * 1024
const mostSaidOfList = 1024 * 1024

/** Characters of the line that says how a request went, and pieces of what it gives that become one. */
const longestEnd = 64
const mostPieces = 1024

export interface Reply {
  ok: boolean
  /** What the request gave. */
  data: Buffer
  /** Why it failed: what the program said, ending in the system's words for the error. */
  text: string
}

export interface Request {
  /** The request as in loop.ts, without the id before it and the line's end. */
  line: string
  payload?: Uint8Array
  /** True for data that ends with an empty entry instead of being counted. */
  list?: boolean
  /** Bytes that it may give; little for a list, and nothing else, where it is left out. */
  most?: number
}

const gone = 'The sandbox does not answer: it was stopped or has ended.'

/** Starts a program inside and has its output heard. */
export type Open = (program: Pick<Program, 'argv' | 'env'>, hear: Hear) => Promise<Exec>

/**
 * Requests to a loop inside the sandbox, one after the other. The loop is started at the first request, and again when
 * it has died; a request that it died under fails.
 */
export class Channel {
  private readonly open: Open
  private running: Promise<Running> | undefined
  private last: Promise<unknown> = Promise.resolve()
  private closed = false

  constructor(open: Open) {
    this.open = open
  }

  /** Starts the loop ahead of the first request; says nothing where that fails, the first request will. */
  warm(): void {
    this.running ??= this.start()
    this.running.catch(() => (this.running = undefined))
  }

  /** Errors: `Failure` `sandbox` where the sandbox does not answer. What the request itself met is in the reply. */
  ask(request: Request): Promise<Reply> {
    const answer = this.last.then(() => this.askNow(request))
    this.last = answer.catch(() => {})
    return answer
  }

  /** Ends the loop, and starts none any more. */
  async close(): Promise<void> {
    this.closed = true
    const running = await this.running?.catch(() => undefined)
    running?.exec?.end()
    running?.exec?.drop()
    this.running = undefined
  }

  private async start(): Promise<Running> {
    if (this.closed) throw new Error('The channel was closed.')
    const running: Running = { exec: undefined, answers: false, ended: false, hear: () => end(running), lost: () => {} }
    // By a variable, which the loop unsets: as an argument it would fill every list of processes.
    const argv = ['bash', '--norc', '--noprofile', '-c', 'eval "$DRYDOCK_LOOP"']
    const exec = await this.open({ argv, env: { DRYDOCK_LOOP: loop } }, (chunk, stream) => running.hear(chunk, stream))
    running.exec = exec
    exec.closed.then(() => {
      running.ended = true
      running.lost()
    })
    return running
  }

  private async askNow(request: Request): Promise<Reply> {
    let running: Running
    try {
      running = await (this.running ??= this.start())
      if (running.ended) running = await (this.running = this.start())
    } catch (cause) {
      this.running = undefined
      throw new Failure('sandbox', gone, { cause })
    }
    try {
      const { status, ...reply } = await converse(running, request)
      if (status === 'broken') this.forget(running)
      return reply
    } catch (error) {
      this.forget(running)
      throw error
    }
  }

  private forget(running: Running): void {
    end(running)
    this.running = undefined
  }
}

/** A loop that says something unasked is not heard any more: somebody else writes into its pipes. */
function end(running: Running): void {
  running.ended = true
  running.exec?.drop()
}

interface Running {
  /** Absent until it has started. */
  exec: Exec | undefined
  /** A request was answered: what is said before that may be the engine's, of a program that it did not start. */
  answers: boolean
  ended: boolean
  hear: Hear
  lost: () => void
}

type Status = 'ok' | 'fail' | 'broken'

function converse(running: Running, request: Request): Promise<Reply & { status: Status }> {
  return new Promise((resolve, reject) => {
    const id = randomBytes(6).toString('hex')
    const data: Buffer[] = []
    let size = 0
    let loose = 0
    let said = ''
    let tail = ''
    let ending: { status: Status; bytes: number; text: string } | undefined
    const settle = () => {
      clearTimeout(timer)
      running.hear = () => end(running)
      running.lost = () => {}
    }
    const stuck = () => {
      settle()
      reject(new Failure('sandbox', 'The sandbox did not answer a request in time.'))
    }
    const timer = setTimeout(stuck, patienceMs)
    const began = performance.now()
    const saying = request.list ? mostSaidOfList : mostSaid
    const most = request.most ?? (request.list ? mostSaidOfList : 0)
    const flooded = () => {
      settle()
      reject(running.answers ? flood() : new Failure('sandbox', gone, { cause: new Error(saidInstead(data, said)) }))
    }
    running.lost = () => {
      settle()
      reject(new Failure('sandbox', 'The sandbox ended its file channel while it was in use. Try again.'))
    }
    running.hear = (chunk, stream) => {
      if (performance.now() - began < longestMs) timer.refresh()
      if (stream === 'stdout') {
        data.push(chunk)
        size += chunk.length
        // Who writes byte by byte must not make a piece of each.
        if (++loose === mostPieces) {
          data.push(Buffer.concat(data.splice(-loose)))
          loose = 0
        }
      } else if (ending === undefined) {
        const text = chunk.toString('latin1')
        said += text
        tail = (tail + text).slice(-longestEnd)
        if (isEnd(tail, id)) ending = readEnd(said, id)
      }
      if (size > most || said.length > saying) return flooded()
      // Output and status come on two pipes: either may be here first.
      if (ending === undefined) return
      const { status, bytes, text } = ending
      const counted = !request.list || status !== 'ok'
      if (counted && size > bytes) return flooded()
      if (counted ? size < bytes : !isListEnd(data, size)) return
      settle()
      running.answers = true
      resolve({ status, ok: status === 'ok', data: Buffer.concat(data), text })
    }
    const { exec } = running
    exec?.write(`${id} ${request.line}\n`)
    if (request.payload === undefined) return
    if (request.payload.length > 0) exec?.write(request.payload)
    exec?.write('whole\n')
  })
}

function flood(): Failure {
  return new Failure(
    'limit',
    'The sandbox gave more than was asked for: there is too much of it, or somebody inside floods the file channel.',
  )
}

/** For the log: what came where an answer should have come. */
function saidInstead(data: readonly Buffer[], said: string): string {
  return `${Buffer.concat(data).toString('latin1')}${said}`.slice(0, 500)
}

/** Whether what is said ends with how a request went. */
function isEnd(tail: string, id: string): boolean {
  return tail.endsWith('\n') && tail.lastIndexOf(`\n=${id} `) >= 0
}

/** The end of a request, once it was said: how it went, what it gave, and what was said before. */
function readEnd(said: string, id: string): { status: Status; bytes: number; text: string } | undefined {
  const match = new RegExp(`\n=${id} (ok|fail|broken) (\\d+)\n$`).exec(said)
  if (match === null) return undefined
  const text = said.slice(0, match.index).trimEnd()
  // dd reports last, after the error if there was one.
  const report = /^(\d+) bytes? /m.exec(text.slice(text.lastIndexOf('\n') + 1))
  const error = text.replace(/(?:^|\n)\d+\+\d+ records in\n[^]*$/, '')
  return { status: match[1] as Status, bytes: Number(match[2]) + Number(report?.[1] ?? 0), text: error }
}

/** Entries end with one NUL after a name, which is never empty: two in a row, or one alone, is the end. */
function isListEnd(data: Buffer[], size: number): boolean {
  const tail = Buffer.concat(data.slice(-2)).subarray(-2)
  return (size === 1 && tail[0] === 0) || (size > 1 && tail[0] === 0 && tail[1] === 0)
}
