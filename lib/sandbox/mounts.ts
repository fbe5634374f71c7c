import type { MountSettings } from 'dockerode'

export const homeInside = '/home/agent'

/** Where the sockets are that lead out. */
export const socketsInside = '/run/drydock'

/** What the workspace is made of. All paths are absolute paths of the host. */
export type WorkspaceMount = (
  | /** `upper` and `work` lie on one file system, belong to the user inside, and are touched by nobody else meanwhile. */
    { kind: 'overlay'; lower: string; upper: string; work: string }
  | { kind: 'bind'; source: string }
) & { /** What belongs to it but lies elsewhere; shown in this order. */ beside?: HostFolder[] }

/** A folder of the host at a place inside, read-only unless `write`. */
export interface HostFolder {
  source: string
  target: string
  write?: boolean
}

/** The folders of the host that what runs inside fills. */
export function filledFolders({ mount, home }: { mount: WorkspaceMount; home: string }): string[] {
  return [mount.kind === 'overlay' ? mount.upper : mount.source, home]
}

/** A file of the host that everybody inside may read. */
export interface HostFile {
  source: string
  target: string
}

/** Binds as mounts rather than strings: a path with a colon is nothing special in them. */
export function mounts(
  options: { project: string; mount: WorkspaceMount; home: string; sockets?: string; files: HostFile[] },
  labels: Record<string, string>,
): MountSettings[] {
  return [
    { ...bind(options.project, '/project'), ReadOnly: true },
    workspace(options.mount, options.project, labels),
    ...(options.mount.beside ?? []).map((one) => ({ ...bind(one.source, one.target), ReadOnly: one.write !== true })),
    bind(options.home, homeInside),
    ...(options.sockets === undefined ? [] : [{ ...bind(options.sockets, socketsInside), ReadOnly: true }]),
    ...options.files.map(({ source, target }) => ({ ...bind(source, target), ReadOnly: true })),
  ]
}

function workspace(mount: WorkspaceMount, target: string, labels: Record<string, string>): MountSettings {
  if (mount.kind === 'bind') return bind(mount.source, target)
  const { lower, upper, work } = mount
  const layers = `lowerdir=${escape(lower)},upperdir=${escape(upper)},workdir=${escape(work)}`
  return {
    Type: 'volume',
    // No name: an anonymous volume goes with its container.
    Source: '',
    Target: target,
    VolumeOptions: {
      NoCopy: true,
      Labels: labels,
      DriverConfig: {
        Name: 'local',
        Options: { type: 'overlay', device: 'overlay', o: `${layers},nosuid,nodev,userxattr` },
      },
    },
  }
}

/** Without what else is mounted below: a read-only bind would leave those mounts writable. */
function bind(source: string, target: string): MountSettings {
  return {
    Type: 'bind',
    Source: source,
    Target: target,
    BindOptions: { Propagation: 'rprivate', NonRecursive: true } as never,
  }
}

/** A path in overlay's options, where comma and colon part things (kernel: filesystems/overlayfs). */
function escape(path: string): string {
  return path.replace(/[\\,:]/g, '\\$&')
}
