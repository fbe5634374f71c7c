import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Container, ContainerCreateOptions, MountSettings } from 'dockerode'
import type { Engine } from './engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import { overlayOptions } from './mounts.ts'

/**
 * Makes a container in an engine of either kind, by a request in Docker's words. For podman that is put into those of its
 * own API: its copy of Docker's mounts no overlay, and takes the filter of kernel calls from a file only. Rejects as
 * dockerode does.
 */
export async function createContainer(engine: Engine, request: ContainerCreateOptions): Promise<Container> {
  const { name, ids } = await engine.describe()
  if (name === 'Docker') return engine.docker.createContainer(request)
  const folder = await mkdtemp(join(tmpdir(), 'drydock-podman-'))
  try {
    const file = join(folder, 'seccomp.json')
    const { body, seccomp } = podmanRequest(request, file, ids)
    await writeFile(file, seccomp)
    const { Id } = await engine.podman<{ Id: string }>('POST', '/containers/create', body)
    return engine.docker.getContainer(Id)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * The same container in the words of podman's SpecGenerator (its API reference, ContainerCreateLibpod), and what belongs
 * into the file of the filter. Throws where the request has what is not translated: nothing may be left out silently.
 */
export function podmanRequest(
  request: ContainerCreateOptions,
  seccompFile: string,
  ids: EngineFacts['ids'],
): { body: object; seccomp: string } {
  const { Image, Hostname, User, WorkingDir, Entrypoint, Cmd, Env, Labels, OpenStdin, HostConfig, ...asked } = request
  const { Tmpfs, Mounts, LogConfig, Ulimits, ReadonlyRootfs, AutoRemove, CapDrop, ...walls } = HostConfig!
  const { NetworkMode, IpcMode, SecurityOpt, Memory, MemorySwap, CpuPeriod, CpuQuota, PidsLimit, ...rest } = walls
  // Attaching is for the request that attaches to say.
  const { StdinOnce: _once, AttachStdin: _in, AttachStdout: _out, AttachStderr: _err, ...left } = asked
  const security = Object.fromEntries((SecurityOpt as string[]).map((option) => splitAt(option, '=')))
  const { seccomp, label, 'no-new-privileges': privileges, ...others } = security
  const unknown = Object.keys({ ...rest, ...left, ...others })
  if (unknown.length > 0) throw new Error(`podman.ts does not know ${unknown.join(', ')}`)
  const body = {
    image: Image,
    hostname: Hostname,
    user: User,
    work_dir: WorkingDir,
    entrypoint: Entrypoint,
    command: Cmd,
    env: Object.fromEntries(Env!.map((pair) => splitAt(pair, '='))),
    labels: Labels,
    stdin: OpenStdin,
    remove: AutoRemove,
    read_only_filesystem: ReadonlyRootfs,
    cap_drop: CapDrop,
    no_new_privileges: privileges !== undefined,
    seccomp_profile_path: seccompFile,
    selinux_opts: label === undefined ? [] : [label],
    // The same ids in a namespace of its own: its root is not podman's, and what its kernel counts are its own processes.
    ...(ids
      ? {
          userns: { nsmode: 'private' },
          idmappings: { HostUIDMapping: false, HostGIDMapping: false, UIDMap: all(ids.users), GIDMap: all(ids.groups) },
        }
      : {}),
    netns: { nsmode: NetworkMode },
    ipcns: { nsmode: IpcMode },
    log_configuration: { driver: LogConfig!.Type },
    resource_limits: {
      ...(Memory === undefined ? {} : { memory: { limit: Memory, swap: MemorySwap } }),
      ...(CpuQuota === undefined ? {} : { cpu: { quota: CpuQuota, period: CpuPeriod } }),
      ...(PidsLimit === undefined ? {} : { pids: { limit: PidsLimit } }),
    },
    r_limits: Ulimits!.map(({ Name, Soft, Hard }) => ({ type: Name, soft: Soft, hard: Hard })),
    mounts: [...Object.entries(Tmpfs!).map(tmpfs), ...(Mounts ?? []).map(mount)],
  }
  return { body, seccomp: seccomp! }
}

function all(size: number): object[] {
  return [{ container_id: 0, host_id: 0, size }]
}

/** A mount as the container runtime takes it (OCI runtime specification, config.md). */
interface RuntimeMount {
  type: string
  source: string
  destination: string
  options: string[]
}

function tmpfs([destination, options]: [string, string]): RuntimeMount {
  return { type: 'tmpfs', source: 'tmpfs', destination, options: options.split(',') }
}

function mount({ Type, Source, Target, ReadOnly, VolumeOptions }: MountSettings): RuntimeMount {
  if (Type === 'bind') {
    return { type: 'bind', source: Source, destination: Target, options: ['bind', 'rprivate', ReadOnly ? 'ro' : 'rw'] }
  }
  const { o } = VolumeOptions!.DriverConfig.Options as { o: string }
  const options = [...overlayOptions(o), ...(ReadOnly ? ['ro'] : [])]
  return { type: 'overlay', source: 'overlay', destination: Target, options }
}

function splitAt(text: string, sign: string): [string, string] {
  const at = text.indexOf(sign)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
