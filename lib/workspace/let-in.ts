import { chmod, stat } from 'node:fs/promises'
import { isErrno } from './nofollow.ts'

/**
 * Gives the owner of a folder back what whoever works in it may have taken: the bits of `rights`, where they are missing. Links
 * in the path are followed: it leads to a folder of ours.
 */
export async function letOwnerIn(folder: string, rights = 0o700): Promise<void> {
  try {
    const { mode } = await stat(folder)
    if ((mode & rights) !== rights) await chmod(folder, (mode & 0o777) | rights)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
