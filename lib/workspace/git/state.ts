import { sha256 } from '../../core/hash.ts'
import { configText, harmlessOf, parseConfig, type Setting } from './config.ts'
import { readHead, readRefs, type Refs } from './refs.ts'
import { namesIn, readPlain, type Repository } from './repository.ts'
import { Folder } from '../nofollow.ts'

/** What a repository of the project is at a moment, as far as the workspace's git goes by it. */
export interface GitState {
  /** `refs/heads/NAME`, or the name of a commit. */
  head: string
  refs: Refs
  /** What the workspace's git has as files of these names. */
  files: Record<string, Buffer>
  /** Differs whenever the index was written. Empty where there is none. */
  indexStamp: string
  settings: Setting[]
}

/** What was handed to the workspace last; files by the hash of their content. */
export interface Given {
  head: string
  refs: Refs
  files: Record<string, string>
  indexStamp: string
}

/** Where the settings lie that were taken over. */
export const settingsFile = 'drydock/config'

/** Reads it all as plain files, without running git. */
export async function readState(repository: Repository): Promise<GitState> {
  const { dir, common } = repository
  const configs = [
    await readPlain(common, 'config'),
    dir === common ? undefined : await readPlain(dir, 'config.worktree'),
  ]
  const settings = configs.flatMap((bytes) => (bytes === undefined ? [] : parseConfig(bytes)))
  const files: GitState['files'] = { [settingsFile]: Buffer.from(configText(harmlessOf(settings))) }
  const take = async (folder: string, name: string) => {
    const bytes = await readPlain(folder, name)
    if (bytes !== undefined) files[name] = bytes
  }
  await take(common, 'shallow')
  await take(common, 'info/exclude')
  await take(dir, 'info/sparse-checkout')
  // The other half of a split index.
  for (const { name } of await namesIn(dir, '.')) if (/^sharedindex\.[0-9a-f]+$/.test(name)) await take(dir, name)
  const [head, refs, indexStamp] = [await readHead(repository), await readRefs(repository), await stampOf(dir)]
  return { head, refs, files, indexStamp, settings }
}

export function readIndex({ dir }: Repository): Promise<Buffer | undefined> {
  return readPlain(dir, 'index')
}

export function givenOf({ head, refs, files, indexStamp }: GitState): Given {
  const hashes = Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])
  return { head, refs, files: Object.fromEntries(hashes), indexStamp }
}

/** The commit that is checked out; undefined before the first. */
export function commitOf({ head, refs }: { head: string; refs: Refs }): string | undefined {
  return head.startsWith('refs/') ? refs[head] : head
}

/** `MTIME_NS:SIZE:INODE` */
async function stampOf(dir: string): Promise<string> {
  const folder = await Folder.open(dir)
  try {
    const stat = await folder.stat(Buffer.from('index'))
    return stat?.isFile() ? [stat.mtimeNs, stat.size, stat.ino].join(':') : ''
  } finally {
    await folder.dispose()
  }
}
