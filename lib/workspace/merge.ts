import { fileIdentity, hashIn, isExecutable, type Identity } from './leaf.ts'
import { mergeLines } from './lines.ts'
import type { Objects } from './objects.ts'

/** The three versions of one path. */
export interface Versions {
  /** What both sides started from; `unknown` where that can no longer be found out. */
  base: Identity
  project: Identity
  workspace: Identity
}

/**
 * What the path becomes when both sides' changes are taken. Undefined where they cannot be: then `conflictOf` says why.
 * The contents of all three are in `objects`, and the result is put there.
 */
export async function merge(versions: Versions, objects: Objects): Promise<Identity | undefined> {
  const { base, project, workspace } = versions
  if (project === base || project === workspace) return workspace
  if (workspace === base) return project
  const [o, a, b] = [base, project, workspace].map(hashIn)
  if (!o || !a || !b) return undefined
  const hash = await mergeContents(o, a, b, objects)
  const modeFrom = isExecutable(workspace) === isExecutable(base) ? project : workspace
  return hash && fileIdentity(hash, isExecutable(modeFrom))
}

async function mergeContents(
  base: string,
  ours: string,
  theirs: string,
  objects: Objects,
): Promise<string | undefined> {
  if (ours === base || ours === theirs) return theirs
  if (theirs === base) return ours
  for (const hash of [base, ours, theirs]) if (!(await objects.has(hash))) return undefined
  const merged = mergeLines(await objects.get(ours), await objects.get(base), await objects.get(theirs))
  return merged && objects.put(merged)
}

/** Why the two sides do not merge, as a sentence. */
export function conflictOf({ base, project, workspace }: Versions): string {
  if (base === 'unknown') return 'The project changed it too, and what it was before is not known.'
  if (workspace === 'none') return 'It is deleted in the workspace and changed in the project.'
  if (project === 'none') return 'It is changed in the workspace and deleted in the project.'
  if (base === 'none') return 'It was added on both sides, with different contents.'
  if (!hashIn(project) || !hashIn(workspace)) return 'Both sides changed it, and it is not a file on both.'
  return 'Both sides changed it in the same place, or it is not text.'
}
