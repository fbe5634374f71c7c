import { Failure } from '../core/failure.ts'
import { hashIn, identify, isExecutable, targetIn, type Identity } from './leaf.ts'
import { Folder, isErrno } from './nofollow.ts'
import type { Objects } from './objects.ts'
import { refusedPath } from './refuse.ts'

/** One path of the project, from what it holds to what it shall hold. */
export interface Step {
  path: string
  before: Identity
  after: Identity
}

/** Heard before each act that changes the disk; a spec dies there. */
export type OnAct = (act: string) => void

/**
 * Makes one path of the tree at `root` hold `step.after`, whole or not at all, through no link. A step that was done
 * already is fine; so is a folder that still holds something when it should go.
 *
 * `draft` is the name of the temporary file beside the target: whatever bears it is ours. Failure `unsafe` where the
 * path leads outside or through a link, `conflict` where it does not hold `step.before`.
 */
export async function place(root: string, step: Step, draft: Buffer, objects: Objects, onAct: OnAct): Promise<void> {
  const refused = refusedPath(step.path)
  if (refused) throw new Failure('unsafe', refused)
  const held = await hold(root, step)
  if (!held) return // Deleted together with its folder.
  const { folder, name } = held
  try {
    await unlinkIfThere(folder, draft)
    const hash = hashIn(step.after)
    if (hash) await writeDraft(folder, name, draft, step.after, await objects.get(hash), onAct)
    const target = targetIn(step.after)
    if (target) await linkDraft(folder, draft, target, onAct)
    const now = await identify(folder, name, objects, false)
    if (now === step.after) return
    if (now !== step.before) throw new Failure('conflict', 'The project changed it while changes were applied.')
    await replace(folder, name, draft, step, onAct)
    await folder.sync()
  } finally {
    await unlinkIfThere(folder, draft).finally(() => folder.dispose())
  }
}

/** The folder that holds the path, with missing folders made where something is to be written. */
async function hold(
  root: string,
  { path, before, after }: Step,
): Promise<{ folder: Folder; name: Buffer } | undefined> {
  const held = await Folder.holding(root, path).catch((error: unknown) => {
    if (!isErrno(error, 'ENOTDIR', 'ELOOP')) throw error
    throw new Failure('unsafe', 'Its folder in the project is a link, or no folder.')
  })
  if (held || after === 'none' || !path.includes('/')) return held
  const parent = path.slice(0, path.lastIndexOf('/'))
  const above = (await hold(root, { path: parent, before: 'none', after }))!
  try {
    await above.folder.makeFolder(above.name)
    await ownLikeFolder(above.folder, above.name)
    await above.folder.sync()
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  } finally {
    await above.folder.dispose()
  }
  return hold(root, { path, before, after })
}

async function writeDraft(
  folder: Folder,
  name: Buffer,
  draft: Buffer,
  after: Identity,
  content: Buffer,
  onAct: OnAct,
): Promise<void> {
  onAct('draft')
  const old = await folder.stat(name)
  const executable = isExecutable(after)
  const handle = await folder.create(draft, executable ? 0o777 : 0o666)
  try {
    await handle.writeFile(content)
    if (process.getuid?.() === 0) {
      const owner = old?.isFile() ? old : await folder.self()
      await handle.chown(Number(owner.uid), Number(owner.gid))
    }
    if (old?.isFile()) await handle.chmod(withExecutable(Number(old.mode) & 0o777, executable))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function linkDraft(folder: Folder, draft: Buffer, target: Buffer, onAct: OnAct): Promise<void> {
  onAct('draft')
  await folder.makeLink(draft, target)
  await ownLikeFolder(folder, draft)
}

async function replace(folder: Folder, name: Buffer, draft: Buffer, step: Step, onAct: OnAct): Promise<void> {
  const { before, after } = step
  onAct('replace')
  if (before === 'dir') {
    const removed = await removeIfEmpty(folder, name)
    if (!removed && after === 'none') return
    if (!removed) throw new Failure('conflict', 'The folder in its place holds other files.')
  }
  if (after === 'none') {
    if (before !== 'dir') await folder.unlink(name)
  } else if (after === 'dir') {
    if (before !== 'none') await folder.unlink(name)
    await folder.makeFolder(name)
    await ownLikeFolder(folder, name)
  } else await folder.rename(draft, name)
  onAct('replaced')
}

async function removeIfEmpty(folder: Folder, name: Buffer): Promise<boolean> {
  try {
    await folder.removeFolder(name)
    return true
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false
    throw error
  }
}

async function unlinkIfThere(folder: Folder, name: Buffer): Promise<void> {
  await folder.unlink(name).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error
  })
}

/** What root makes in somebody's project belongs to them. */
async function ownLikeFolder(folder: Folder, name: Buffer): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await folder.self()
  await folder.own(name, Number(uid), Number(gid))
}

/** Whoever may read a file may run it, once it is executable. */
function withExecutable(mode: number, executable: boolean): number {
  return executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111
}
