import { pathFromBytes } from '../core/paths.ts'
import type { Bases } from './bases.ts'
import type { Collected } from './changes.ts'
import { Folder, isErrno } from './nofollow.ts'

/**
 * Takes out of an overlay's upper folder what says nothing any more, so that it does not hide what the person does next.
 * Only for one that is not mounted. `opaque` are the folders that hide what is below them: such a one goes whole or not
 * at all; where they are not known (undefined), only the top folder is pruned.
 */
export async function prune(
  upper: string,
  collected: Collected,
  opaque: ReadonlySet<string> | undefined,
  bases: Bases,
): Promise<void> {
  const changed = new Set(collected.changed.map(({ path }) => path))
  const idle = new Set([...collected.seen.keys(), ...collected.stale].filter((path) => !changed.has(path)))
  const gone = new Set<string>()
  for (const path of [...idle].toSorted().toReversed()) {
    const above = ancestors(path)
    if (!opaque && above.length > 0) continue
    const deleted = await deletedAbove(upper, above)
    const hiding = above.find((folder) => opaque?.has(folder))
    if (deleted !== undefined) {
      if ([...changed].some((other) => other.startsWith(`${deleted}/`))) continue
      await take(upper, deleted, [])
    } else if (hiding === undefined) await take(upper, path, above)
    else if (!gone.has(hiding)) {
      if (!(await holdsOnly(upper, hiding, idle, changed))) continue
      await clear(upper, hiding)
      gone.add(hiding)
    }
    bases.release(path)
  }
  await bases.save()
}

/** The folders above a path, the highest first. */
function ancestors(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** The highest of these folders that an overlay says is deleted as a whole. */
async function deletedAbove(upper: string, above: string[]): Promise<string | undefined> {
  for (const path of above) {
    const held = await Folder.holding(upper, path)
    if (!held) return undefined
    const stat = await held.folder.stat(held.name).finally(() => held.folder.dispose())
    if (stat && !stat.isDirectory()) return path
  }
  return undefined
}

async function take(upper: string, path: string, above: string[]): Promise<void> {
  for (const target of [path, ...above.toReversed()]) {
    const held = await Folder.holding(upper, target)
    if (!held) continue
    const { folder, name } = held
    try {
      await folder.letOwnerIn()
      if ((await folder.stat(name))?.isDirectory()) await folder.removeFolder(name)
      else if (target === path) await folder.unlink(name)
    } catch (error) {
      if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return
      if (!isErrno(error, 'ENOENT')) throw error
    } finally {
      await folder.dispose()
    }
  }
}

/** Removes a folder of which nobody can take the rights any more, since nothing runs in it. */
async function clear(upper: string, path: string): Promise<void> {
  const held = await Folder.holding(upper, path)
  if (!held) return
  await held.folder.letOwnerIn()
  await empty(held.folder, held.name).finally(() => held.folder.dispose())
}

async function empty(parent: Folder, name: Buffer): Promise<void> {
  const folder = await parent.folder(name)
  try {
    await folder.letOwnerIn()
    for (const inner of await folder.names())
      if ((await folder.stat(inner))?.isDirectory()) await empty(folder, inner)
      else await folder.unlink(inner)
  } finally {
    await folder.dispose()
  }
  await parent.removeFolder(name)
}

/** A folder in it that is a change by itself is an empty one. */
async function holdsOnly(
  upper: string,
  path: string,
  idle: ReadonlySet<string>,
  changed: ReadonlySet<string>,
): Promise<boolean> {
  const held = await Folder.holding(upper, path)
  if (!held) return false
  const opened = held.folder.folder(held.name).catch((error: unknown) => {
    if (isErrno(error, 'EACCES')) return undefined // nobody knows what it holds
    throw error
  })
  const folder = await opened.finally(() => held.folder.dispose())
  if (!folder) return false
  try {
    await folder.letOwnerIn()
    for (const name of await folder.names()) {
      const inner = `${path}/${pathFromBytes(name)}`
      const isFolder = (await folder.stat(name))?.isDirectory()
      if (changed.has(inner)) return false
      if (isFolder ? !(await holdsOnly(upper, inner, idle, changed)) : !idle.has(inner)) return false
    }
    return true
  } finally {
    await folder.dispose()
  }
}
