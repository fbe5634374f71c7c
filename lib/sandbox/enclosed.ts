import type { Duplex } from 'node:stream'
import type { Disposable } from '../core/dispose.ts'
import type { Job, Stats } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { Channel } from './channel.ts'
import type { Enclosure } from './enclosure.ts'
import { DiskWatch } from './disk.ts'
import { ChannelFiles } from './files.ts'
import { Gauges } from './gauges.ts'
import { Processes } from './processes.ts'
import { runProgram } from './run.ts'
import type { Exit, Files, RunOptions, Sandbox, Shell, Size } from './sandbox.ts'
import { PersistentShell } from './shell.ts'

/** The sandbox inside an enclosure, which it ends with itself. */
export class EnclosedSandbox implements Sandbox {
  readonly label: string
  readonly files: Files
  readonly refresh: (() => Promise<void>) | undefined
  readonly scratch: string | undefined
  readonly confine: Sandbox['confine']
  private readonly enclosure: Enclosure
  /** Absolute path of the workspace inside, where programs start. */
  private readonly workspace: string
  private readonly fileChannel: Channel
  /** For ending what runs inside: never behind a large file, and there before the processes' limit is reached. */
  private readonly killChannel: Channel
  private readonly processes: Processes
  private readonly gauges: Gauges
  private readonly disk: DiskWatch
  /** While commands have left something running. */
  private jobsWrite: Disposable | undefined
  private opened: Promise<PersistentShell> | undefined
  private open: Shell | undefined
  private readonly jobListeners = new Set<(jobs: readonly Job[]) => void>()
  private readonly shellListeners = new Set<(shell: Shell) => void>()
  private readonly lostListeners = new Set<(failure: Failure) => void>()
  private disposing: Promise<void> | undefined
  private lost: Failure | undefined

  constructor(
    enclosure: Enclosure,
    workspace: string,
    { scratch, confine }: Pick<Sandbox, 'scratch' | 'confine'> = {},
  ) {
    this.label = enclosure.label
    this.scratch = scratch
    this.confine = confine
    this.enclosure = enclosure
    this.workspace = workspace
    this.fileChannel = this.channel()
    this.killChannel = this.channel()
    this.files = new ChannelFiles(this.fileChannel)
    this.processes = new Processes(this.killChannel)
    this.disk = new DiskWatch({
      folders: enclosure.folders,
      limit: enclosure.limits.disk,
      // The shell's commands fill disks; what tools run does not.
      onReached: (text) => void this.opened?.then((shell) => shell.overflow({ limit: 'disk', text })).catch(() => {}),
    })
    this.gauges = new Gauges(enclosure, this.processes, () => this.disk.used)
    if (enclosure.refresh) this.refresh = () => this.refreshed(enclosure.refresh!())
    enclosure.ended.then(() => this.ended())
    this.fileChannel.warm()
    // Not in the way of whoever waits for the sandbox.
    setImmediate(() => this.gauges.look().catch(() => {}))
  }

  shell(size: Size = { cols: 120, rows: 40 }): Promise<Shell> {
    if (this.over) return Promise.reject(this.over)
    this.opened ??= this.openShell(size).catch((error: unknown) => {
      this.opened = undefined
      throw error
    })
    return this.opened
  }

  async run(argv: string[], options: RunOptions): Promise<Exit> {
    if (this.over) throw this.over
    const writing = this.disk.writing()
    const exit = await runProgram(this.enclosure, argv, {
      ...options,
      cwd: options.cwd ?? this.workspace,
      kill: (tag, session) => this.processes.kill(tag, session),
    }).finally(() => writing.dispose())
    if (exit.reason !== 'exited' || exit.code === 0) return exit
    const { breaches } = await this.gauges.look().catch(() => ({ breaches: [] }))
    return breaches.length > 0 ? { ...exit, breaches } : exit
  }

  stats(signal: AbortSignal): AsyncIterable<Stats> {
    return this.gauges.stats(signal)
  }

  async stream(argv: string[]): Promise<Duplex> {
    if (this.over) throw this.over
    try {
      return await this.enclosure.stream({ argv, cwd: this.workspace })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.trim() : String(cause)
      throw new Failure('sandbox', `The sandbox did not take the program ${argv[0]}: ${reason}`, { cause })
    }
  }

  onJobs(listener: (jobs: readonly Job[]) => void): Disposable {
    this.jobListeners.add(listener)
    return { dispose: () => void this.jobListeners.delete(listener) }
  }

  onShell(listener: (shell: Shell) => void): Disposable {
    this.shellListeners.add(listener)
    if (this.open) listener(this.open)
    return { dispose: () => void this.shellListeners.delete(listener) }
  }

  onLost(listener: (failure: Failure) => void): Disposable {
    this.lostListeners.add(listener)
    return { dispose: () => void this.lostListeners.delete(listener) }
  }

  dispose(): Promise<void> {
    this.disposing ??= this.end()
    return this.disposing
  }

  /** Why nothing can be started any more. */
  private get over(): Failure | undefined {
    if (this.lost !== undefined || this.disposing === undefined) return this.lost
    return new Failure('sandbox', 'The sandbox was closed.')
  }

  private async refreshed(work: Promise<void>): Promise<void> {
    await work.catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message.trim() : String(cause)
      throw new Failure('sandbox', `The workspace could not be made to show what the project holds now: ${reason}`, {
        cause,
      })
    })
  }

  private async openShell(size: Size): Promise<PersistentShell> {
    const shell = await PersistentShell.open({
      enclosure: this.enclosure,
      cwd: this.workspace,
      size,
      processes: this.processes,
      gauges: this.gauges,
      writing: () => this.disk.writing(),
      onJobs: (jobs) => {
        if (jobs.length > 0) this.jobsWrite ??= this.disk.writing()
        else this.jobsWrite = void this.jobsWrite?.dispose()
        for (const listener of this.jobListeners) listener(jobs)
      },
      pids: this.enclosure.limits.pids,
    })
    this.open = shell
    for (const listener of this.shellListeners) listener(shell)
    return shell
  }

  private channel(): Channel {
    return new Channel((program, hear) => this.enclosure.start({ ...program, cwd: '/' }, hear))
  }

  private async end(): Promise<void> {
    this.disk.dispose()
    await Promise.all([this.fileChannel.close(), this.killChannel.close()])
    await this.enclosure.remove()
    this.opened?.then((shell) => shell.dispose()).catch(() => {})
  }

  private ended(): void {
    if (this.disposing !== undefined || this.lost !== undefined) return
    this.lost = new Failure('sandbox', 'The sandbox has ended by itself: the engine or something inside stopped it.')
    // What it held on the host is given back; the walls have gone by themselves.
    this.dispose().catch(() => {})
    for (const listener of this.lostListeners) listener(this.lost)
  }
}
