import type { MountSettings } from 'dockerode'

export const homeInside = '/home/agent'

/** Where package managers keep what they have fetched. Not in HOME, in which a link could lie in its place. */
export const packagesInside = '/var/cache/packages'

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
export function filledFolders({ mount, home, packages = home }: Shown): string[] {
  const beside = (mount.beside ?? []).filter(({ write }) => write).map(({ source }) => source)
  return [...new Set([mount.kind === 'overlay' ? mount.upper : mount.source, ...beside, home, packages])]
}

/** What of this machine is shown inside. All paths are absolute paths of the host. */
export interface Shown {
  /** The project: read-only at /project, and where the workspace is inside. */
  project: string
  mount: WorkspaceMount
  /** What lies over the project, wherever that is seen inside. */
  masks?: Layer
  /** Folder that becomes the home inside; made where it is missing. */
  home: string
  /** Folder for what package managers fetch, which other sandboxes may have too; made where it is missing. */
  packages?: string
  /** Folder with the sockets that lead out (lib/sandbox/network.ts): read-only at `socketsInside`. */
  sockets?: string
}

/** A tree of the host that lies over the project. */
export interface Layer {
  folder: string
  /** The files in it, relative to it. */
  paths: readonly string[]
}

/** A file of the host that everybody inside may read. */
export interface HostFile {
  source: string
  target: string
}

/** Binds as mounts rather than strings: a path with a colon is nothing special in them. */
export function mounts(options: Shown & { files: HostFile[] }, labels: Record<string, string>): MountSettings[] {
  return [
    ...projectMounts(options, labels),
    workspace(options, labels),
    ...(options.mount.beside ?? []).map((one) => ({ ...bind(one.source, one.target), ReadOnly: one.write !== true })),
    bind(options.home, homeInside),
    ...(options.packages === undefined ? [] : [bind(options.packages, packagesInside)]),
    ...(options.sockets === undefined ? [] : [{ ...bind(options.sockets, socketsInside), ReadOnly: true }]),
    ...options.files.map(({ source, target }) => ({ ...bind(source, target), ReadOnly: true })),
  ]
}

/** The project, read-only. Where no overlay can be, each file of the layer lies over its place. */
function projectMounts(
  { project, mount, masks }: Pick<Shown, 'project' | 'mount' | 'masks'>,
  labels: Record<string, string>,
): MountSettings[] {
  if (masks !== undefined && mount.kind === 'overlay') {
    // Read-only by itself, having no upper folder; an anonymous volume may not be told to be.
    return [overlay(`lowerdir=${escape(masks.folder)}:${escape(project)}`, '/project', labels)]
  }
  const covers = (masks?.paths ?? []).map((path) => bind(`${masks!.folder}/${path}`, `/project/${path}`))
  return [bind(project, '/project'), ...covers].map((one) => ({ ...one, ReadOnly: true }))
}

function workspace(
  { project, mount, masks }: Pick<Shown, 'project' | 'mount' | 'masks'>,
  labels: Record<string, string>,
): MountSettings {
  if (mount.kind === 'bind') return bind(mount.source, project)
  const lower = [...(masks === undefined ? [] : [masks.folder]), mount.lower].map(escape).join(':')
  const layers = `lowerdir=${lower},upperdir=${escape(mount.upper)},workdir=${escape(mount.work)}`
  return overlay(layers, project, labels)
}

function overlay(layers: string, target: string, labels: Record<string, string>): MountSettings {
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

/** The options of an overlay one by one, each as it was escaped. */
export function overlayOptions(joined: string): string[] {
  return joined.match(/(?:\\[^]|[^,\\])+/g) ?? []
}
