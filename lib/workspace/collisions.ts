import type { Change } from '../core/changes.ts'
import { pathFromBytes } from '../core/paths.ts'
import { Folder, isErrno } from './nofollow.ts'

/**
 * Which added paths are, on a file system that folds case or Unicode forms, the same as another one: of the project's or
 * added too. Path → the other one.
 */
export async function collisionsOf(project: string, changes: readonly Change[]): Promise<Map<string, string>> {
  const names = new Map<string, Map<string, string>>()
  const inFolder = async (folder: string) => {
    const known = names.get(folder) ?? (await foldedNames(project, folder))
    names.set(folder, known)
    return known
  }
  const found = new Map<string, string>()
  const clear = new Set([''])
  /** The other name of a path or of a folder above it, which may have been asked about before. */
  const otherOf = async (path: string): Promise<string | undefined> => {
    if (clear.has(path) || found.has(path)) return found.get(path)
    const end = path.lastIndexOf('/')
    const [folder, name] = end < 0 ? ['', path] : [path.slice(0, end), path.slice(end + 1)]
    const above = await otherOf(folder)
    const known = above === undefined ? await inFolder(folder) : new Map<string, string>()
    const same = known.get(fold(name))
    if (same === undefined) {
      known.set(fold(name), name)
      names.set(path, new Map()) // the project has nothing there, nor below
    }
    const other =
      above ?? (same === undefined || same === name ? undefined : folder === '' ? same : `${folder}/${same}`)
    if (other === undefined) clear.add(path)
    else found.set(path, other)
    return other
  }
  for (const { path, kind } of changes) if (kind === 'added') await otherOf(path)
  return found
}

async function foldedNames(project: string, folder: string): Promise<Map<string, string>> {
  const held = await Folder.holding(project, folder === '' ? '.' : `${folder}/.`).catch((error: unknown) => {
    if (isErrno(error, 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined
    throw error
  })
  if (!held) return new Map()
  const all = await held.folder.names().finally(() => held.folder.dispose())
  return new Map(all.map(pathFromBytes).map((name) => [fold(name), name]))
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
