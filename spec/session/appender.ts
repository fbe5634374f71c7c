import { writeSync } from 'node:fs'
import { SessionLog } from '../../lib/session/log.ts'

/**
 * Appends to the log named by the first argument until it is killed, or fails; says each event's number on standard
 * output once its append returned, and what it failed with.
 */
const log = new SessionLog(process.argv[2]!)
try {
  for (let turn = 1; ; turn++) {
    log.append('turn.started', { turn, kind: 'prompt', prompt: 'x'.repeat((turn * 37) % 5000), at: turn })
    say(String(turn))
  }
} catch (error) {
  say((error as Error).message)
}

/** The pipe does not block: where it is full, it is written to until it takes the line. */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
