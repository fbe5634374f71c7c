import type { Readable } from 'node:stream'

/** What a piece counts at least, in bytes: it is work however short it is. */
const leastOfPiece = 64

/**
 * Hears a stream, but not much more than `bytes` of it in `ms` milliseconds. Whoever writes faster waits, and does not keep
 * this process busy.
 */
export function trickle(
  stream: Readable,
  { bytes, ms }: { bytes: number; ms: number },
  hear: (chunk: Buffer) => void,
): void {
  let left = bytes
  let timer: NodeJS.Timeout | undefined
  const refill = () => {
    timer = undefined
    left = bytes
    stream.resume()
  }
  stream.on('data', (chunk: Buffer) => {
    left -= Math.max(chunk.length, leastOfPiece)
    timer ??= setTimeout(refill, ms)
    if (left < 0) stream.pause()
    hear(chunk)
  })
  stream.once('close', () => clearTimeout(timer))
}
