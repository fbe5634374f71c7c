import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../core/hash.ts'
import { readDevcontainer } from './devcontainer.ts'
import { readInside } from './inside.ts'

/** `dockerfile`: the one that the devcontainer.json names. */
export type ProjectItemKind = 'config' | 'instructions' | 'devcontainer' | 'dockerfile'

/** Something a project brings that would change what the agent does. Its bytes are what is trusted and what is used. */
export interface ProjectItem {
  /** Absolute path of the project, without links. */
  project: string
  /** Path within the project, with `/`. */
  name: string
  kind: ProjectItemKind
  path: string
  bytes: Buffer
  sha256: string
}

export interface ProjectItems {
  items: ProjectItem[]
  /** What is there but is not used, with the reason. */
  skipped: { name: string; reason: string }[]
}

const candidates: readonly [name: string, kind: ProjectItemKind][] = [
  ['.drydock/config.toml', 'config'],
  ['AGENTS.md', 'instructions'],
  ['CLAUDE.md', 'instructions'],
  ['.drydock/instructions.md', 'instructions'],
]

/** Where a devcontainer.json may lie; the first that is there counts. */
const devcontainers = ['.devcontainer/devcontainer.json', '.devcontainer.json']

/** What the project brings: regular files that lie in it, each read once. Links that lead out of it are not followed. */
export function projectItems(project: string): ProjectItems {
  const root = realpathSync(project)
  const found: ProjectItems = { items: [], skipped: [] }
  const take = (name: string, kind: ProjectItemKind): ProjectItem | undefined => {
    const bytes = readInside(root, name)
    if (typeof bytes === 'string') found.skipped.push({ name, reason: bytes })
    if (bytes === undefined || typeof bytes === 'string') return undefined
    return { project: root, name, kind, path: join(root, name), bytes, sha256: sha256(bytes) }
  }
  for (const [name, kind] of candidates) found.items.push(...listOf(take(name, kind)))
  for (const name of devcontainers) {
    const item = take(name, 'devcontainer')
    if (item === undefined) continue
    const read = readDevcontainer(name, item.bytes.toString())
    if (typeof read === 'string') found.skipped.push({ name, reason: read })
    else if ('image' in read.source) found.items.push(item)
    else {
      // One is nothing without the other.
      const { dockerfile } = read.source
      const built = take(dockerfile, 'dockerfile')
      if (built) found.items.push(item, built)
      else found.skipped.push({ name, reason: `its Dockerfile ${dockerfile} cannot be read` })
    }
    break
  }
  return found
}

function listOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
