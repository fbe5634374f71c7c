import type { HostConfig } from 'dockerode'
import seccomp from '../../sandbox-images/seccomp.json' with { type: 'json' }

export interface Limits {
  /** Bytes, swap included. */
  memory: number
  /** Processors, in fractions too. */
  cpus: number
  /** Processes and threads. */
  pids: number
  /** Bytes of the workspace's changes and of home. */
  disk: number
}

/** Microseconds over which the engine shares out the processors. */
const cpuPeriod = 100_000

/** The walls of a sandbox: what it may not do, and how much of what it may. */
export function hostConfig(limits: Limits): HostConfig {
  // Files in /tmp are memory and count against the limit.
  const temporary = Math.floor(limits.memory / 2)
  return {
    AutoRemove: true,
    Init: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${JSON.stringify(seccomp)}`],
    ReadonlyRootfs: true,
    NetworkMode: 'none',
    IpcMode: 'private',
    Tmpfs: {
      '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${temporary}`,
      '/var/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${temporary}`,
      '/run': 'rw,noexec,nosuid,nodev,size=16m',
    },
    Memory: limits.memory,
    MemorySwap: limits.memory,
    // Not NanoCpus: that is refused where the machine has fewer.
    CpuPeriod: cpuPeriod,
    CpuQuota: Math.round(limits.cpus * cpuPeriod),
    PidsLimit: limits.pids,
    LogConfig: { Type: 'none', Config: {} },
    Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
  }
}
