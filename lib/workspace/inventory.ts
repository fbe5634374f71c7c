import { existsSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { sizeOf } from '../sandbox/disk.ts'
import { parseRecord } from './bases.ts'
import { hasOwnCommits } from './git/unfetched.ts'
import { Lock } from './lock.ts'
import { isErrno } from './nofollow.ts'
import { readWorkspace } from './open.ts'
import { Store } from './store.ts'
import { walk } from './walk.ts'
import { Workspaces } from './workspaces.ts'

/** What would be lost with a workspace. */
export interface Work {
  /** Files that differ from the project; of a project that is gone, files that were touched. */
  unapplied: number
  /** Whether its git has commits that the project does not have. */
  commits: boolean
}

/** A workspace as it lies there between sessions. */
export interface Kept extends Work {
  project: string
  name: string
  /** The project is no longer there. */
  gone: boolean
  /** The process that works in it, if one does: what it holds is not looked at then. */
  pid?: number
  /** Why it cannot be looked at. */
  damaged?: string
  /** On the disk. */
  bytes: number
  /** When a session last began in it, in milliseconds since 1970. */
  usedAt: number
}

/** All workspaces that there are, of all projects. What an earlier Drydock kept is taken up. */
export async function inventory(dataDir: string): Promise<Kept[]> {
  const kept: Kept[] = []
  for (const project of await projects(dataDir)) {
    const workspaces = await Workspaces.open(dataDir, project)
    for (const name of await workspaces.names()) kept.push(await look(workspaces, name))
  }
  return kept
}

async function projects(dataDir: string): Promise<string[]> {
  const named = await Promise.all([
    projectsNamedIn(join(dataDir, 'projects'), 'project.json'),
    projectsNamedIn(join(dataDir, 'workspaces'), 'state.json'),
  ])
  return [...new Set(named.flat())].toSorted()
}

async function projectsNamedIn(folder: string, file: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  })
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await fs.readFile(join(folder, name, file), 'utf8').catch(() => '{}')
      return parseRecord<string>(text, join(folder, name, file))['project']
    }),
  )
  return found.filter((project) => typeof project === 'string')
}

async function look(workspaces: Workspaces, name: string): Promise<Kept> {
  const { project } = workspaces
  const store = workspaces.store(name)
  const gone = !existsSync(project)
  const [bytes, used] = [(await sizeOf([store], new AbortController().signal)).bytes, await usedAt(store)]
  const kept: Kept = { project, name, gone, unapplied: 0, commits: false, bytes, usedAt: used }
  const holder = await Lock.holder(join(store, 'lock'))
  if (holder && !holder.brief) return { ...kept, pid: holder.pid }
  try {
    return { ...kept, ...(await workIn(workspaces, name)) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { ...kept, damaged: error.message }
  }
}

/** What a workspace holds that no session works in. `held`: the caller has its lock. Errors: as of `readWorkspace`. */
export async function workIn(workspaces: Workspaces, name: string, held = false): Promise<Work> {
  const { project, shared } = workspaces
  const folder = workspaces.store(name)
  const store = await Store.open(folder, project)
  const commits = await hasOwnCommits(store)
  if (!existsSync(project)) return { unapplied: await touched(store), commits }
  const lock = held ? { release: async () => {} } : undefined
  const workspace = await readWorkspace({ project, store: folder, shared, lock })
  try {
    return { unapplied: (await workspace.changes()).length, commits }
  } finally {
    await workspace.dispose()
  }
}

/** Without the project, whatever the workspace has of its own is work. */
async function touched(store: Store): Promise<number> {
  const state = await store.state()
  if (!state) return 0
  const workspace = state.mode === 'overlay' ? store.upper : store.copy
  const project = store.nothing
  await fs.mkdir(project, { recursive: true })
  const trees = { ...state, project, workspace, masks: store.masks, opaque: async () => false, base: () => undefined }
  const { differences } = await walk(trees)
  return differences.filter((difference) => difference.workspace?.type !== 'directory').length
}

async function usedAt(store: string): Promise<number> {
  for (const file of ['used', 'state.json']) {
    const stat = await fs.stat(join(store, file)).catch(() => undefined)
    if (stat) return stat.mtimeMs
  }
  return (await fs.stat(store)).mtimeMs
}
