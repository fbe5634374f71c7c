import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { scratchOf } from './paths.ts'

/** Of the output of one call so much is held and kept in its file: from its beginning, and from its end, in bytes. */
const heldHead = 3 * 1024 * 1024
const heldTail = 1024 * 1024

/** Files kept at a time; /tmp counts against the sandbox's memory. */
const filesKept = 16

const newline = 10

/** Keeps outputs that were too long for the model as files inside the sandbox, the oldest making room. */
export class OutputFiles {
  private count = 0

  /** Gives the path that the bytes were written to. Errors: those of Files. */
  async keep(sandbox: Pick<Sandbox, 'files' | 'scratch'>, data: Uint8Array): Promise<string> {
    const { files } = sandbox
    const folder = scratchOf(sandbox)
    this.count += 1
    const path = `${folder}/output-${this.count}.txt`
    await files.write(path, data)
    if (this.count > filesKept) {
      await files.remove(`${folder}/output-${this.count - filesKept}.txt`).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error
      })
    }
    return path
  }
}

/**
 * Collects what a call prints, whatever its length, in bounded memory: the beginning and the end. The model gets at
 * most `limit` bytes of it.
 */
export class Output {
  private readonly limit: number
  private readonly head: Bytes
  private readonly tail: Bytes
  private bytes = 0
  private lines = 0

  constructor(limit: number) {
    this.limit = limit
    this.head = new Bytes(Math.max(heldHead, limit))
    this.tail = new Bytes(heldTail)
  }

  add(text: string): void {
    if (text === '') return
    const data = Buffer.from(text)
    this.bytes += data.length
    this.lines += countLines(data)
    const fits = this.tail.length > 0 ? 0 : this.head.room(data)
    this.head.append(data.subarray(0, fits))
    if (fits < data.length) this.tail.slide(data.subarray(fits))
  }

  /**
   * The text for the model: all of it, or its beginning and its end with a note between them of what was left out and
   * where the whole lies. The whole is then written to a file inside the sandbox.
   */
  async end(sandbox: Pick<Sandbox, 'files' | 'scratch'>, kept: OutputFiles): Promise<string> {
    const head = this.head.view()
    if (this.bytes <= this.limit) return head.toString()
    const tail = this.tail.view()
    const all = tail.length === 0 ? head : Buffer.concat([head, this.gap(head, tail), tail])
    const first = all.subarray(0, wholeLinesBefore(all, Math.ceil(this.limit / 2)))
    const last = all.subarray(wholeLinesAfter(all, all.length - Math.floor(this.limit / 2)))
    const where = await keptWhere(sandbox, kept, all)
    const from = countLines(first) + 1
    const to = this.lines - countLines(last)
    const left = (this.bytes - first.length - last.length).toLocaleString('en')
    const what = to < from ? `${left} bytes` : `lines ${from} to ${to} (${left} bytes)`
    const open = first.at(-1) === newline ? '' : '\n'
    return `${first.toString()}${open}[${what} are left out here. ${where}]\n${last.toString()}`
  }

  private gap(head: Buffer, tail: Buffer): Buffer {
    const lost = this.bytes - head.length - tail.length
    if (lost === 0) return Buffer.alloc(0)
    return Buffer.from(`\n[${lost.toLocaleString('en')} bytes are missing here: more came than is kept]\n`)
  }
}

async function keptWhere(sandbox: Pick<Sandbox, 'files' | 'scratch'>, kept: OutputFiles, all: Buffer): Promise<string> {
  try {
    const path = await kept.keep(sandbox, all)
    return `The whole is in ${path}: read it there with offset and limit, or search it.`
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return `The whole could not be kept: ${error.message}`
  }
}

function countLines(data: Uint8Array): number {
  let count = 0
  for (let at = data.indexOf(newline); at >= 0; at = data.indexOf(newline, at + 1)) count += 1
  return count
}

/** A place to cut, at `at` or somewhat before: after a line's end if there is one in the second half, else after a character. */
function wholeLinesBefore(data: Buffer, at: number): number {
  const end = data.subarray(0, at).lastIndexOf(newline) + 1
  return end > at / 2 ? end : characterStart(data, at)
}

function wholeLinesAfter(data: Buffer, at: number): number {
  const start = data.indexOf(newline, at - 1) + 1
  return start > 0 && start < (at + data.length) / 2 ? start : characterStart(data, at)
}

/** The first byte of the UTF-8 character that `at` falls into. */
function characterStart(data: Buffer, at: number): number {
  let start = at
  while (start > 0 && start < data.length && (data[start]! & 0xc0) === 0x80) start -= 1
  return start
}

/** Bytes up to a limit, in one buffer that grows as it is needed. */
class Bytes {
  private readonly limit: number
  private buffer = Buffer.alloc(0)
  length = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** How many bytes of `data` still fit, whole characters only. */
  room(data: Buffer): number {
    return characterStart(data, Math.min(data.length, this.limit - this.length))
  }

  append(data: Uint8Array): void {
    if (this.length + data.length > this.buffer.length) {
      const grown = Buffer.alloc(Math.max(this.length + data.length, this.buffer.length * 2))
      grown.set(this.view())
      this.buffer = grown
    }
    this.buffer.set(data, this.length)
    this.length += data.length
  }

  /** Appends, and forgets the oldest bytes beyond the limit; now and then, so that it costs what comes and not what is held. */
  slide(data: Buffer): void {
    this.append(data.length > this.limit ? data.subarray(characterStart(data, data.length - this.limit)) : data)
    if (this.length <= this.limit * 2) return
    const from = characterStart(this.buffer, this.length - this.limit)
    this.buffer.copyWithin(0, from, this.length)
    this.length -= from
  }

  view(): Buffer {
    return this.buffer.subarray(0, this.length)
  }
}
