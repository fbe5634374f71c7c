import { readFile, readlink } from 'node:fs/promises'

/** Which process something in the engine belongs to, so that it can be told from a later one of the same number. */
export interface Owner {
  pid: number
  /** Clock ticks from boot to the process's start; empty where the system does not tell. */
  start: string
  boot: string
  /** The namespace that the number counts in. */
  namespace: string
}

const prefix = 'drydock.'

/** The label that everything of ours in an engine carries. */
export const ownedLabel = `${prefix}session`

export async function thisProcess(): Promise<Owner> {
  return {
    pid: process.pid,
    start: (await startOf(process.pid)) ?? '',
    boot: await readOr('/proc/sys/kernel/random/boot_id'),
    namespace: await readlink('/proc/self/ns/pid').catch(() => ''),
  }
}

export function ownerLabels(session: string, owner: Owner): Record<string, string> {
  return {
    [ownedLabel]: session,
    [`${prefix}pid`]: String(owner.pid),
    [`${prefix}start`]: owner.start,
    [`${prefix}boot`]: owner.boot,
    [`${prefix}namespace`]: owner.namespace,
  }
}

/**
 * True only where the owner is known to have ended: what cannot be seen from here is left alone. `local` says that only
 * processes of this machine reach the engine, so that one of another boot is no more.
 */
export async function isOrphan(labels: Record<string, string>, local: boolean): Promise<boolean> {
  const here = await thisProcess()
  if (labels[`${prefix}boot`] !== here.boot) return local
  if (labels[`${prefix}namespace`] !== here.namespace) return false
  const pid = Number(labels[`${prefix}pid`])
  if (!Number.isInteger(pid) || pid <= 0) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const start = labels[`${prefix}start`]
  return start !== '' && start !== (await startOf(pid))
}

/**
 * When a process started, in clock ticks from boot; undefined where it has ended. The 22nd field of /proc/PID/stat
 * (proc(5)); the command before it may hold spaces and parentheses.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readOr(`/proc/${pid}/stat`)
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie has ended; its parent just has not heard of it.
  return stat === '' || state === 'Z' ? undefined : fields[18]
}

async function readOr(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    return ''
  }
}
