import { readFile } from 'node:fs/promises'

/** One mount of this machine, as this process sees it. */
export interface MountPoint {
  path: string
  noexec: boolean
}

/** The mounts in the order in which they were made: the fields of /proc/self/mountinfo (proc(5)). */
export async function mountPoints(): Promise<MountPoint[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n')
  return lines.map((line) => {
    const [, , , , path, options] = line.split(' ')
    return { path: unescape(path!), noexec: options!.split(',').includes('noexec') }
  })
}

/** The mounts below a folder, the highest first. */
export function mountsBelow(points: readonly MountPoint[], folder: string): MountPoint[] {
  const below = points.filter(({ path }) => path.startsWith(folder === '/' ? '/' : `${folder}/`) && path !== '/')
  return below.toSorted((a, b) => a.path.length - b.path.length)
}

/** The mount that a path lies on. */
export function mountOf(points: readonly MountPoint[], path: string): MountPoint | undefined {
  const above = points.filter((point) => point.path === '/' || path === point.path || path.startsWith(`${point.path}/`))
  // The last of the longest: what was mounted later on the same place hides what was there.
  return above.reduce<MountPoint | undefined>(
    (best, point) => (best === undefined || point.path.length >= best.path.length ? point : best),
    undefined,
  )
}

/** Spaces, tabs, line ends and backslashes stand as octal. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
