import type { Processes } from './processes.ts'
import type { Ended, ShellSession } from './shell-session.ts'
import { cancelSignal } from './shell-setup.ts'

/** Milliseconds that a command has for heeding Ctrl-C. */
const politeMs = 300
/** Milliseconds from one look at what still runs to the next. */
const lookMs = 15
/** Milliseconds after which a shell that does not answer is given up. */
const givenUpMs = 850
/** Milliseconds that the end of what a command has started is waited for, where the machine is slow. */
const killingMs = 3000

/** A command at work in a shell. */
export interface Running {
  session: ShellSession
  tag: string
  /** Settles once the shell has begun with it. */
  begun: Promise<void>
  /** Settles with its end. */
  done: Promise<Ended>
  /** The parts of the shell that run on from earlier commands, by process number. */
  earlier: ReadonlySet<number>
}

/**
 * Ends a command and all that it has started within a second, and settles then: politely, then by force, then with its shell.
 *
 * The shell is stopped first. With each program that ends it would go on to what comes next in its line: where one heeds Ctrl-C
 * by ending well, where Ctrl-C meets a child that is not yet the program, or the kill one that does not have the terminal yet.
 * It goes on when nothing is left, and finds signals by which it gives up the rest of the line (shell-setup.ts).
 */
export async function interrupt(running: Running, processes: Processes): Promise<void> {
  const { session, tag, done } = running
  const ending = end(running, processes).catch(() => {})
  await within(givenUpMs, Promise.all([ending, done]))
  if (await within(0, done)) return void (await within(killingMs, ending))
  // The shell first, which could start more.
  const killed = processes.kill(session.tag).then(() => processes.kill(tag))
  session.abandon()
  const gone = killed.catch(() => {})
  await within(killingMs, gone)
}

async function end(running: Running, processes: Processes): Promise<void> {
  const { session, tag, begun, done, earlier } = running
  // Before that Ctrl-C would meet a prompt, and the command come after it.
  await Promise.race([begun, done])
  if (await within(0, done)) return processes.kill(tag)
  await processes.signal(session.pid, ['STOP'])
  session.input('\x03')
  const until = performance.now() + politeMs
  while (performance.now() < until && (await isAtWork(running, processes))) if (await within(lookMs, done)) break
  await processes.killCommand(tag, { shell: session, earlier })
  await processes.signal(session.pid, (await within(0, done)) ? ['CONT'] : [cancelSignal, 'INT', 'CONT'])
}

async function isAtWork({ session, tag, earlier }: Running, processes: Processes): Promise<boolean> {
  const found = [...(await processes.tagged(tag)), ...(await processes.tagged(session.tag))]
  return found.some(({ pid }) => pid !== Number(session.pid) && !earlier.has(pid))
}

/** Whether a promise settles in that many milliseconds. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
