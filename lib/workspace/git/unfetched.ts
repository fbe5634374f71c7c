import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { isErrno } from '../nofollow.ts'
import type { Store } from '../store.ts'
import { readGiven } from './given.ts'
import { isObjectName, readHead, readRefs } from './refs.ts'
import { namesIn, readPlain, type Repository, repositoriesOf } from './repository.ts'

/**
 * Whether a workspace's git has commits that no ref of the project's leads to: looked at as plain files, while no session
 * works in it. True where that cannot be told.
 */
export async function hasOwnCommits(store: Store): Promise<boolean> {
  return look(store).catch((error: unknown) => {
    if ((error instanceof Failure && error.code === 'limit') || isErrno(error, 'EACCES')) return true
    throw error
  })
}

async function look(store: Store): Promise<boolean> {
  const projects = (await repositoriesOf(store.project).catch(() => undefined)) ?? []
  for (const [name, given] of await readGiven(store)) {
    const folder = join(store.git, name)
    // The agent may have put a link on the way to a submodule's.
    if ((await fs.realpath(folder).catch(() => '')) !== join(await fs.realpath(store.git), name)) return true
    const own: Repository = { name, dir: folder, common: folder }
    const theirs = projects.find((project) => project.name === name)
    const known = new Set([...Object.values(given.refs), ...(theirs ? Object.values(await readRefs(theirs)) : [])])
    for (const tip of [await readHead(own), ...Object.values(await readRefs(own))])
      if (isObjectName(tip) && !known.has(tip) && (await isOwnObject(own, tip))) return true
  }
  return false
}

/** What only the project has is none of the agent's; of what is packed nobody can tell without git. */
async function isOwnObject({ common }: Repository, object: string): Promise<boolean> {
  const loose = await readPlain(common, `objects/${object.slice(0, 2)}/${object.slice(2)}`)
  return loose !== undefined || (await namesIn(common, 'objects/pack')).length > 0
}
