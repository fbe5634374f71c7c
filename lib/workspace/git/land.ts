import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { Folder, isErrno } from '../nofollow.ts'
import type { HostGit } from './host-git.ts'
import { isRefName, type Refs } from './refs.ts'
import { namesIn, readPlain, type Repository } from './repository.ts'

const prefix = 'refs/heads/drydock'

/**
 * The branch that may be set to `tip`: `drydock/NAME`. Failure `usage` for what is no name, `conflict` where the branch
 * holds what `tip` does not, where it is checked out, or where a branch of another name stands in its way.
 */
export async function checkBranch(
  { dir, common }: Repository,
  name: string,
  { refs, tip, host }: { refs: Refs; tip: string; host: HostGit },
): Promise<string> {
  const ref = `${prefix}/${name}`
  if (!/^[\w.-]+$/.test(name) || !isRefName(ref)) throw new Failure('usage', `${name} is no name of a branch.`)
  const branch = `drydock/${name}`
  const inTheWay = Object.keys(refs).find((other) => other === prefix || other.startsWith(`${ref}/`))
  if (inTheWay !== undefined) throw new Failure('conflict', `The project's ${inTheWay} stands in the way of ${branch}.`)
  const now = refs[ref]
  if (now === undefined || now === tip) return branch
  const linked = await namesIn(common, 'worktrees')
  const heads = await Promise.all([
    readPlain(dir, 'HEAD'),
    readPlain(common, 'HEAD'),
    ...linked.map((tree) => readPlain(common, `worktrees/${tree.name}/HEAD`)),
  ])
  if (heads.some((head) => head?.toString().trim() === `ref: ${ref}`))
    throw new Failure('conflict', `${branch} is checked out: switch to another branch, or give another name.`)
  if ((await host.run(['merge-base', '--is-ancestor', now, tip])).code !== 0)
    throw new Failure('conflict', `${branch} is there and holds other commits: give another name.`)
  return branch
}

/** Puts a pack of ours, `STEM.pack` and `STEM.idx`, among the project's objects; its index comes last. */
export async function installPack({ common }: Repository, stem: string, hash: string): Promise<void> {
  for (const ending of ['pack', 'idx']) {
    await place(
      common,
      'objects/pack',
      `pack-${hash}.${ending}`,
      { draft: `tmp_drydock_${hash}.${ending}`, mode: 0o444 },
      async (handle) => {
        for await (const chunk of createReadStream(`${stem}.${ending}`)) await handle.writeFile(chunk as Buffer)
      },
    )
  }
}

/** Sets a branch as git does: by the lock that it would take itself. Failure `busy` where git has that. */
export async function setBranch({ common }: Repository, branch: string, tip: string): Promise<void> {
  const name = branch.slice('drydock/'.length)
  await place(common, prefix, name, { draft: `${name}.lock`, mode: 0o644 }, (handle) => handle.writeFile(`${tip}\n`))
}

/** Writes a file whole, by a draft beside it, below the project's git folder; follows no link. */
async function place(
  common: string,
  path: string,
  name: string,
  { draft, mode }: { draft: string; mode: number },
  write: (handle: Awaited<ReturnType<Folder['create']>>) => Promise<void>,
): Promise<void> {
  const folder = await folderAt(common, path)
  const [from, to] = [Buffer.from(draft), Buffer.from(name)]
  try {
    const handle = await folder.create(from, mode).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error
      throw new Failure('busy', `${join(common, path, draft)} is there: another git is at work. Try again.`)
    })
    try {
      await write(handle)
      await handle.sync()
      await handle.close()
      await likeItsFolder(folder, from)
      await folder.rename(from, to)
    } catch (error) {
      await folder.unlink(from).catch(() => {})
      throw error
    } finally {
      await handle.close().catch(() => {})
    }
    await folder.sync()
  } finally {
    await folder.dispose()
  }
}

/** Opens a folder below the project's git folder, made where it is missing, step by step. */
async function folderAt(common: string, path: string): Promise<Folder> {
  let folder = await Folder.open(common)
  for (const part of path.split('/')) {
    const name = Buffer.from(part)
    try {
      if ((await folder.stat(name)) === undefined) {
        await folder.makeFolder(name)
        await likeItsFolder(folder, name)
      }
      const inner = await folder.folder(name)
      await folder.dispose()
      folder = inner
    } catch (error) {
      await folder.dispose()
      if (!isErrno(error, 'ENOTDIR', 'ELOOP')) throw error
      throw new Failure('unsafe', `${join(common, path)} is no folder: nothing is written there.`)
    }
  }
  return folder
}

/** What root writes for somebody is theirs. */
async function likeItsFolder(folder: Folder, name: Buffer): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await folder.self()
  await folder.own(name, Number(uid), Number(gid))
}
