import { Failure, type FailureCode } from '../core/failure.ts'
import { pathFromBytes, pathToBytes } from '../core/paths.ts'
import type { Channel, Reply, Request } from './channel.ts'
import type { Entry, EntryType, Files } from './sandbox.ts'

/** Bytes that one read may give; more than this is never wanted whole, and a sparse file says it has terabytes. */
const mostBytes = 256 * 1024 * 1024

/** Bytes up to which the loop writes by itself what holds no NUL, which its variables cannot. */
const plainBytes = 64 * 1024

/** Bytes of a list of entries: some hundred thousand of them. */
const mostListed = 32 * 1024 * 1024

/** The files of a sandbox through a channel to a loop inside: see loop.ts for the requests. */
export class ChannelFiles implements Files {
  private readonly channel: Channel

  constructor(channel: Channel) {
    this.channel = channel
  }

  async read(path: string, range: { offset?: number; length?: number } = {}): Promise<Buffer> {
    const length = Math.min(range.length ?? mostBytes + 1, mostBytes + 1)
    const { data } = await this.ask(path, {
      line: `read ${encode(path)} ${range.offset ?? 0} ${length}`,
      most: length,
    })
    if (data.length > mostBytes) {
      throw new Failure('limit', `${path} is larger than ${mostBytes >> 20} MB: read a range of it.`, { file: path })
    }
    return data
  }

  async write(path: string, data: Uint8Array, options: { mode?: number; replace?: boolean } = {}): Promise<void> {
    const mode = options.mode === undefined ? '-' : (options.mode & 0o777).toString(8)
    const plain = data.length > 0 && data.length <= plainBytes && !data.includes(0)
    const flags = `${plain ? 1 : 0} ${options.replace ? 1 : 0}`
    await this.ask(path, { line: `write ${encode(path)} ${mode} ${data.length} ${flags}`, payload: data })
  }

  async remove(path: string, options: { recursive?: boolean } = {}): Promise<void> {
    await this.ask(path, { line: `remove ${encode(path)} ${options.recursive ? 1 : 0}` })
  }

  async move(from: string, to: string): Promise<void> {
    await this.ask(from, { line: `move ${encode(from)} ${encode(to)}` })
  }

  async link(path: string, target: string): Promise<void> {
    if (target === '') throw new Failure('missing', `The link ${path} needs a target.`, { file: path })
    await this.ask(path, { line: `link ${encode(path)} ${octal(target)}` })
  }

  async list(path: string): Promise<Entry[]> {
    const { data } = await this.ask(path, { line: `list ${encode(path)}`, list: true, most: mostListed })
    return parseEntries(data)
  }

  async stat(path: string): Promise<Entry> {
    const { data } = await this.ask(path, { line: `stat ${encode(path)}`, list: true })
    const [entry] = parseEntries(data)
    if (entry === undefined) throw failureFor(path, 'No such file or directory')
    return entry
  }

  private async ask(path: string, request: Request): Promise<Reply> {
    const reply = await this.channel.ask(request)
    if (!reply.ok) throw failureFor(path, reply.text)
    return reply
  }
}

/** An absolute path for the loop, without a slash at its end, which would follow a link. */
function encode(path: string): string {
  if (!path.startsWith('/')) throw new Failure('missing', `${path || 'An empty path'} is not an absolute path.`)
  return octal(path.replace(/\/+$/, '') || '/')
}

function octal(name: string): string {
  const bytes = pathToBytes(name)
  if (bytes.includes(0)) throw new Failure('missing', 'A file name cannot hold a NUL byte.')
  let text = ''
  for (const byte of bytes) text += `\\0${byte.toString(8).padStart(3, '0')}`
  return text
}

/** The system's words, in the C locale, at the end of what a program said. */
const errors: [RegExp, FailureCode, string][] = [
  [/No such file or directory$/, 'missing', 'does not exist'],
  [/Not a directory$/, 'missing', 'is not a directory, or a file stands where one of its folders should be'],
  [/File exists$/, 'exists', 'is there already'],
  [/Is a directory$/, 'directory', 'is a directory'],
  [/(Permission denied|Operation not permitted)$/, 'permission', 'may not be touched by the user of the sandbox'],
  [/Read-only file system$/, 'permission', 'lies on a read-only part of the sandbox'],
  [/Not a regular file$/, 'permission', 'is not a regular file'],
  [/(No space left on device|Disk quota exceeded)$/, 'disk', 'could not be written: the disk is full'],
  [/File name too long$/, 'missing', 'has a name that is too long'],
  [/Too many levels of symbolic links$/, 'missing', 'is a link that leads in a circle'],
]

function failureFor(path: string, text: string): Failure {
  for (const [words, code, sentence] of errors) {
    if (words.test(text)) return new Failure(code, `${path} ${sentence}.`, { file: path })
  }
  return new Failure('sandbox', `${path} could not be used: ${text}`, { file: path })
}

const types: Record<string, EntryType> = { f: 'file', d: 'directory', l: 'symlink' }

/** Entries as `find -printf` in loop.ts writes them. */
function parseEntries(data: Buffer): Entry[] {
  const entries: Entry[] = []
  let at = 0
  while (at < data.length && data[at] !== 0) {
    const metaEnd = data.indexOf(0, at)
    const nameEnd = data.indexOf(0, metaEnd + 1)
    const fields: string[] = []
    for (let field = 0; field < 4; field++) {
      const space = data.indexOf(32, at)
      fields.push(data.toString('latin1', at, space))
      at = space + 1
    }
    const entry: Entry = {
      name: pathFromBytes(data.subarray(metaEnd + 1, nameEnd)),
      type: types[fields[0]!] ?? 'other',
      size: Number(fields[1]),
      mode: Number.parseInt(fields[2]!, 8) & 0o777,
      mtimeMs: Math.floor(Number(fields[3]) * 1000),
    }
    if (entry.type === 'symlink') entry.target = pathFromBytes(data.subarray(at, metaEnd))
    entries.push(entry)
    at = nameEnd + 1
  }
  return entries
}
