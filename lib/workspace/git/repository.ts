import * as fs from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { pathFromBytes } from '../../core/paths.ts'
import { Folder, isErrno } from '../nofollow.ts'
import { parseConfig } from './config.ts'

/** Where a repository of the project keeps its things: absolute paths of the host, without links in their last parts. */
export interface Repository {
  /** `''` for the project itself; for a submodule its folder below the project's git folder: `modules/NAME`. */
  name: string
  /** What one work tree has for itself: HEAD and the index. */
  dir: string
  /** What all work trees of a repository share: refs, objects, config. */
  common: string
}

/** Bytes of the longest file that is read whole, and of one that holds nothing but a path. */
const longest = 256 * 2 ** 20
const longestPath = 8192

/**
 * The repository of a project, and those of its submodules that git keeps in it. Undefined where the project has none.
 * Everything is read as plain files: no git runs, and no link is followed.
 *
 * A `.git` that is a file may name any folder of the machine, so that one is taken only where it names the project in
 * return, as those of linked work trees and submodules do. Failure `unsafe` for one that does not, and for what the
 * sandbox could not be shown: objects that are borrowed or lie elsewhere, refs that are no files.
 */
export async function repositoriesOf(project: string): Promise<Repository[] | undefined> {
  const place = await placeOf(project)
  if (place === undefined || !(await isRepository(place))) return undefined
  const own: Repository = { name: '', ...place }
  await check(own)
  const all = [own]
  for (const name of await modulesIn(join(place.dir, 'modules'), 'modules')) {
    const module = { name, dir: join(place.dir, name), common: join(place.dir, name) }
    // One that the sandbox cannot be shown is missing inside, as if it were not checked out.
    const shown = await check(module).then(
      () => true,
      () => false,
    )
    if (shown) all.push(module)
  }
  return all
}

/** The folder that has the project's HEAD; undefined where the project has none of its own. Errors as above. */
export async function gitDirOf(project: string): Promise<string | undefined> {
  return (await placeOf(project))?.dir
}

async function placeOf(project: string): Promise<{ dir: string; common: string } | undefined> {
  const path = join(project, '.git')
  const stat = await orMissing(fs.lstat(path))
  if (stat === undefined) return undefined
  if (stat.isDirectory()) return { dir: path, common: path }
  if (!stat.isFile()) throw refused(`${path} is a link; with the folder itself in its place there is one`)
  const text = (await readPlain(project, '.git', longestPath)) ?? ''
  const named = /^gitdir: (.+?)\n*$/s.exec(text.toString('latin1'))?.[1]
  if (named === undefined) return undefined
  const dir = await orMissing(fs.realpath(resolve(project, Buffer.from(named, 'latin1').toString())))
  if (dir === undefined) return undefined
  const common = await commonOf(dir)
  if (!(await namesInReturn(dir, common, project)))
    throw refused(`${path} names ${dir}, which does not name the project in return`)
  return { dir, common }
}

async function commonOf(dir: string): Promise<string> {
  const text = await readPlain(dir, 'commondir', longestPath)
  if (text === undefined) return dir
  const common = await fs.realpath(resolve(dir, text.toString().replace(/\n+$/, '')))
  if (relative(join(common, 'worktrees'), dirname(dir)) === '') return common
  throw refused(`${dir} is a work tree of a repository that does not hold it`)
}

/** A linked work tree is named in `gitdir`, a submodule's in its own config (gitrepository-layout(5), git-config(1)). */
async function namesInReturn(dir: string, common: string, project: string): Promise<boolean> {
  const text =
    dir === common
      ? parseConfig((await readPlain(dir, 'config')) ?? Buffer.alloc(0)).findLast(({ key }) => key === 'core.worktree')
          ?.value
      : (await readPlain(dir, 'gitdir', longestPath))?.toString().replace(/\n+$/, '')
  if (text === undefined) return false
  const named = resolve(dir, dir === common ? text : dirname(text))
  return (await orMissing(fs.realpath(named))) === project
}

/** By the signs that git goes by. */
async function isRepository({ dir, common }: { dir: string; common: string }): Promise<boolean> {
  const [head, refs, objects] = await Promise.all([
    orMissing(fs.lstat(join(dir, 'HEAD'))),
    orMissing(fs.lstat(join(common, 'refs'))),
    orMissing(fs.lstat(join(common, 'objects'))),
  ])
  return head !== undefined && refs !== undefined && objects !== undefined
}

/** Failure `unsafe` where the repository cannot be shown in the sandbox as it is. */
async function check({ common }: Repository): Promise<void> {
  for (const name of ['objects', 'refs'])
    if (!(await fs.lstat(join(common, name))).isDirectory()) throw refused(`${join(common, name)} is a link`)
  const storage = parseConfig((await readPlain(common, 'config')) ?? Buffer.alloc(0)).findLast(
    ({ key }) => key === 'extensions.refstorage',
  )
  if (storage !== undefined && storage.value !== 'files')
    throw refused(`${common} keeps its refs in the format ${storage.value}`)
  const borrowed = await readPlain(common, 'objects/info/alternates')
  if (borrowed !== undefined && borrowed.toString().trim() !== '')
    throw refused(`${common} borrows objects from another repository (\`git repack -a -d\` makes it whole)`)
}

/** A submodule's name may have slashes, and each may have submodules of its own. */
async function modulesIn(folder: string, name: string, depth = 0): Promise<string[]> {
  if (depth > 8) return []
  const entries = (await orMissing(fs.readdir(folder, { withFileTypes: true }))) ?? []
  const found: string[] = []
  for (const entry of entries) {
    if (!entry.isDirectory() || /[\s\\]/.test(entry.name)) continue
    const [inner, innerName] = [join(folder, entry.name), `${name}/${entry.name}`]
    if (await isRepository({ dir: inner, common: inner })) {
      found.push(innerName, ...(await modulesIn(join(inner, 'modules'), `${innerName}/modules`, depth + 1)))
    } else found.push(...(await modulesIn(inner, innerName, depth + 1)))
  }
  return found
}

/** A file below a folder, whole, by no link; undefined where there is none. Failure `limit` for more than `most` bytes. */
export async function readPlain(folder: string, path: string, most = longest): Promise<Buffer | undefined> {
  const held = await Folder.holding(folder, path).catch(unlessOther)
  if (!held) return undefined
  try {
    const file = await held.folder.file(held.name).catch(unlessOther)
    if (!file) return undefined
    try {
      if ((await file.stat()).size > most)
        throw new Failure('limit', `${join(folder, path)} is too large to be read.`, { file: join(folder, path) })
      return await file.readFile()
    } finally {
      await file.close()
    }
  } finally {
    await held.folder.dispose()
  }
}

/** The names in a folder below a folder, by no link; none where there is no such folder. */
export async function namesIn(folder: string, path: string): Promise<{ name: string; isFolder: boolean }[]> {
  const held = await Folder.holding(folder, path).catch(unlessOther)
  if (!held) return []
  const inner = await held.folder
    .folder(held.name)
    .catch(unlessOther)
    .finally(() => held.folder.dispose())
  if (!inner) return []
  try {
    const names = await inner.names()
    const stats = await Promise.all(names.map((name) => inner.stat(name)))
    return names.flatMap((name, index) => {
      const stat = stats[index]
      return stat ? [{ name: pathFromBytes(name), isFolder: stat.isDirectory() }] : []
    })
  } finally {
    await inner.dispose()
  }
}

function refused(what: string): Failure {
  return new Failure('unsafe', `There is no git in the workspace: ${what}.`)
}

async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch(unlessOther)
}

/** What is not there, or is something else than what was looked for. */
function unlessOther(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL')) throw error
}
