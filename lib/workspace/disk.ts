import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { sizeOf } from '../sandbox/disk.ts'

/**
 * Bytes that a workspace takes on the disk, but for its home: what fills that while a command runs is the sandbox's to
 * watch.
 */
export async function diskUse(store: string): Promise<number> {
  const names = (await readdir(store)).filter((name) => name !== 'home')
  const folders = names.map((name) => join(store, name))
  return (await sizeOf(folders, new AbortController().signal)).bytes
}

/** What is said where a workspace takes more than `most` bytes. */
export function tooLarge(used: number, most: number): Failure {
  return new Failure(
    'disk',
    `The workspace takes ${gigabytes(used)} on the disk, more than its ${gigabytes(most)} (limits.workspace_disk). Nothing was lost: remove what was built or downloaded in it, discard changes, or raise the limit.`,
  )
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GB`
}
