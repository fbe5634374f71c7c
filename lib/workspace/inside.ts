import { pack } from 'tar-stream'
import { Failure } from '../core/failure.ts'
import { pathToBytes } from '../core/paths.ts'
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
  const remove = (path: string) =>
    evenIfClosed(sandbox, root, path, () => files.remove(`${root}/${path}`, { recursive: true }).catch(unlessMissing))
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
    await evenIfClosed(sandbox, root, path, async () => {
      if (hash) {
        const mode = from === 'none' || isExecutable(from) !== isExecutable(to) || !hashIn(from) ? modeOf(to) : {}
        await files.write(`${root}/${path}`, await objects.get(hash), mode)
      } else if (target) await files.link(`${root}/${path}`, to.slice('link:'.length))
      else if (to === 'dir') await makeFolder(sandbox, `${root}/${path}`)
    })
  }
}

/** Does it once more, with the rights to all folders on the way, where one of them was closed by the work. */
async function evenIfClosed(sandbox: Sandbox, root: string, path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'permission')) throw error
    const parts = path.split('/')
    const way = parts.map((_, index) => [root, ...parts.slice(0, index)].join('/'))
    await sandbox.run(['xargs', '-0', 'chmod', 'u+rwx', '--'], {
      cwd: '/',
      input: Buffer.concat(way.flatMap((folder) => [pathToBytes(folder), Buffer.from([0])])),
      signal: AbortSignal.timeout(60_000),
    })
    await act()
  }
}

/** A file to be written inside, whatever stands in its place. */
export interface Write {
  path: string
  data: Buffer
  mode: number
}

/** From so many files on they go in as one archive. */
const archived = 16

/** Writes files through the sandbox, each whole; many of them as one archive. What is not written is told by `failed`. */
export async function writeInside(
  sandbox: Sandbox,
  root: string,
  writes: readonly Write[],
  failed: (path: string, failure: Failure) => void,
): Promise<void> {
  if (writes.length >= archived && (await unpackInside(sandbox, root, writes))) return
  for (const { path, data, mode } of writes) {
    await sandbox.files.write(`${root}/${path}`, data, { mode, replace: true }).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code === 'sandbox') throw error
      failed(path, error)
    })
  }
}

/** False where not all could be unpacked: there is no tar, or a folder stands where a file shall be. */
async function unpackInside(sandbox: Sandbox, root: string, writes: readonly Write[]): Promise<boolean> {
  const archive = pack()
  for (const { path, data, mode } of writes) {
    if (/[\udc80-\udcff]/.test(path)) return false // its name is not UTF-8, which an archive's are
    archive.entry({ name: path, mode, size: data.length }, data)
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  const { code } = await sandbox.run(['tar', '-x', '-m', '-p', '-o', '-f', '-', '-C', root], {
    signal: AbortSignal.timeout(60_000),
    input: Buffer.concat(chunks),
  })
  return code === 0
}

function modeOf(identity: Identity): { mode: number } {
  return { mode: isExecutable(identity) ? 0o755 : 0o644 }
}

/** The file channel has no request for an empty folder; a file in it comes and goes. */
export async function makeFolder(sandbox: Sandbox, path: string): Promise<void> {
  const file = `${path}/.drydock-new`
  await sandbox.files.write(file, Buffer.alloc(0))
  await sandbox.files.remove(file)
}

export function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === 'missing')) throw error
}
