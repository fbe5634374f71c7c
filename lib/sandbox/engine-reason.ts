/** Of a connection that finds nobody, or nobody any more. */
const gone = ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE']

/** Why an engine did not do what it was asked, as the end of a sentence with its point: what it said, or that it has gone. */
export function engineReason(error: unknown): string {
  const { code, syscall } = error as NodeJS.ErrnoException
  // A missing file is nobody's socket only where it was to be connected to.
  if (gone.includes(code ?? '') && (code !== 'ENOENT' || syscall === 'connect'))
    return 'the engine does not answer any more. Look whether it runs (`agent doctor`), then try again.'
  const reason = error instanceof Error ? error.message.trim() : String(error)
  return /[.!?]$/.test(reason) ? reason : `${reason}.`
}
