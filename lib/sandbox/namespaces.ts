import { readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Failure } from '../core/failure.ts'
import { spawnApart } from './host-process.ts'
import { hostPath, hostTool } from './host-tools.ts'
import type { Identity } from './identity.ts'
import { keeper, keeperFields } from './keeper.ts'
import type { Skeleton } from './new-root.ts'

/** Namespaces that stand, held open by their first process. */
export interface Namespaces {
  /** The first process, as the host numbers it. */
  readonly pid: number
  /** Settles when the first process and all others have ended. */
  readonly ended: Promise<void>
  /** Makes the overlay at a path inside forget what it remembers of its lower layers. Rejects where it does not. */
  refresh(overlay: string): Promise<void>
  /** Ends them all. */
  end(): Promise<void>
}

/**
 * Makes the namespaces and has their first process (keeper.ts) put the root together, from what `prepare` gives while the
 * namespaces come up.
 *
 * Errors: `Failure` `sandbox` with what the system said.
 */
export async function makeNamespaces(
  prepare: () => Promise<Skeleton & { pids: number; doors: readonly string[] }>,
  user: Identity,
): Promise<Namespaces> {
  const isRoot = process.getuid!() === 0
  const unshare = hostTool('unshare')
  const words = [unshare, '--user', '--keep-caps', '--mount', '--pid', '--net', '--ipc', '--uts', '--fork']
  words.push('--kill-child', '--', hostTool('bash'), '--norc', '--noprofile', '-c', 'eval "$DRYDOCK_KEEPER"')
  const child = spawnApart(words, { PATH: hostPath, LC_ALL: 'C', DRYDOCK_KEEPER: keeper })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (said = (said + text).slice(-2000)))
  child.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      said = error.message
      resolve()
    })
    child.on('close', () => resolve())
  })
  const made = prepare()
  made.catch(() => {}) // said where it is waited for
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  try {
    if (!(pid > 0)) throw new Error()
    const [{ root, stage, pids, doors }] = await Promise.all([made, mapIds(pid, isRoot)])
    // Before it starts anything for the work. What the agent itself was started with it has closed by then.
    await Promise.all(doors.map((door) => writeFile(door, `${pid}`)))
    // Of the inner ids there is one: the user's, which is root in the outer namespace unless root maps it all.
    const uidMap = `${user.uid} ${isRoot ? user.uid : 0} 1`
    const gidMap = `${user.gid} ${isRoot ? user.gid : 0} 1`
    child.stdin.write(keeperFields({ unshare, pids, uidMap, gidMap, root, stage }))
    if ((await lines.next()).value !== 'ready') throw new Error()
  } catch (cause) {
    child.kill('SIGKILL')
    await ended
    const reason = reasonIn(said) || (cause as Error).message || 'no reason was given'
    throw new Failure('sandbox', `The embedded sandbox could not be started: ${reason}. \`agent doctor\` tells more.`, {
      cause,
    })
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    pid,
    ended,
    refresh: (overlay) => {
      const done = last.then(async () => {
        child.stdin.write(`${overlay}\0`)
        if ((await lines.next()).value !== 'refreshed') throw new Error(reasonIn(said) ?? 'it has ended')
      })
      last = done.catch(() => {})
      return done
    },
    end: async () => {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
      await ended
    },
  }
}

/** The last line that is no advice: mount adds some, indented. */
function reasonIn(said: string): string | undefined {
  return said
    .split('\n')
    .findLast((text) => /^\S/.test(text))
    ?.replace(/\.$/, '')
}

/**
 * Says who the ids of a fresh user namespace are outside (user_namespaces(7)): for root all that it has, each as itself;
 * for anybody else themselves alone, as root.
 */
async function mapIds(pid: number, isRoot: boolean): Promise<void> {
  if (!isRoot) await writeFile(`/proc/${pid}/setgroups`, 'deny')
  for (const [map, own] of [
    ['uid_map', process.getuid!()],
    ['gid_map', process.getgid!()],
  ] as const) {
    const ranges = (await readFile(`/proc/self/${map}`, 'utf8')).trim().split('\n')
    const all = ranges
      .map((range) => range.trim().split(/\s+/))
      .map(([inside, , count]) => `${inside} ${inside} ${count}`)
    await writeFile(`/proc/${pid}/${map}`, isRoot ? all.join('\n') : `0 ${own} 1`)
  }
}
