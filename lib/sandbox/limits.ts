import type { HostConfig } from 'dockerode'
import type { EngineFacts } from './engine-facts.ts'
import seccomp from '../../sandbox-images/seccomp.json' with { type: 'json' }

export interface Limits {
  /** Bytes, swap included. */
  memory: number
  /** Processors, in fractions too. */
  cpus: number
  /** Processes and threads. */
  pids: number
  /** Bytes of the workspace's changes, of home and of the packages. */
  disk: number
}

/** Microseconds over which the engine shares out the processors. */
const cpuPeriod = 100_000

/** The walls of a sandbox in this engine: what it may not do, and how much of what it may. */
export function hostConfig(limits: Limits, { unheld, remapped, selinux, ids }: EngineFacts): HostConfig {
  // Files in /tmp are memory and count against the limit.
  const temporary = Math.floor(limits.memory / 2)
  return {
    AutoRemove: true,
    CapDrop: ['ALL'],
    SecurityOpt: [
      'no-new-privileges',
      `seccomp=${JSON.stringify(seccomp)}`,
      // Or it could not touch the project, whose labels are not ours to change.
      ...(selinux ? ['label=disable'] : []),
    ],
    // Files are the person's inside as outside.
    ...(remapped ? { UsernsMode: 'host' } : {}),
    ReadonlyRootfs: true,
    NetworkMode: 'none',
    IpcMode: 'private',
    Tmpfs: {
      '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${temporary}`,
      '/var/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${temporary}`,
      '/run': 'rw,noexec,nosuid,nodev,size=16m',
    },
    ...(unheld.includes('memory') ? {} : { Memory: limits.memory, MemorySwap: limits.memory }),
    // Not NanoCpus: that is refused where the machine has fewer.
    ...(unheld.includes('cpus') ? {} : { CpuPeriod: cpuPeriod, CpuQuota: Math.round(limits.cpus * cpuPeriod) }),
    ...(unheld.includes('pids') ? {} : { PidsLimit: limits.pids }),
    LogConfig: { Type: 'none', Config: {} },
    Ulimits: [
      ulimit('core', 0),
      // What the kernel holds by itself. It counts a user's processes in a namespace of users: it has to be the sandbox's own.
      ...(unheld.includes('memory') ? [ulimit('data', limits.memory)] : []),
      ...(unheld.includes('pids') && ids ? [ulimit('nproc', limits.pids)] : []),
    ],
  }
}

/** What the engine's sandbox promises less than the limits say, in a few words; nothing where it holds them all. */
export function lacks({ unheld, ids }: Pick<EngineFacts, 'unheld' | 'ids'>): string[] {
  return [
    ...(unheld.includes('memory') ? ['memory limited by process'] : []),
    ...(unheld.includes('cpus') ? ['no processor limit'] : []),
    ...(unheld.includes('pids') && !ids ? ['no limit of processes'] : []),
  ]
}

function ulimit(name: string, most: number): { Name: string; Soft: number; Hard: number } {
  return { Name: name, Soft: most, Hard: most }
}
