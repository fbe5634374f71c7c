/** Every kind of failure that code branches on. The message is for people, the code is for code. */
export type FailureCode =
  // model services (the only errors a provider throws)
  | 'auth'
  | 'rate'
  | 'overflow'
  | 'network'
  | 'protocol'
  | 'refused'
  // configuration, command line, consent
  | 'config'
  | 'usage'
  | 'policy'
  | 'denied'
  // files, inside the sandbox or outside
  | 'missing'
  | 'exists'
  | 'directory'
  | 'permission'
  | 'disk'
  | 'unsafe'
  // sandbox and workspace
  | 'engine'
  | 'image'
  | 'sandbox'
  | 'busy'
  | 'conflict'
  // limits and the terminal
  | 'limit'
  | 'timeout'
  | 'terminal'

export interface FailureDetails {
  /** What the service asked us to wait before trying again, in milliseconds. */
  retryAfterMs?: number
  /** The HTTP status that led here. */
  status?: number
  /** The file the failure is about, and the line in it (from 1). */
  file?: string
  line?: number
  cause?: unknown
}

/**
 * An error that was foreseen. `message` is a whole sentence: what happened, to what, and what to do next.
 * Anything thrown that is not a Failure (nor an abort) is a defect of ours.
 */
export class Failure extends Error {
  readonly code: FailureCode
  readonly retryAfterMs?: number
  readonly status?: number
  readonly file?: string
  readonly line?: number

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'Failure'
    this.code = code
    this.retryAfterMs = details.retryAfterMs
    this.status = details.status
    this.file = details.file
    this.line = details.line
  }
}

/** What a failure looks like once it has crossed the bus or the session log: data, no stack. */
export interface FailureFact {
  code: FailureCode | 'defect' | 'cancelled'
  message: string
}

/** True where `error` is the reason of an aborted signal, as `fetch`, timers and our own code throw it. */
export function isAbort(error: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted) return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
  return error instanceof Error && error.name === 'AbortError'
}

/** Turns whatever was thrown into data that can be shown and kept. */
export function describe(error: unknown): FailureFact {
  if (error instanceof Failure) return { code: error.code, message: error.message }
  if (isAbort(error)) return { code: 'cancelled', message: 'Cancelled.' }
  return { code: 'defect', message: error instanceof Error ? error.message : String(error) }
}
