import type { Duplex } from 'node:stream'
import type { Disposable } from '../core/dispose.ts'
import type { Job, Stats } from '../core/events.ts'
import type { Failure, FailureFact } from '../core/failure.ts'
import type { Breach } from './breach.ts'

/** How a command ended. Exactly one of `code` and `signal` is set, unless `reason` says that we ended it. */
export interface Exit {
  code: number | null
  signal: string | null
  /** `timeout`, `cancelled`, `limit`: we ended it; `lost`: the shell or the sandbox went away under it. */
  reason: 'exited' | 'timeout' | 'cancelled' | 'limit' | 'lost'
  /** Milliseconds from start to end. */
  ms: number
  /** The limits that something in the sandbox ran into meanwhile. */
  breaches?: readonly Breach[]
}

export interface CommandOptions {
  signal: AbortSignal
  timeoutMs?: number
  /** Gives it the terminal as its standard input, with echo, instead of nothing. */
  interactive?: boolean
  onOutput?: (text: string) => void
  /** Called once where it has to wait for the person, who has the keyboard. */
  onWaiting?: () => void
}

/** A command line that the person ran in the shell; `status` as bash has it, `cwd` where they were then. */
export interface Ran {
  command: string
  status: number
  cwd: string
}

/** Who has the keyboard of the shell. */
export interface Keyboard {
  holder: 'agent' | 'person'
  /** The person has given it back, and a command of theirs runs on. */
  busy: boolean
  /** The agent's command that waits for the person. */
  waiting?: string
  /** Told once, when the shell is the agent's again: what the person ran, the last 50 lines of it. */
  ran?: readonly Ran[]
  /** Why the person could not have it. */
  failure?: FailureFact
}

export type EntryType = 'file' | 'directory' | 'symlink' | 'other'

export interface Entry {
  name: string
  type: EntryType
  size: number
  /** Permission bits only (0o777). */
  mode: number
  /** Milliseconds since 1970. */
  mtimeMs: number
  /** Where a symbolic link points, as written. */
  target?: string
}

/**
 * Files inside the sandbox, touched as its user: the one door to the workspace. Paths are absolute inside the sandbox
 * (the project's own path is the workspace) and coded as in lib/core/paths.ts.
 *
 * Errors: `Failure` with `missing`, `exists`, `directory`, `permission`, `disk` or `sandbox`.
 */
export interface Files {
  /** `offset` and `length` in bytes; a file that is shorter gives what there is. Follows links inside the sandbox. */
  read(path: string, range?: { offset?: number; length?: number }): Promise<Buffer>
  /**
   * Whole and at once (temporary file, rename); makes missing folders; keeps the mode of a file that is there. `replace`:
   * what stands at the path goes, be it a link, a folder with all in it, or a file that may not be written.
   */
  write(path: string, data: Uint8Array, options?: { mode?: number; replace?: boolean }): Promise<void>
  /** A folder only when `recursive`. */
  remove(path: string, options?: { recursive?: boolean }): Promise<void>
  move(from: string, to: string): Promise<void>
  /** Makes or replaces a symbolic link. */
  link(path: string, target: string): Promise<void>
  list(path: string): Promise<Entry[]>
  /** Of the thing itself, not of what a link points to. */
  stat(path: string): Promise<Entry>
}

export interface Size {
  cols: number
  rows: number
}

/**
 * The session's one persistent shell, on a pty: its working directory and environment stay from command to command.
 * What it prints is heard by `onOutput` of the running command and by every `output` listener (the terminal pane).
 */
export interface Shell extends Disposable {
  /**
   * Runs one command to its end; commands wait for each other. `cancelled` within a second of the signal, whatever the
   * command does. `onOutput` hears text as it comes, decoded as UTF-8 (broken bytes become U+FFFD), with the
   * terminal's control sequences in it.
   */
  run(command: string, options: CommandOptions): Promise<Exit>
  /** The working directory inside, as last reported. */
  readonly cwd: string
  /** What commands have left running, as it was when the last one ended. */
  readonly jobs: readonly Job[]
  /**
   * Gives the person the keyboard: they type for the command that runs, and where none does, the shell is theirs, with a
   * prompt, until `giveKeyboard`, or until they end it. Commands of the agent's wait meanwhile.
   */
  takeKeyboard(): void
  /** The agent has it again: at once, or when the person's command has ended. */
  giveKeyboard(): void
  onKeyboard(listener: (keyboard: Keyboard) => void): Disposable
  /** Types for the command that runs, or for the person's shell; where there is neither, nothing hears it. */
  input(bytes: string): void
  /** Of the terminal, for the programs in it: 120 columns and 40 rows until it is told another. */
  resize(size: Size): void
  /**
   * Hears all that the terminal shows, commands of the agent's and how they failed included. `pause` holds back what
   * programs print, and with it them, until it is called with false.
   */
  output(listener: (text: string) => void): Disposable
  pause(on: boolean): void
}

export interface RunOptions {
  signal: AbortSignal
  timeoutMs?: number
  cwd?: string
  env?: Record<string, string>
  input?: Uint8Array
  /** Standard output and error as bytes, as they come. */
  onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void
}

/**
 * Where everything the model does happens. Disposing it ends all that runs inside; the workspace stays.
 */
export interface Sandbox extends Disposable {
  /** What it is, for the status line: `docker · base`. */
  readonly label: string
  readonly files: Files
  /** Folder inside for what tools keep; `/tmp/drydock` where absent. */
  readonly scratch?: string
  /**
   * Failure `unsafe` where a path leads to what no tool may touch. Absent where walls see to it that nothing of that kind
   * is inside.
   */
  confine?(path: string): Promise<void>
  /** The session's shell; opened at the first call and renewed after it was lost. `size` counts at opening. */
  shell(size?: Size): Promise<Shell>
  /** One program without a terminal, in its own process. */
  run(argv: string[], options: RunOptions): Promise<Exit>
  /**
   * One program as a stream: what is written is its standard input, what is read its standard output, each only as fast
   * as the other side takes it. It ends with its program; destroying it ends the program's standard input, no more.
   */
  stream(argv: string[]): Promise<Duplex>
  /** A sample at once, and one each second, until the signal is aborted or the sandbox is gone. */
  stats(signal: AbortSignal): AsyncIterable<Stats>
  /**
   * Drops what the kernel remembers of the workspace's lower layer, so that folders that have gone there are gone inside
   * too; nothing that runs notices. Absent where that cannot be done. Failure `sandbox`.
   */
  refresh?(): Promise<void>
  /** Called with all that commands of the shell have left running, each time that has changed. */
  onJobs(listener: (jobs: readonly Job[]) => void): Disposable
  /** Called with the session's shell once it is open, and at once where it is. */
  onShell(listener: (shell: Shell) => void): Disposable
  /** Called once if the sandbox goes away without being disposed. */
  onLost(listener: (failure: Failure) => void): Disposable
}
