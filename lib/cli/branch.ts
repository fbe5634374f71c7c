import * as fs from 'node:fs'
import git from 'isomorphic-git'

/**
 * The branch that is checked out, for a label; undefined where there is none, and in what isomorphic-git cannot read (a
 * linked worktree). It reads `.git` and runs nothing, whatever the repository's configuration says.
 */
export async function branchOf(project: string): Promise<string | undefined> {
  try {
    return (await git.currentBranch({ fs, dir: project })) || undefined
  } catch {
    return undefined
  }
}
