import type { FileDiff, Hunk } from '../core/changes.ts'
import type { Changed } from './changes.ts'
import { withHeadings } from './headings.ts'
import { contentOf, isExecutable } from './leaf.ts'
import { diffLines, isBinary, maxTextBytes } from './lines.ts'
import type { Objects } from './objects.ts'

/**
 * What the agent changed in one path: from what the workspace was based on to what it holds, with `context` equal lines
 * around. Where that does not merge with what the person changed, also how the two differ.
 */
export async function diffOf(
  { change, base, project, workspace }: Changed,
  objects: Objects,
  context?: number,
): Promise<FileDiff> {
  if (change.refused !== undefined) return { change, hunks: [], note: change.refused }
  if (change.from !== undefined) return { change, hunks: [], note: `Renamed from ${change.from}, not changed.` }
  const before = base === 'unknown' ? project : base
  const linked = linkNote(before, workspace)
  if (linked) return { change, hunks: [], note: linked }
  if (change.type === 'directory')
    return { change, hunks: [], note: change.kind === 'deleted' ? 'The folder is removed.' : 'A folder.' }
  if (change.binary) return { change, hunks: [], note: 'Binary.' }
  const [old, now] = await Promise.all([contentOf(before, objects), contentOf(workspace, objects)])
  if (!old || !now)
    return { change, hunks: [], note: 'The content it had before is not kept, so no lines can be compared.' }
  if (isBinary(old) || isBinary(now)) return { change, hunks: [], note: 'Binary.' }
  if (old.length > maxTextBytes || now.length > maxTextBytes)
    return { change, hunks: [], note: 'Larger than 5 MB: not compared line by line.' }
  const { hunks, note } = diffLines(old, now, context)
  const notes = [modeNote(before, workspace), emptyNote(change.kind, old, now), note].filter(Boolean).join(' ')
  const sides = change.conflict === undefined ? undefined : await sidesOf(project, now, objects)
  return { change, hunks: withHeadings(hunks, old), ...(notes !== '' && { note: notes }), ...(sides && { sides }) }
}

/** From the project's version to the workspace's; undefined where there are no lines to compare. */
async function sidesOf(project: string, now: Buffer, objects: Objects): Promise<Hunk[] | undefined> {
  const yours = await contentOf(project, objects)
  if (!yours || isBinary(yours) || yours.length > maxTextBytes) return undefined
  return diffLines(yours, now).hunks
}

function linkNote(before: string, after: string): string | undefined {
  const [from, to] = [before, after].map((side) => (side.startsWith('link:') ? side.slice(5) : undefined))
  if (from !== undefined && to !== undefined) return `A link, from ${from} to ${to}.`
  if (to !== undefined) return before === 'none' ? `A link to ${to}.` : `Becomes a link to ${to}.`
  if (from !== undefined) return after === 'none' ? `A link to ${from} is removed.` : `Was a link to ${from}.`
  return undefined
}

function modeNote(before: string, after: string): string {
  if (after === 'none' || isExecutable(before) === isExecutable(after)) return ''
  return isExecutable(after) ? 'Becomes executable.' : 'No longer executable.'
}

function emptyNote(kind: string, old: Buffer, now: Buffer): string {
  if (old.length > 0 || now.length > 0) return ''
  return kind === 'deleted' ? 'An empty file is removed.' : 'An empty file.'
}
