import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { hashIn, isExecutable, targetIn, type Identity } from './leaf.ts'
import type { Objects } from './objects.ts'

/** One path of the workspace, from what it holds to what it shall hold. */
export interface Turn {
  path: string
  from: Identity
  to: Identity
}

/**
 * Changes the workspace through the sandbox, the one door to it. Removals come first, from the deepest up; `folders` go
 * where they are left empty.
 */
export async function bringInside(
  sandbox: Sandbox,
  root: string,
  turns: Turn[],
  folders: string[],
  objects: Objects,
): Promise<void> {
  const { files } = sandbox
  const remove = (path: string) => files.remove(`${root}/${path}`, { recursive: true }).catch(unlessMissing)
  const down = turns.filter(({ from, to }) => from !== to).toSorted((a, b) => (a.path < b.path ? 1 : -1))
  for (const { path, from, to } of down) {
    if (to === 'none' || (from !== 'none' && !(hashIn(from) && hashIn(to)))) await remove(path)
  }
  for (const path of folders.toSorted().toReversed()) {
    const entries = await files.list(`${root}/${path}`).catch(unlessMissing)
    if (entries?.length === 0) await remove(path)
  }
  for (const { path, from, to } of down.toReversed()) {
    const hash = hashIn(to)
    const target = targetIn(to)
    if (hash) {
      const mode = from === 'none' || isExecutable(from) !== isExecutable(to) || !hashIn(from) ? modeOf(to) : {}
      await files.write(`${root}/${path}`, await objects.get(hash), mode)
    } else if (target) await files.link(`${root}/${path}`, to.slice('link:'.length))
    else if (to === 'dir') await makeFolder(sandbox, `${root}/${path}`)
  }
}

function modeOf(identity: Identity): { mode: number } {
  return { mode: isExecutable(identity) ? 0o755 : 0o644 }
}

/** The file channel has no request for an empty folder; a file in it comes and goes. */
async function makeFolder(sandbox: Sandbox, path: string): Promise<void> {
  const file = `${path}/.drydock-new`
  await sandbox.files.write(file, Buffer.alloc(0))
  await sandbox.files.remove(file)
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === 'missing')) throw error
}
