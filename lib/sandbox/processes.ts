import type { Channel } from './channel.ts'

/** proc(5): times are in ticks, of which Linux shows programs a hundred a second. */
const msPerTick = 10

/** A process inside that carries a tag. */
export interface Tagged {
  pid: number
  tag: string
  /** The process that has started it, as far as that goes on; 0 where it is outside. */
  parent: number
  /** Its words, as far as they are worth showing. */
  words: string
}

/** A shell: its process, and the tag of what it runs without one of its own. */
export interface ShellProcess {
  readonly pid: string
  readonly tag: string
}

/**
 * What runs inside, by way of a channel of its own: looking and ending need no further process, so that they work where no
 * process is left, and never wait behind a large file. A tag is what a process carries as DRYDOCK_TAG, given by its beginning.
 *
 * Errors: `Failure` `sandbox` where the sandbox does not answer.
 */
export class Processes {
  private readonly channel: Channel

  constructor(channel: Channel) {
    this.channel = channel
  }

  /** Kills everything that carries the tag or is in the session. */
  async kill(tag: string, session = ''): Promise<void> {
    await this.channel.ask({ line: `kill ${tag} ${session}` })
  }

  /** Kills what a command of a shell's has started, but for those parts of the shell that run on from earlier ones. */
  async killCommand(
    tag: string,
    { shell, earlier }: { shell: ShellProcess; earlier: Iterable<number> },
  ): Promise<void> {
    await this.channel.ask({ line: `command ${tag} ${shell.tag} ${[shell.pid, ...earlier].join(' ')}` })
  }

  /** Sends a process these signals, named without SIG, one after the other. */
  async signal(pid: string, names: readonly string[]): Promise<void> {
    await this.channel.ask({ line: `signal ${pid} ${names.join(' ')}` })
  }

  async tagged(tag: string): Promise<Tagged[]> {
    const fields = texts((await this.channel.ask({ line: `tagged ${tag}`, list: true })).data)
    const found: Tagged[] = []
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [pid = '', carried = '', parent] = fields[at]!.split(' ')
      found.push({ pid: Number(pid), tag: carried, parent: Number(parent), words: fields[at + 1]!.trim() })
    }
    return found
  }

  /** The folders for temporary files, with their bytes. */
  async room(): Promise<{ name: string; free: number; all: number }[]> {
    const { data } = await this.channel.ask({ line: 'room', list: true })
    return texts(data).map((entry) => {
      const [name = '', free, all, unit] = entry.split(' ')
      return { name, free: Number(free) * Number(unit), all: Number(all) * Number(unit) }
    })
  }

  /** What the processes of this moment add up to: bytes, processes with threads, milliseconds of processors. */
  async sum(): Promise<{ memory: number; pids: number; cpuMs: number }> {
    const [kilobytes = 0, pids = 0, ticks = 0] = texts((await this.channel.ask({ line: 'sum', list: true })).data).map(
      Number,
    )
    return { memory: kilobytes * 1024, pids, cpuMs: ticks * msPerTick }
  }

  /** How many processes there are, and the text of those of the files in /sys/fs/cgroup that are there, by name. */
  async look(names: readonly string[]): Promise<{ processes: number; files: Map<string, string> }> {
    const { data } = await this.channel.ask({ line: `look ${names.join(' ')}`, list: true })
    const files = new Map(texts(data).map((entry) => split(entry)))
    const processes = Number(files.get('processes'))
    files.delete('processes')
    return { processes, files }
  }
}

/** The entries of a list, each ended by a NUL, the whole by one more. */
function texts(data: Buffer): string[] {
  return data.toString().split('\0').slice(0, -2)
}

function split(entry: string): [string, string] {
  const space = entry.indexOf(' ')
  return [entry.slice(0, space), entry.slice(space + 1)]
}
