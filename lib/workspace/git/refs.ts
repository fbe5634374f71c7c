import { Failure } from '../../core/failure.ts'
import { namesIn, readPlain, type Repository } from './repository.ts'

/** What each ref of a repository is: the name of an object, or `ref:NAME` where it stands for another ref. */
export type Refs = Record<string, string>

/** The project's own marks, which the workspace's git has for itself. */
const apart = /^refs\/(stash|bisect|worktree|rewritten|original|remotes\/project)(\/|$)/

/** Loose refs, bytes of one, and characters of a name, that are read at most. */
const [most, longestRef, longestName] = [100_000, 4096, 1024]

/** A ref's name that any git takes, and that is one word (git-check-ref-format(1)). */
export function isRefName(name: string): boolean {
  const wellFormed = /^refs(\/(?!\.)[^\x00-\x20\x7f~^:?*[\\/]+)+$/.test(name)
  return wellFormed && !/\.\.|@\{|\.(lock)?(\/|$)/.test(name) && !/[\ufffd\udc80-\udcff]/.test(name)
}

export function isObjectName(text: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text)
}

/** The refs that the workspace follows: branches, tags, remotes and the like, read as plain files. */
export async function readRefs({ common }: Repository): Promise<Refs> {
  const found = new Map<string, string>()
  // The loose ones first: git packs a ref before it takes the loose one away.
  const loose = await looseRefs(common, 'refs', { left: most })
  const packed = (await readPlain(common, 'packed-refs')) ?? Buffer.alloc(0)
  for (const line of packed.toString('utf8').split('\n')) {
    const [object = '', name = ''] = line.split(' ')
    if (isObjectName(object)) found.set(name, object)
  }
  for (const [name, value] of loose) found.set(name, value)
  const kept = [...found].filter(([name]) => isRefName(name) && !apart.test(name))
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** `refs/heads/NAME`, or the name of a commit where no branch is checked out. */
export async function readHead({ dir }: Repository): Promise<string> {
  const value = refValue((await readPlain(dir, 'HEAD', longestRef)) ?? Buffer.alloc(0))
  return value?.replace(/^ref:/, '') ?? 'refs/heads/main'
}

async function looseRefs(
  common: string,
  path: string,
  budget: { left: number },
): Promise<[name: string, value: string][]> {
  const found: [string, string][] = []
  for (const { name, isFolder } of await namesIn(common, path)) {
    const inner = `${path}/${name}`
    if (--budget.left < 0 || inner.length > longestName)
      throw new Failure('limit', `${common} has too many refs, or too long ones.`, { file: common })
    if (isFolder) found.push(...(await looseRefs(common, inner, budget)))
    else {
      const value = refValue((await readPlain(common, inner, longestRef)) ?? Buffer.alloc(0))
      if (value !== undefined) found.push([inner, value])
    }
  }
  return found
}

function refValue(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8').trim()
  if (isObjectName(text)) return text
  const target = /^ref:\s*(\S+)$/.exec(text)?.[1]
  return target !== undefined && isRefName(target) ? `ref:${target}` : undefined
}
