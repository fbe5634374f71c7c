import type { Job } from '../core/events.ts'
import type { Processes, ShellProcess, Tagged } from './processes.ts'

/**
 * What commands of the shell have left running. Each command has a tag, so that its processes are known whatever became of
 * their parents, their group and their session. A part of the shell itself, like a loop behind `&`, carries the shell's tag: it is
 * the last command's when it is first seen.
 */
export class Jobs {
  /** As last looked at. */
  list: readonly Job[] = []
  /** The shell of now. */
  shell: ShellProcess | undefined
  private readonly processes: Pick<Processes, 'tagged' | 'kill'>
  private readonly root: string
  private readonly onChange: (jobs: readonly Job[]) => void
  private readonly commands = new Map<string, string>()
  /** The tag of the last command, and of the commands whose parts of the shell run on, by process number. */
  private latest = ''
  private parts: ReadonlyMap<number, string> = new Map()
  /** How many processes there are when there is no job, once two looks have found so; and what the last look found. */
  private quiet: number | undefined
  private found: number | undefined
  private counter = 0

  /** `root` begins every tag; `onChange` hears what there is each time that has changed. */
  constructor(processes: Pick<Processes, 'tagged' | 'kill'>, root: string, onChange: (jobs: readonly Job[]) => void) {
    this.processes = processes
    this.root = root
    this.onChange = onChange
  }

  /** A tag for a command, or for what is none. */
  tag(command?: string): string {
    const tag = `${this.root}.${++this.counter}.`
    if (command === undefined) return tag
    this.commands.set(tag, command)
    this.latest = tag
    return tag
  }

  /** The process numbers of the parts of the shell that run on, as last looked at. */
  get forks(): ReadonlySet<number> {
    return new Set(this.parts.keys())
  }

  /** Whether so many processes inside are those that are there when there is no job, and there is none. */
  isQuiet(count: number): boolean {
    return this.list.length === 0 && count === this.quiet
  }

  /**
   * Looks again where the number of processes inside says that there may be something new, or where it is not known. No
   * command is at work then.
   */
  async look(count: number | undefined): Promise<void> {
    if (count === undefined || !this.isQuiet(count)) {
      const found = await this.find()
      const changed = keyOf(found) !== keyOf(this.list)
      this.list = found
      const without = found.length > 0 ? undefined : count
      this.quiet = without === this.found ? without : undefined
      this.found = without
      if (changed) this.onChange(found)
    }
    const left = new Set(this.list.map(({ id }) => id))
    for (const tag of this.commands.keys()) if (!left.has(tag)) this.commands.delete(tag)
  }

  /** Kills them all, and whatever of the shell's besides. */
  async kill(): Promise<void> {
    await this.processes.kill(`${this.root}.`)
  }

  private async find(): Promise<Job[]> {
    const found = await this.processes.tagged(`${this.root}.`)
    const parts = new Map<number, string>()
    for (const one of found) if (this.isPart(one)) parts.set(one.pid, this.ownerOf(one))
    this.parts = parts
    const jobs = new Map<string, Job>()
    for (const { pid, tag: carried, words } of found) {
      const tag = parts.get(pid) ?? carried
      const command = this.commands.get(tag)
      if (command === undefined) continue
      const job = jobs.get(tag) ?? { id: tag, command, processes: [] }
      jobs.set(tag, { ...job, processes: [...job.processes, { pid, words: parts.has(pid) ? 'bash' : words }] })
    }
    return [...jobs.values()]
  }

  private isPart({ pid, tag }: Tagged): boolean {
    return tag === this.shell?.tag && pid !== Number(this.shell.pid)
  }

  private ownerOf({ pid, parent }: Tagged): string {
    return this.parts.get(pid) ?? this.parts.get(parent) ?? this.latest
  }
}

/** What tells one state of the jobs from another. */
function keyOf(jobs: readonly Job[]): string {
  return jobs.flatMap(({ id, processes }) => [id, ...processes.map(({ pid }) => pid)]).join()
}
