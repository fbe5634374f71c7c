import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Limits } from './limits.ts'
import { type MountPoint, mountOf, mountPoints, mountsBelow } from './mount-table.ts'
import { type Shown, homeInside, packagesInside, socketsInside } from './mounts.ts'

/**
 * Where the new root is put together: a folder that every Linux has, of which nothing is needed inside, and which has a
 * plain name whatever the project is called.
 */
export const staging = '/sys'

/** How the keeper's programs reach the stage: as their file of that number, by a plain name whatever leads there. */
export const stageFile = 9
const staged = `/proc/self/fd/${stageFile}`

/** What a root is put together from: folders of the host. */
export interface Skeleton {
  /** What is copied to it. */
  root: string
  /** The fstab, and links to the layers of the overlays, which need plain names. */
  stage: string
}

/** What a new root is made of. No path has links in it. */
export interface RootOptions extends Shown {
  /** Folder whose files take the place of those in /etc. */
  etc: string
  /** Folders to show read-only at their own place. */
  folders: string[]
  limits: Limits
  /** Whether the work inside may read what only root may. */
  asRoot: boolean
}

const systemFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'usr', 'opt', 'nix']

/** A fresh /proc would let root change the machine: these only take reading, and those only show nothing. */
const readOnlyInProc = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs', 'acpi', 'asound', 'scsi']
const hiddenInProc = ['kcore', 'keys', 'timer_list', 'latency_stats', 'kallsyms']

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty']

/**
 * Makes the skeleton of a root on a tmpfs, in folders that are emptied first: its links, the places of its devices, and the
 * stage. In the root the system is read-only, and everything that programs write to is their own.
 */
export async function writeRoot({ root, stage }: Skeleton, options: RootOptions): Promise<void> {
  const { links, layers, fstab } = rootPlan(options, await mountPoints())
  await Promise.all([root, stage].map((folder) => rm(folder, { recursive: true, force: true })))
  await Promise.all([join(root, 'dev'), stage].map((folder) => mkdir(folder, { recursive: true })))
  await Promise.all([
    chmod(join(root, 'dev'), 0o755),
    ...devices.map((name) => writeFile(join(root, 'dev', name), '')),
    ...links.map(([name, target]) => symlink(target, join(root, name))),
    ...layers.map(([name, target]) => symlink(target, join(stage, name))),
    writeFile(join(stage, 'fstab'), `${fstab.join('\n')}\n`),
  ])
}

interface RootPlan {
  /** Symbolic links, as [name below the root, target]. */
  links: [name: string, target: string][]
  /** Those of the stage. */
  layers: [name: string, target: string][]
  /** Lines of an fstab (fstab(5)). */
  fstab: string[]
}

function rootPlan(options: RootOptions, points: readonly MountPoint[]): RootPlan {
  const { project, mount, masks, limits } = options
  const layers: RootPlan['layers'] = [['etc', options.etc]]
  const links: RootPlan['links'] = [
    ['dev/ptmx', 'pts/ptmx'],
    ['dev/fd', '/proc/self/fd'],
    ['dev/stdin', '/proc/self/fd/0'],
    ['dev/stdout', '/proc/self/fd/1'],
    ['dev/stderr', '/proc/self/fd/2'],
  ]
  const fstab: string[] = []
  const show = (source: string, target = source, write = false) => fstab.push(...bound(source, target, write, points))

  for (const name of systemFolders) {
    const path = `/${name}`
    if (!existsSync(path)) continue
    if (lstatSync(path).isSymbolicLink()) links.push([name, readlinkSync(path)])
    else show(path)
  }
  fstab.push(...etcWith(options.etc, points))
  if (options.asRoot) fstab.push(...hidden('/etc'))

  fstab.push(line('proc', '/proc', 'proc', 'nosuid,nodev,noexec'))
  for (const name of inProc(readOnlyInProc)) {
    fstab.push(line(`${staging}/proc/${name}`, `/proc/${name}`, 'none', 'bind,ro,nosuid,nodev,noexec'))
  }
  for (const name of inProc(hiddenInProc)) fstab.push(line('/dev/null', `/proc/${name}`, 'none', 'bind,ro'))
  for (const name of devices) fstab.push(line(`/dev/${name}`, `/dev/${name}`, 'none', 'bind'))
  fstab.push(line('devpts', '/dev/pts', 'devpts', 'newinstance,ptmxmode=0666,mode=620,nosuid,noexec'))

  // Files there are memory; it is theirs to fill.
  const temporary = `mode=1777,nosuid,nodev,size=${Math.floor(limits.memory / 2)}`
  fstab.push(line('tmpfs', '/tmp', 'tmpfs', temporary), line('tmpfs', '/var/tmp', 'tmpfs', temporary))
  fstab.push(line('tmpfs', '/dev/shm', 'tmpfs', 'mode=1777,nosuid,nodev,size=64m'))
  fstab.push(line('tmpfs', '/run', 'tmpfs', 'mode=1777,nosuid,nodev,noexec,size=16m'))

  for (const folder of options.folders) show(folder)
  show(options.home, homeInside, true)
  if (options.packages !== undefined) show(options.packages, packagesInside, true)
  if (options.sockets !== undefined) show(options.sockets, socketsInside)
  if (mount.kind === 'bind') {
    show(project, '/project')
    for (const path of masks?.paths ?? []) show(`${masks!.folder}/${path}`, `/project/${path}`)
    show(mount.source, project, true)
  } else {
    const stage = (name: string, path: string) => {
      layers.push([name, path])
      return `${staged}/${name}`
    }
    const lower = stage('lower', mount.lower)
    const below = masks === undefined ? lower : `${stage('masks', masks.folder)}:${lower}`
    const own = `upperdir=${stage('upper', mount.upper)},workdir=${stage('work', mount.work)}`
    if (masks === undefined) show(project, '/project')
    else fstab.push(line('overlay', '/project', 'overlay', `ro,lowerdir=${below},nosuid,nodev,userxattr`))
    fstab.push(line('overlay', project, 'overlay', `lowerdir=${below},${own},nosuid,nodev,userxattr`))
  }
  for (const { source, target, write } of mount.beside ?? []) show(source, target, write)
  return { links, layers, fstab }
}

/** The host's /etc with the files of a folder in the place of its own. */
function etcWith(folder: string, points: readonly MountPoint[]): string[] {
  if (mountsBelow(points, '/etc').length === 0) {
    return [line('overlay', '/etc', 'overlay', `ro,nosuid,nodev,userxattr,lowerdir=${staged}/etc:/etc`)]
  }
  // No overlay takes a folder that other mounts are locked to: of our files those stand in for which there is a place.
  const files = readdirSync(folder).filter((name) => existsSync(`/etc/${name}`))
  const covers = files.map((name) => line(`${staged}/etc/${name}`, `/etc/${name}`, 'none', 'bind,ro,nosuid,nodev'))
  return [...bound('/etc', '/etc', false, points), ...covers]
}

/**
 * A folder of the host, with what is mounted below it: what the host's root has locked together cannot be taken apart,
 * and each of these mounts has to be made read-only by itself. A flag that is locked (noexec) has to be said again.
 */
function bound(source: string, target: string, write: boolean, points: readonly MountPoint[]): string[] {
  const below = mountsBelow(points, source).map(({ path }) => path)
  return [source, ...below].map((path) => {
    const flags = [write ? 'rw' : 'ro', 'nosuid', 'nodev', ...(mountOf(points, path)?.noexec ? ['noexec'] : [])]
    return line(
      path,
      target + path.slice(source.length),
      'none',
      `${below.length > 0 ? 'rbind' : 'bind'},${flags.join()}`,
    )
  })
}

/** Without capabilities root still reads what belongs to root. What not everybody may read is covered. */
function hidden(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) return []
    const open = (lstatSync(path).mode & (entry.isDirectory() ? 0o001 : 0o004)) !== 0
    if (entry.isDirectory()) {
      return open ? hidden(path) : [line('tmpfs', path, 'tmpfs', 'ro,mode=755,size=4k')]
    }
    return open ? [] : [line('/dev/null', path, 'none', 'bind,ro')]
  })
}

function inProc(names: string[]): string[] {
  return names.filter((name) => existsSync(`/proc/${name}`))
}

/** One line of an fstab, for a target below the new root. */
function line(source: string, target: string, type: string, options: string): string {
  return `${escape(source)} ${escape(staging + target)} ${type} ${options},X-mount.mkdir 0 0`
}

/** As in mountinfo: what parts the fields stands as octal. */
function escape(field: string): string {
  return field.replace(/[\s\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
