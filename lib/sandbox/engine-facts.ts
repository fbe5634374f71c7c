/** The limits that control groups hold. */
export type GroupLimit = 'memory' | 'cpus' | 'pids'

/** What an engine says of itself, as far as it decides how a sandbox is made in it, or is told by `agent doctor`. */
export interface EngineFacts {
  name: 'Docker' | 'Podman'
  version: string
  api: string
  /** The version of podman's own API; Docker has none. */
  libpod?: string
  host: string
  cgroup: string
  storage: string
  /** As the engine names it: `x86_64`, `aarch64`. */
  architecture: string
  cpus: number
  /** Bytes. */
  memory: number
  /** It belongs to an ordinary user, who is root in its containers. */
  rootless: boolean
  /** How many user and group ids it can give to a container for itself; absent where its containers share them. */
  ids?: { users: number; groups: number }
  /** Its containers have a range of user ids of their own, unless they ask for the machine's (userns-remap). */
  remapped: boolean
  /** It puts SELinux labels on its containers, which then may not touch files that have others. */
  selinux: boolean
  /** Its containers run on the kernel of this machine: neither in a virtual machine of its own nor elsewhere. */
  here: boolean
  /** Limits that it does not hold, although it may take them. */
  unheld: GroupLimit[]
}

/** The answers to `GET /info` and `GET /version` (Docker Engine API), as far as they are read. */
export interface EngineAnswers {
  info: {
    Driver: string
    CgroupVersion?: string
    CgroupDriver: string
    KernelVersion: string
    Architecture: string
    NCPU: number
    MemTotal: number
    SecurityOptions?: string[] | null
    MemoryLimit?: boolean
    CpuCfsQuota?: boolean
    PidsLimit?: boolean
  }
  version: {
    Version: string
    ApiVersion: string
    Components?: { Name: string; Details?: Record<string, string> | null }[] | null
  }
  /** What podman's own API says, which its copy of Docker's leaves out: `GET /libpod/info`. */
  podman?: {
    host: {
      cgroupVersion: string
      cgroupControllers?: string[] | null
      security: Record<string, unknown>
      idMappings?: { uidmap?: { size: number }[] | null; gidmap?: { size: number }[] | null }
    }
  }
}

/** The machine that looks. */
export interface Machine {
  platform: string
  kernel: string
}

/** The version of podman's own API; undefined for an engine that is not podman. */
export function libpodVersion({ Components }: EngineAnswers['version']): string | undefined {
  return Components?.find(({ Name }) => Name.startsWith('Podman'))?.Details?.['APIVersion']
}

/** `host` is the engine's address. */
export function factsOf(host: string, { info, version, podman }: EngineAnswers, machine: Machine): EngineFacts {
  const options = (info.SecurityOptions ?? []).map((option) => /^name=([^,]*)/.exec(option)?.[1])
  const rootless = podman?.host.security['rootless'] === true || options.includes('rootless')
  const cgroup = podman?.host.cgroupVersion ?? `v${info.CgroupVersion ?? '1'}`
  return {
    name: podman ? 'Podman' : 'Docker',
    version: version.Version,
    api: version.ApiVersion,
    ...(podman ? { libpod: libpodVersion(version) } : {}),
    host,
    cgroup: `${cgroup} (${info.CgroupDriver})`,
    storage: info.Driver,
    architecture: info.Architecture,
    cpus: info.NCPU,
    memory: info.MemTotal,
    rootless,
    ...(podman && rootless ? { ids: idsOf(podman.host.idMappings) } : {}),
    remapped: options.includes('userns'),
    selinux: podman?.host.security['selinuxEnabled'] === true || options.includes('selinux'),
    here: host.startsWith('unix:') && machine.platform === 'linux' && info.KernelVersion === machine.kernel,
    unheld: podman ? unheldByPodman(podman.host, rootless) : unheldByDocker(info),
  }
}

function idsOf(mappings: NonNullable<EngineAnswers['podman']>['host']['idMappings']): EngineFacts['ids'] {
  return { users: sum(mappings?.uidmap), groups: sum(mappings?.gidmap) }
}

function sum(ranges: { size: number }[] | null | undefined): number {
  return (ranges ?? []).reduce((total, { size }) => total + size, 0)
}

const names: GroupLimit[] = ['memory', 'cpus', 'pids']

/** By the controllers that it was handed; without root and with the old control groups it has none, whatever it lists. */
function unheldByPodman(host: NonNullable<EngineAnswers['podman']>['host'], rootless: boolean): GroupLimit[] {
  if (rootless && host.cgroupVersion === 'v1') return names
  const controllers = { memory: 'memory', cpus: 'cpu', pids: 'pids' }
  return names.filter((name) => host.cgroupControllers?.includes(controllers[name]) !== true)
}

function unheldByDocker(info: EngineAnswers['info']): GroupLimit[] {
  if (info.CgroupDriver === 'none') return names
  const held = { memory: info.MemoryLimit, cpus: info.CpuCfsQuota, pids: info.PidsLimit }
  return names.filter((name) => held[name] === false)
}
