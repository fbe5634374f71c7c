import type { Selection } from '../core/changes.ts'
import type { Changed } from './changes.ts'
import { renamesIn } from './renames.ts'

/** Every path that is named, whole or by hunks; none where all is selected. */
export function pathsOf(selection: Selection): string[] {
  if (selection === 'all') return []
  return [...selection.paths, ...(selection.parts ?? []).map(({ path }) => path)].map(plainPath)
}

/** `./src/` means `src`. */
export function plainPath(path: string): string {
  return path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
}

function within(path: string, folder: string): boolean {
  return folder === '' || folder === '.' || path === folder || path.startsWith(`${folder}/`)
}

/** The changes that are selected, by folders too, and what is named without having any. The old name of a file goes with the new one. */
export function select(changed: Changed[], selection: Selection): { selected: Changed[]; missing: string[] } {
  if (selection === 'all') return { selected: changed, missing: [] }
  const wanted = pathsOf(selection)
  const renames = renamesIn(changed)
  const sources = wanted.flatMap((path) => renames.get(path) ?? [])
  const selected = changed.filter(({ path }) => [...wanted, ...sources].some((folder) => within(path, folder)))
  return { selected, missing: wanted.filter((folder) => !selected.some(({ path }) => within(path, folder))) }
}
