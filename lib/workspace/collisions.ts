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
  for (const { path, kind } of changes) {
    if (kind !== 'added') continue
    const parts = path.split('/')
    for (const [index, name] of parts.entries()) {
      const folder = parts.slice(0, index).join('/')
      const known = await inFolder(folder)
      const other = known.get(fold(name))
      if (other === undefined) known.set(fold(name), name)
      else if (other !== name) {
        found.set(path, [...parts.slice(0, index), other].join('/'))
        break
      }
    }
  }
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
