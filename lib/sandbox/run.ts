import { randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { Failure } from '../core/failure.ts'
import type { Enclosure, Exec, Hear } from './enclosure.ts'
import type { Exit, RunOptions } from './sandbox.ts'

/** Characters of a process's number, with room to spare. */
const longestNumber = 32

/** Milliseconds that what was killed has for going away; after that it is let go of. */
const killPatienceMs = 900

export interface ProgramOptions extends RunOptions {
  cwd: string
  /** Kills every process inside that carries the tag or is in the session. */
  kill: (tag: string, session: string) => Promise<unknown>
}

/**
 * Runs one program inside to its end. A timeout or an abort kills it with everything it started.
 *
 * Errors: `Failure` `sandbox` where the enclosure does not take it.
 */
export async function runProgram(enclosure: Enclosure, argv: string[], options: ProgramOptions): Promise<Exit> {
  options.signal.throwIfAborted()
  const started = performance.now()
  const tag = randomBytes(12).toString('hex')
  // What is started inside leads a session. Its number is said first, for ending what has lost its tag.
  let session: string | undefined
  let saying = ''
  const hear: Hear = (chunk, stream) => {
    if (stream === 'stdout' || session !== undefined) return options.onOutput?.(chunk, stream)
    saying += chunk.toString('latin1')
    const end = saying.indexOf('\n')
    if (end < 0 && saying.length < longestNumber) return
    // Nothing else has a say before it, but for somebody inside who writes into other programs' pipes.
    session = /^\d+\n/.exec(saying)?.[0].trim() ?? ''
    const rest = Buffer.from(saying.slice(end + 1), 'latin1')
    if (rest.length > 0) options.onOutput?.(rest, stream)
  }
  let exec: Exec
  try {
    const saysItsSession = ['bash', '--norc', '--noprofile', '-c', 'echo "$$" >&2; exec -- "$@"', 'bash', ...argv]
    const env = { ...options.env, DRYDOCK_TAG: tag }
    exec = await enclosure.start({ argv: saysItsSession, cwd: options.cwd, env }, hear)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trim() : String(cause)
    throw new Failure('sandbox', `The sandbox did not take the command ${argv[0]}: ${reason}`, { cause })
  }
  if (options.input !== undefined) exec.write(options.input)
  exec.end()
  const stopped = await stop(exec, options, () => options.kill(tag, session ?? ''))
  const ms = Math.round(performance.now() - started)
  if (stopped !== undefined) return { code: null, signal: null, reason: stopped, ms }
  const status = await exec.status()
  if (status === null) return { code: null, signal: null, reason: 'lost', ms }
  return { ...byStatus(status), reason: 'exited', ms }
}

/** Waits for the program's end, or brings it about; says why it did. */
async function stop(
  exec: Exec,
  options: RunOptions,
  kill: () => Promise<unknown>,
): Promise<'timeout' | 'cancelled' | undefined> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const reason = await Promise.race([
    exec.closed.then(() => undefined),
    new Promise<'cancelled'>((resolve) => {
      onAbort = () => resolve('cancelled')
      options.signal.addEventListener('abort', onAbort, { once: true })
      if (options.signal.aborted) resolve('cancelled')
    }),
    new Promise<'timeout'>((resolve) => {
      if (options.timeoutMs !== undefined) timer = setTimeout(() => resolve('timeout'), options.timeoutMs)
    }),
  ])
  clearTimeout(timer)
  options.signal.removeEventListener('abort', onAbort!)
  if (reason === undefined) return undefined
  let late: NodeJS.Timeout | undefined
  await Promise.race([
    // Where the sandbox is gone, so is the program.
    kill()
      .then(() => exec.closed)
      .catch(() => {}),
    new Promise<void>((resolve) => (late = setTimeout(resolve, killPatienceMs))),
  ])
  clearTimeout(late)
  exec.drop()
  return reason
}

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]))

/** A shell's and an engine's way of putting both into one number: 128 and the signal for what a signal ended. */
export function byStatus(status: number): { code: number | null; signal: string | null } {
  const signal = status > 128 ? signals.get(status - 128) : undefined
  return signal === undefined ? { code: status, signal: null } : { code: null, signal }
}
