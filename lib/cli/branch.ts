import * as fs from 'node:fs'
import git from 'isomorphic-git'
import { gitDirOf } from '../workspace/git/repository.ts'

/**
 * The branch that is checked out, for a label, of a linked work tree and a submodule too; undefined where there is none.
 * It reads HEAD as a file and runs nothing, whatever the repository's configuration says.
 */
export async function branchOf(project: string): Promise<string | undefined> {
  try {
    const gitdir = await gitDirOf(project)
    if (gitdir === undefined) return undefined
    return (await git.currentBranch({ fs, dir: project, gitdir })) || undefined
  } catch {
    return undefined
  }
}
