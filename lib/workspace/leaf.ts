import type { BigIntStats } from 'node:fs'
import { pathFromBytes, pathToBytes } from '../core/paths.ts'
import type { Folder } from './nofollow.ts'
import { hugeBytes, type Objects } from './objects.ts'

/** What stands at a path on one side, as far as a stat tells. */
export interface Leaf {
  type: 'file' | 'symlink' | 'directory' | 'other'
  size: number
  executable: boolean
  /** Carries a setuid or setgid bit. */
  setid: boolean
  /** Differs whenever the thing was touched. */
  stamp: string
  ctimeNs: bigint
  /** Character device 0:0: how an overlay says "deleted". */
  whiteout: boolean
}

/**
 * What a path holds, as one comparable text: `none`, `dir`, `other`, `file:SHA256`, `exec:SHA256` (an executable file),
 * `link:TARGET`; `huge:…` for a file that is too large to be read and `unknown` where it can no longer be found out.
 */
export type Identity = string

export function leafOf(stat: BigIntStats): Leaf {
  const type = stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'symlink' : stat.isDirectory() ? 'directory' : 'other'
  return {
    type,
    size: Number(stat.size),
    executable: type === 'file' && (stat.mode & 0o100n) !== 0n,
    setid: type === 'file' && (stat.mode & 0o6000n) !== 0n,
    stamp: [stat.dev, stat.ino, stat.mode, stat.size, stat.mtimeNs, stat.ctimeNs].join(':'),
    ctimeNs: stat.ctimeNs,
    whiteout: stat.isCharacterDevice() && stat.rdev === 0n,
  }
}

/** The hash of a file's content in an identity, where it is a file. */
export function hashIn(identity: Identity): string | undefined {
  return /^(?:file|exec):([0-9a-f]{64})$/.exec(identity)?.[1]
}

export function targetIn(identity: Identity): Buffer | undefined {
  return identity.startsWith('link:') ? pathToBytes(identity.slice(5)) : undefined
}

export function isExecutable(identity: Identity): boolean {
  return identity.startsWith('exec:')
}

export function fileIdentity(hash: string, executable: boolean): Identity {
  return `${executable ? 'exec' : 'file'}:${hash}`
}

/**
 * Reads what `name` in `folder` is. With `keep` the content of a file is put into the store, in the same reading.
 */
export async function identify(folder: Folder, name: Buffer, objects: Objects, keep: boolean): Promise<Identity> {
  const stat = await folder.stat(name)
  if (!stat) return 'none'
  const leaf = leafOf(stat)
  if (leaf.type === 'directory') return 'dir'
  if (leaf.type === 'other') return 'other'
  if (leaf.type === 'symlink') return `link:${pathFromBytes(await folder.target(name))}`
  if (leaf.size > hugeBytes) return `huge:${leaf.stamp}`
  const handle = await folder.file(name)
  try {
    const opened = leafOf(await handle.stat({ bigint: true }))
    if (opened.size > hugeBytes) return `huge:${opened.stamp}`
    const hash = await (keep ? objects.keep(handle, opened.size) : objects.hash(handle, opened.size))
    return fileIdentity(hash, opened.executable)
  } finally {
    await handle.close()
  }
}

/** The bytes of a file, none for what is not there; undefined where there is no content to compare. */
export async function contentOf(identity: Identity, objects: Objects): Promise<Buffer | undefined> {
  if (identity === 'none') return Buffer.alloc(0)
  const hash = hashIn(identity)
  return hash && (await objects.has(hash)) ? objects.get(hash) : undefined
}
