import type { Duplex } from 'node:stream'
import type { Limits } from './limits.ts'

/** A program to be started inside, as the sandbox's user. */
export interface Program {
  argv: string[]
  cwd: string
  /** Besides what every process inside starts with. */
  env?: Record<string, string>
}

/** Hears output as it comes. A chunk may be shorter or longer than what was written at once. */
export type Hear = (chunk: Buffer, stream: 'stdout' | 'stderr') => void

/** A program that was started inside, on pipes, as the leader of a session. */
export interface Exec {
  write(data: Uint8Array | string): void
  /** Ends its standard input. */
  end(): void
  /** Settles when it has ended or cannot be heard any more, for whatever reason. */
  readonly closed: Promise<void>
  /** Its exit status once `closed`, 128 and the signal for what a signal ended; null where it is not known. */
  status(): Promise<number | null>
  /** Lets go of it; what it started inside may go on. */
  drop(): void
}

/** A command of the host that runs a program inside on the terminal that it is given. */
export interface TerminalCommand {
  file: string
  args: string[]
  /** Its environment; the agent's own where it is left out. */
  env?: Record<string, string>
  /** What to do where it does not start, as a sentence. */
  advice: string
}

/**
 * Walls that stand: what a kind of sandbox (a container, namespaces of our own) has to know how to do. Files, shell and
 * programs are the same for all of them, and built on this.
 */
export interface Enclosure {
  /** For the status line. */
  readonly label: string
  readonly limits: Limits
  /** Folders of the host that what runs inside fills: the workspace and home. */
  readonly folders: readonly string[]
  /**
   * The texts of what the kernel counts, by name as in gauges.ts, where the host sees it; undefined where it does not: then it
   * is looked for inside.
   */
  gauges?(names: readonly string[]): Promise<Map<string, string>> | undefined
  /** Whether nothing tells what runs in it from the rest of the machine: then nothing is counted. */
  readonly uncounted?: boolean
  /** Starts a program without a terminal. Rejects where the enclosure is gone. */
  start(program: Program, hear: Hear): Promise<Exec>
  /** Starts a program whose standard input and output are one stream; nobody hears its errors. Rejects as `start`. */
  stream(program: Program): Promise<Duplex>
  terminal(program: Program): TerminalCommand
  /** As in lib/sandbox/sandbox.ts. */
  refresh?(): Promise<void>
  /** Settles when the enclosure has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Ends everything inside, and settles when nothing of it is left. */
  remove(): Promise<void>
}
