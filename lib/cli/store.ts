import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'

/** Where the workspace of a project is kept: a folder that a person can tell by its name. */
export function workspaceStore(dataDir: string, project: string): string {
  const hash = createHash('sha256').update(project).digest('hex').slice(0, 12)
  return join(dataDir, 'workspaces', `${basename(project)}-${hash}`)
}
