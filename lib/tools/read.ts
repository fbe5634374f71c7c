import { heed } from './abort.ts'
import type { ToolLimits } from './limits.ts'
import { place, type Place } from './paths.ts'
import { looksBinary, readBytes, sizeText } from './text-file.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'

export interface ReadArguments {
  path: string
  /** The first line wanted, from 1. */
  offset?: number
  /** How many lines. */
  limit?: number
}

const defaultLines = 2000
/** Characters of one line that are shown. */
const longestLine = 2000
/** Bytes asked for at a time: most files are one request, big ones are read in larger pieces. */
const firstPiece = 256 * 1024
const nextPiece = 1024 * 1024
/** No line is looked for deeper in a file than this, in bytes: a sparse file says that it has terabytes. */
const deepest = 256 * 1024 * 1024

/** `read`: lines of a text file, numbered. */
export function readTool(limits: ToolLimits, words: (name: string) => string): Tool<ReadArguments> {
  return {
    name: 'read',
    get description() {
      return words('read')
    },
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'The file: relative to the workspace, or absolute.' },
        offset: { type: 'integer', minimum: 1, description: 'First line, from 1.' },
        limit: { type: 'integer', minimum: 1, description: `How many lines; ${defaultLines} if not given.` },
      },
      required: ['path'],
      additionalProperties: false,
    },
    risk: () => 'read',
    path: ({ path }) => path,
    summary: ({ path }) => path,
    async execute({ path, offset = 1, limit = defaultLines }, context) {
      const at = await place(path, context, 'read')
      const lines = new NumberedLines(offset, limit, limits.outputBytes)
      let position = 0
      let wanted = firstPiece
      for (;;) {
        const piece = await readBytes(at, context, { offset: position, length: wanted })
        if (position === 0 && looksBinary(piece)) return binary(at, piece, wanted, context)
        position += piece.length
        lines.add(piece)
        if (piece.length < wanted) return whole(at, lines)
        if (lines.full || position >= deepest) return part(at, lines, context)
        wanted = nextPiece
      }
    },
  }
}

async function binary(at: Place, piece: Buffer, wanted: number, context: ToolContext): Promise<ToolResult> {
  const size = piece.length < wanted ? piece.length : await sizeOf(at, context)
  const wide = (piece[0] === 0xff && piece[1] === 0xfe) || (piece[0] === 0xfe && piece[1] === 0xff)
  const text = wide
    ? `${at.shown} is UTF-16 text (${sizeText(size)}), which is not shown: convert it with shell, \`iconv -f utf-16 -t utf-8\`.`
    : `${at.shown} is binary (${sizeText(size)}) and is not shown: look into it with shell, as with \`file\` or \`od\`.`
  return { ok: false, text, summary: `binary, ${sizeText(size)}` }
}

function whole(at: Place, lines: NumberedLines): ToolResult {
  lines.close()
  if (lines.total === 0) return { ok: true, text: `[${at.shown} is empty]`, summary: 'empty' }
  if (lines.last === 0) {
    return { ok: false, text: `${at.shown} has only ${lines.total} lines.`, summary: `only ${lines.total} lines` }
  }
  const rest = lines.last < lines.total ? `of ${lines.total}; go on with offset ${lines.last + 1}` : 'the end'
  return lines.result(rest, lines.last < lines.total ? ` of ${lines.total}` : '')
}

async function part(at: Place, lines: NumberedLines, context: ToolContext): Promise<ToolResult> {
  const size = sizeText(await sizeOf(at, context))
  if (lines.last === 0) {
    const text = `${at.shown} (${size}) is too big to find that line in it: use shell, as with \`sed -n\` or \`tail\`.`
    return { ok: false, text, summary: 'too deep' }
  }
  return lines.result(`of a file of ${size}; go on with offset ${lines.last + 1}`, ` of ${size}`)
}

async function sizeOf({ path }: Place, { sandbox, signal }: ToolContext): Promise<number> {
  return (await heed(signal, sandbox.files.stat(path))).size
}

/** Takes a file's bytes piece by piece and keeps the lines wanted, each with its number; what is held stays small. */
class NumberedLines {
  /** Lines seen, the unfinished one not counted until `close`. */
  total = 0
  /** The last line kept; 0 where none is. */
  last = 0
  /** No more lines will be kept. */
  full = false
  private kept: string[] = []
  private bytes = 0
  private carriage = 0
  private broken = false
  /** The unfinished line: its beginning, and how many bytes of it were seen. */
  private start: Buffer = Buffer.alloc(0)
  private length = 0
  private lastByte = 0
  private readonly first: number
  private readonly count: number
  private readonly limit: number

  constructor(first: number, count: number, limit: number) {
    this.first = first
    this.count = count
    this.limit = limit
  }

  add(piece: Buffer): void {
    let from = 0
    for (;;) {
      const end = piece.indexOf(10, from)
      this.extend(piece.subarray(from, end < 0 ? piece.length : end))
      if (end < 0) return
      this.finish()
      from = end + 1
    }
  }

  /** The file is at its end: what no newline ended is a line too. */
  close(): void {
    if (this.length > 0) this.finish()
  }

  result(rest: string, short: string): ToolResult {
    const lines = `${this.first}–${this.last}`
    const notes = [`lines ${lines}, ${rest}`]
    if (this.carriage > 0) notes.push('line ends are CRLF')
    if (this.broken) notes.push('not all of it is valid UTF-8: � stands for other bytes')
    return {
      ok: true,
      text: `${this.kept.join('\n')}\n[${notes.join('; ')}]`,
      summary: `${this.first === this.last ? this.first : lines}${short}`,
    }
  }

  private extend(bytes: Buffer): void {
    if (bytes.length === 0) return
    const room = longestLine * 4 - this.start.length
    if (room > 0 && !this.full && this.total + 1 >= this.first) {
      this.start = Buffer.concat([this.start, bytes.subarray(0, room)])
    }
    this.length += bytes.length
    this.lastByte = bytes.at(-1)!
  }

  private finish(): void {
    this.total += 1
    if (!this.full && this.total >= this.first) this.keep()
    this.start = Buffer.alloc(0)
    this.length = 0
    this.lastByte = 0
  }

  private keep(): void {
    const ends = this.lastByte === 13
    if (ends) this.carriage += 1
    let text = this.start.toString()
    if (ends && this.start.length === this.length) text = text.slice(0, -1)
    if (this.total === 1 && text.startsWith('\ufeff')) text = text.slice(1)
    if (text.length > longestLine) text = `${text.slice(0, longestLine)}… [cut: the line has ${this.length} bytes]`
    if (text.includes('\ufffd')) this.broken = true
    const line = `${this.total}\t${text}`
    this.bytes += Buffer.byteLength(line) + 1
    if (this.kept.length > 0 && this.bytes > this.limit) {
      this.full = true
      return
    }
    this.kept.push(line)
    this.last = this.total
    this.full = this.kept.length >= this.count
  }
}
