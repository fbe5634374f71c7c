import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { errorCode } from './files.ts'

export type ProjectItemKind = 'config' | 'instructions' | 'devcontainer'

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
  ['.devcontainer/devcontainer.json', 'devcontainer'],
]

/** Bytes of one item; more would be no text that a person reads before they say yes. */
export const largestItem = 256 * 1024

/** What the project brings: regular files that lie in it, each read once. Links that lead out of it are not followed. */
export function projectItems(project: string): ProjectItems {
  const root = realpathSync(project)
  const found: ProjectItems = { items: [], skipped: [] }
  for (const [name, kind] of candidates) {
    const bytes = readInside(root, name)
    if (typeof bytes === 'string') found.skipped.push({ name, reason: bytes })
    else if (bytes) found.items.push({ project: root, name, kind, path: join(root, name), bytes, sha256: hash(bytes) })
  }
  return found
}

/** The bytes; undefined where nothing is there; or the reason why it is not used. */
function readInside(root: string, name: string): Buffer | string | undefined {
  let fd: number
  try {
    const real = realpathSync(join(root, name))
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return 'it is a link that leads out of the project'
    fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = errorCode(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : `it cannot be read (${code ?? String(error)})`
  }
  try {
    if (!fstatSync(fd).isFile()) return 'it is not a regular file'
    const buffer = Buffer.alloc(largestItem + 1)
    let length = 0
    let count: number
    do {
      count = readSync(fd, buffer, length, buffer.length - length, null)
      length += count
    } while (count > 0 && length < buffer.length)
    return length > largestItem
      ? `it is larger than ${largestItem / 1024} KiB`
      : Buffer.from(buffer.subarray(0, length))
  } catch (error) {
    return `it cannot be read (${errorCode(error) ?? String(error)})`
  } finally {
    closeSync(fd)
  }
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
