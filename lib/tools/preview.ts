import type { FileDiff } from '../core/changes.ts'
import { diffLines } from '../workspace/lines.ts'

/** What a file would become, as a diff. */
export function previewOf(
  path: string,
  before: string | Buffer,
  after: string | Buffer,
): Pick<FileDiff, 'hunks' | 'note'> & { path: string } {
  const { hunks, note } = diffLines(Buffer.from(before as string), Buffer.from(after as string))
  return { path, hunks, ...(note !== undefined && { note }) }
}
