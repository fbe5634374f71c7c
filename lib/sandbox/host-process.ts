import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { Duplex } from 'node:stream'
import type { Exec, Hear } from './enclosure.ts'

/** Starts a program of the host in a session of its own, with no more of an environment than what is given. */
export function spawnApart(words: readonly string[], env: Record<string, string>): ChildProcessWithoutNullStreams {
  const [file, ...args] = words
  // Of a session of its own: Ctrl-C in the agent's terminal is not for it.
  return spawn(file!, args, { cwd: '/', env, detached: true, stdio: 'pipe' })
}

/**
 * A process of the host that runs a program inside. `lost` tells whether the sandbox went away under it. Rejects where
 * the process could not be started.
 */
export async function execOf(
  child: ChildProcessWithoutNullStreams,
  hear: Hear,
  lost: () => Promise<boolean>,
): Promise<Exec> {
  const { stdin, stdout, stderr } = child
  let chunks = 0
  const listen = (name: 'stdout' | 'stderr') =>
    child[name].on('data', (chunk: Buffer) => {
      chunks += 1
      hear(chunk, name)
    })
  listen('stdout')
  listen('stderr')
  // What is written to a program that has ended is nobody's.
  stdin.on('error', () => {})
  await once(child, 'spawn')
  const drop = () => {
    // The process itself stays: it is the parent of what runs inside, and nobody else would hear of its end.
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
  }
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => resolve())
    // What it left in the background may hold its pipes open. All that it said itself is in them: read them empty.
    child.on('exit', () => {
      let before = -1
      const look = () => {
        if (chunks === before) return resolve()
        before = chunks
        setImmediate(() => setImmediate(look))
      }
      look()
    })
  }).then(drop)
  return {
    write: (data) => void stdin.write(data),
    end: () => void stdin.end(),
    closed,
    status: async () => {
      if (await lost()) return null
      return child.exitCode ?? 128 + constants.signals[child.signalCode!]
    },
    drop,
  }
}

/** The same as one stream, whose errors nobody hears. Rejects where the process could not be started. */
export async function streamOf(child: ChildProcessWithoutNullStreams): Promise<Duplex> {
  child.stderr.resume()
  await once(child, 'spawn')
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  // To let go of it is no error, nor is a program that ends before it has read everything.
  stream.on('error', () => {})
  return stream
}
