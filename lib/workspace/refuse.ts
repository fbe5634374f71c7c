import type { Identity, Leaf } from './leaf.ts'

/**
 * What is never applied, said as a sentence; undefined where nothing speaks against it. `identity` is what would be
 * written: it may be another thing by now than the `leaf` that was found there before.
 */
export function refusal(path: string, identity: Identity, leaf: Leaf | undefined): string | undefined {
  const about = refusedPath(path)
  if (about) return about
  if (identity === 'other') return 'It is a FIFO, a socket or a device, which is never written to a project.'
  if (leaf?.setid) return 'It carries a setuid or setgid bit, which is never written to a project.'
  return identity.startsWith('link:') ? refusedTarget(path, identity.slice('link:'.length)) : undefined
}

/** Paths that would leave the project or reach into git's own folder, on any file system. */
export function refusedPath(path: string): string | undefined {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
    return 'It does not lie inside the project.'
  if (parts.some(isGit)) return "It lies in git's own folder, which only git may write."
  return undefined
}

/**
 * A link may climb with `..` at its beginning only: after a name, `..` would climb from wherever that name leads.
 */
function refusedTarget(path: string, target: string): string | undefined {
  if (target === '' || target.startsWith('/'))
    return `It is a link to ${target}, which does not lie inside the project.`
  const parts = target.split('/').filter((part) => part !== '' && part !== '.')
  const climb = parts.findIndex((part) => part !== '..')
  const up = climb < 0 ? parts.length : climb
  if (up > path.split('/').length - 1 || parts.slice(up).includes('..'))
    return `It is a link to ${target}, which may lead out of the project.`
  return parts.some(isGit) ? `It is a link to ${target}, into git's own folder.` : undefined
}

/** `.git` under the names by which a file system that folds names would find it too. */
function isGit(part: string): boolean {
  return /^(?:\.git|git~1)[. ]*$/.test(part.replace(/\p{Cf}/gu, '').toLowerCase())
}
