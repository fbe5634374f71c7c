/** One line of what the engine says while it pulls, imports or builds. */
export interface ProgressEvent {
  stream?: string
  status?: string
  id?: string
  progress?: string
  error?: string
}

/**
 * Reads an engine's JSON lines to their end. A line with `error` is thrown as an error; an abort ends the stream and
 * throws the signal's reason.
 */
export async function followProgress(
  answer: NodeJS.ReadableStream,
  signal: AbortSignal,
  hear: (event: ProgressEvent) => void,
): Promise<void> {
  const stop = () => void (answer as unknown as { destroy(error: unknown): void }).destroy(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  let rest = ''
  try {
    signal.throwIfAborted()
    answer.setEncoding('utf8')
    for await (const chunk of answer) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        if (line.trim() === '') continue
        const event = JSON.parse(line) as ProgressEvent
        if (event.error !== undefined) throw new Error(event.error)
        hear(event)
      }
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
