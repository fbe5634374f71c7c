import { access, constants, mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Limits } from './limits.ts'
import { startOf } from './owner.ts'

export type LimitName = Exclude<keyof Limits, 'disk'>

/** A control group of our own, as far as this machine lets us have one. */
export interface Cgroup {
  /** The limits that it holds. */
  readonly holds: ReadonlySet<LimitName>
  /** Files that a process joins by writing its number into each. */
  readonly doors: readonly string[]
  /** The texts of those of its files that are there, by name as in usage.ts; undefined where it counts nothing. */
  read(names: readonly string[]): Promise<Map<string, string>> | undefined
  /** Once everything in it has ended. */
  remove(): Promise<void>
}

/** Microseconds over which the processors are shared out. */
const period = 100_000

interface Controller {
  name: string
  /** None where it only counts. */
  limit?: LimitName
  /** The files that set the limit; those that only some kernels have come last. */
  files(limits: Pick<Limits, LimitName>): [name: string, value: string | number][]
}

/** Kernel: admin-guide/cgroup-v2. */
const unified: Controller[] = [
  {
    name: 'memory',
    limit: 'memory',
    files: ({ memory }) => [
      ['memory.max', memory],
      ['memory.swap.max', 0],
    ],
  },
  { name: 'pids', limit: 'pids', files: ({ pids }) => [['pids.max', pids]] },
  { name: 'cpu', limit: 'cpus', files: ({ cpus }) => [['cpu.max', `${Math.round(cpus * period)} ${period}`]] },
]

/** Kernel: admin-guide/cgroup-v1, where each controller has a tree of its own. */
const legacy: Controller[] = [
  {
    name: 'memory',
    limit: 'memory',
    files: ({ memory }) => [
      ['memory.limit_in_bytes', memory],
      ['memory.memsw.limit_in_bytes', memory],
    ],
  },
  { name: 'pids', limit: 'pids', files: ({ pids }) => [['pids.max', pids]] },
  { name: 'cpu', limit: 'cpus', files: ({ cpus }) => [['cpu.cfs_quota_us', Math.round(cpus * period)]] },
  { name: 'cpuacct', files: () => [] },
]

/**
 * Makes a control group below those of this process: for root, and for others where a part of the tree was handed to
 * them (a terminal of a desktop session). Where there is no such place it holds nothing. `root` and `own` are where the
 * kernel shows the trees, and this process's place in them.
 */
export async function makeCgroup(
  limits: Pick<Limits, LimitName>,
  { root = '/sys/fs/cgroup', own = '/proc/self/cgroup' } = {},
): Promise<Cgroup> {
  /** By the names of what they are for; the unified tree has none. */
  const folders = new Map<string, string>()
  const holds = new Set<LimitName>()
  const lines = (await readFile(own, 'utf8').catch(() => '')).trim().split('\n')
  const groups = await Promise.all(lines.map((entry) => makeGroup(entry, root, limits)))
  for (const { names, folder, held } of groups.filter((group) => group !== undefined)) {
    folders.set(names, folder)
    for (const { limit } of held) if (limit !== undefined) holds.add(limit)
  }
  return {
    holds,
    doors: [...folders.values()].map((folder) => join(folder, 'cgroup.procs')),
    read: (names) => (folders.size === 0 ? undefined : readFiles(folders, names)),
    remove: async () => {
      // One that something still sits in is swept by the next session.
      for (const folder of folders.values()) await rmdir(folder).catch(() => {})
    },
  }
}

/** The group in one tree, by its line of /proc/self/cgroup, with the controllers that it holds: undefined where it would hold none. */
async function makeGroup(
  entry: string,
  root: string,
  limits: Pick<Limits, LimitName>,
): Promise<{ names: string; folder: string; held: Controller[] } | undefined> {
  const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(entry) ?? []
  const known = names === '' ? unified : legacy.filter(({ name }) => names.split(',').includes(name))
  const folder = known.length === 0 ? undefined : await makeFolder(root, names, path)
  if (folder === undefined) return undefined
  const set = await Promise.all(known.map((controller) => setLimit(folder, controller, limits)))
  const held = known.filter((_, index) => set[index])
  if (held.length > 0) return { names, folder, held }
  await rmdir(folder).catch(() => {})
  return undefined
}

let made = 0

/** A new group: of the first tree's kind below our own, of the second's beside it or beside one of those above. */
async function makeFolder(root: string, names: string, path: string): Promise<string | undefined> {
  const name = `drydock-${process.pid}-${++made}`
  const tree = join(root, names)
  for (let place = join(tree, path); place.startsWith(tree); place = dirname(place)) {
    try {
      // Where a tree has all controllers, a group that hands them down holds no processes: ours is not ours to use.
      if (names === '' && !(await readFile(join(place, 'cgroup.subtree_control'), 'utf8')).includes('memory')) continue
      await access(join(place, 'cgroup.procs'), constants.W_OK)
      await sweep(place)
      await mkdir(join(place, name))
      return join(place, name)
    } catch {
      if (names !== '') return undefined
    }
  }
  return undefined
}

/** Takes away the groups of processes that are no more. */
async function sweep(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const pid = /^drydock-(\d+)-\d+$/.exec(name)?.[1]
    if (pid !== undefined && (await startOf(Number(pid))) === undefined) await rmdir(join(place, name)).catch(() => {})
  }
}

async function readFiles(folders: ReadonlyMap<string, string>, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const read = async (name: string) => {
    const controller = name.includes('/') ? dirname(name) : ''
    const place = [...folders].find(([trees]) => trees.split(',').includes(controller))?.[1]
    if (place === undefined) return
    const text = await readFile(join(place, basename(name)), 'utf8').catch(() => undefined)
    if (text !== undefined) found.set(name, text)
  }
  await Promise.all(names.map(read))
  return found
}

async function setLimit(folder: string, { files }: Controller, limits: Pick<Limits, LimitName>): Promise<boolean> {
  const [first, ...others] = files(limits)
  if (first === undefined) return true
  try {
    await writeFile(join(folder, first[0]), String(first[1]))
  } catch {
    return false
  }
  for (const [other, amount] of others) await writeFile(join(folder, other), String(amount)).catch(() => {})
  return true
}
