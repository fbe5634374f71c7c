import { Failure } from '../core/failure.ts'

/** Of a connection that finds nobody, or nobody any more. */
const gone = ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE']

/** Why an engine did not do what it was asked, as the end of a sentence with its point: what it said, or that it has gone. */
export function engineReason(error: unknown): string {
  if (hasGone(error))
    return 'the engine does not answer any more. Look whether it runs (`agent doctor`), then try again.'
  const reason = error instanceof Error ? error.message.trim() : String(error)
  return /[.!?]$/.test(reason) ? reason : `${reason}.`
}

/** What an engine's client threw, as a `Failure` `engine`; everything else as it is. */
export function engineFailure(error: unknown): unknown {
  const answered = typeof (error as { statusCode?: unknown }).statusCode === 'number'
  if (error instanceof Failure || !(answered || hasGone(error))) return error
  return new Failure('engine', `The sandbox could not be started: ${engineReason(error)}`, { cause: error })
}

function hasGone(error: unknown): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  // A missing file is nobody's socket only where it was to be connected to.
  return gone.includes(code) && (code !== 'ENOENT' || syscall === 'connect')
}
