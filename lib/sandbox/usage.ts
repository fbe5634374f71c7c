/** What a sandbox has used, as the kernel counts it. What it does not count is left out. */
export interface Usage {
  /** Milliseconds of processors in all. */
  cpuMs?: number
  /** Bytes now. */
  memory?: number
  /** Processes and threads now. */
  pids?: number
  /** How often the kernel killed a process because the limit of memory was reached. */
  killed: number
  /** How often it refused a new process or thread because their limit was reached. */
  refused: number
}

/** Names below /sys/fs/cgroup, of the unified tree (admin-guide/cgroup-v2) and the older ones (cgroup-v1). */
export const events = ['memory.events', 'pids.events', 'memory/memory.oom_control', 'pids/pids.events']
export const levels = [
  'memory.current',
  'memory.stat',
  'pids.current',
  'cpu.stat',
  'memory/memory.usage_in_bytes',
  'memory/memory.stat',
  'pids/pids.current',
  'cpuacct/cpuacct.usage',
]

/** Whether the kernel counts the processes that it refuses. */
export function countsRefusals(files: ReadonlyMap<string, string>): boolean {
  return files.has('pids.events') || files.has('pids/pids.events')
}

/** Makes figures of the texts of such files. */
export function readUsage(files: ReadonlyMap<string, string>): Usage {
  const number = (name: string, key?: string): number | undefined => {
    const text = files.get(name)
    const found = key === undefined ? text : new RegExp(`^${key} (\\d+)$`, 'm').exec(text ?? '')?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const micro = number('cpu.stat', 'usage_usec')
  const nano = number('cpuacct/cpuacct.usage')
  const all = number('memory.current') ?? number('memory/memory.usage_in_bytes')
  // Contents of files that can be dropped at any time are nobody's use of memory.
  const idle = number('memory.stat', 'inactive_file') ?? number('memory/memory.stat', 'total_inactive_file') ?? 0
  return {
    cpuMs: micro !== undefined ? micro / 1e3 : nano !== undefined ? nano / 1e6 : undefined,
    memory: all === undefined ? undefined : Math.max(0, all - idle),
    pids: number('pids.current') ?? number('pids/pids.current'),
    killed: number('memory.events', 'oom_kill') ?? number('memory/memory.oom_control', 'oom_kill') ?? 0,
    refused: number('pids.events', 'max') ?? number('pids/pids.events', 'max') ?? 0,
  }
}
