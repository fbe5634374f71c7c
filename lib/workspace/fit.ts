import type { Bases } from './bases.ts'
import { identify, leafOf, type Identity, type Leaf } from './leaf.ts'
import { standIn, standInText } from './masks.ts'
import { Folder, isErrno } from './nofollow.ts'
import type { Objects } from './objects.ts'
import type { Store, StoreState } from './store.ts'

/**
 * Makes a kept workspace fit what is secret now, before a sandbox sees it: the project's version of a secret goes out of
 * it, and what stood for a secret that is none any more makes room. Gives what is to be masked: all but what the agent
 * changed while it was shown, which stays as it is.
 */
export async function fitSecrets(
  store: Store,
  state: StoreState,
  secrets: readonly string[],
  bases: Bases,
): Promise<string[]> {
  const { objects, project } = store
  const isCopy = state.mode === 'copy'
  const tree = isCopy ? store.copy : store.upper
  const masked: string[] = []
  for (const path of secrets) {
    const { leaf, identity } = await look(tree, path, objects)
    const written = leaf?.type === 'file' && identity !== standIn
    const base = bases.get(path)
    const untouched = isCopy && leaf !== undefined && leaf.ctimeNs < state.filledNs
    const known = untouched || identity === base || identity === (await look(project, path, objects)).identity
    if (written && !known && base !== undefined && base !== 'none' && base !== standIn) continue
    masked.push(path)
    if (!written || !known) continue
    await replace(tree, path, isCopy ? { content: standInText, mode: 0o444 } : undefined)
    bases.release(path)
  }
  for (const path of store.masks.paths.filter((old) => !masked.includes(old))) {
    if ((await look(tree, path, objects)).identity !== standIn) continue
    // In a copy nothing lies below: what is missing would be a deletion.
    await replace(tree, path, isCopy ? await contentOf(project, path) : undefined)
    bases.release(path)
  }
  await bases.save()
  return masked
}

async function look(root: string, path: string, objects: Objects): Promise<{ leaf?: Leaf; identity: Identity }> {
  const found = await within(root, path, async (folder, name) => {
    const stat = await folder.stat(name)
    return stat && { leaf: leafOf(stat), identity: await identify(folder, name, objects, false) }
  })
  return found ?? { identity: 'none' }
}

interface Content {
  content: string | Buffer
  mode: number
}

function contentOf(root: string, path: string): Promise<Content | undefined> {
  return within(root, path, async (folder, name) => {
    if (!(await folder.stat(name))?.isFile()) return undefined
    const handle = await folder.file(name)
    try {
      return { content: await handle.readFile(), mode: (await handle.stat()).mode & 0o777 }
    } finally {
      await handle.close()
    }
  })
}

async function replace(root: string, path: string, by: Content | undefined): Promise<void> {
  await within(root, path, async (folder, name) => {
    const { uid, gid } = (await folder.stat(name))!
    await folder.letOwnerIn()
    await folder.unlink(name)
    if (!by) return
    const handle = await folder.create(name, by.mode)
    try {
      await handle.writeFile(by.content)
      await handle.chmod(by.mode)
      if (process.getuid?.() === 0) await handle.chown(Number(uid), Number(gid))
    } finally {
      await handle.close()
    }
  })
}

/** Undefined where the path does not lead anywhere without a link. */
async function within<T>(
  root: string,
  path: string,
  act: (folder: Folder, name: Buffer) => Promise<T>,
): Promise<T | undefined> {
  const held = await Folder.holding(root, path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined
    throw error
  })
  return held && act(held.folder, held.name).finally(() => held.folder.dispose())
}
