import type { HunkPart } from '../core/changes.ts'
import { Failure } from '../core/failure.ts'
import type { Changed } from './changes.ts'
import { contentOf, fileIdentity, hashIn, isExecutable } from './leaf.ts'
import { diffLines, isBinary, maxTextBytes, takeHunks } from './lines.ts'
import type { Objects } from './objects.ts'

/**
 * The change as it would be with some of its hunks, or lines of them, alone. Failure `usage` where it has no
 * such hunks: a deletion, a link, what is binary or too large.
 */
export async function someHunks(changed: Changed, taken: readonly HunkPart[], objects: Objects): Promise<Changed> {
  const { path, base, project, workspace } = changed
  const before = base === 'unknown' ? project : base
  const [old, now] = await Promise.all([contentOf(before, objects), contentOf(workspace, objects)])
  if (!old || !now || !hashIn(workspace) || !isText(old) || !isText(now))
    throw new Failure('usage', `${path} has no hunks to choose from: apply all of it.`, { file: path })
  const { hunks } = diffLines(old, now)
  const unknown = taken.find(({ hunk }) => !hunks[hunk])
  if (unknown !== undefined)
    throw new Failure('usage', `${path} has ${hunks.length} hunks, and no number ${unknown.hunk + 1}.`, { file: path })
  const hash = await objects.put(takeHunks(old, now, hunks, taken))
  const executable = isExecutable(before === 'none' ? workspace : before)
  return { ...changed, workspace: fileIdentity(hash, executable) }
}

function isText(side: Buffer): boolean {
  return side.length <= maxTextBytes && !isBinary(side)
}
