import { Failure } from '../core/failure.ts'
import { mainWorkspace } from '../workspace/name.ts'
import { readWorkspace } from '../workspace/open.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { missing, Workspaces } from '../workspace/workspaces.ts'
import type { Parts } from './parts.ts'
import type { Settings } from './settings.ts'

/** What a command looks for in a workspace that is not named. */
export type Sought = 'changes' | 'checkpoints'

/**
 * The workspace that a command is about: the named one, or the only one, or the one that has what is sought (changes
 * count before checkpoints). Where there are several it is said which is meant. Failure `missing` where there is none of
 * that name, `usage` where it has to be named, `busy` where only other sessions' are left.
 */
export async function chooseWorkspace(
  { stderr }: Parts,
  { project, places }: Settings,
  named: string | undefined,
  sought: Sought = 'changes',
): Promise<string> {
  const workspaces = await Workspaces.open(places.data, project)
  const names = await workspaces.names()
  if (named !== undefined) {
    if (!names.includes(named)) throw missing(named, names)
    return named
  }
  if (names.length <= 1) return names[0] ?? mainWorkspace
  const chosen = await theOne(workspaces, names, sought)
  stderr.write(`● workspace ${chosen}\n`)
  return chosen
}

async function theOne(workspaces: Workspaces, names: readonly string[], sought: Sought): Promise<string> {
  const having: Record<Sought, string[]> = { changes: [], checkpoints: [] }
  let others: unknown
  for (const name of names) {
    try {
      await use(workspaces, name, async (workspace) => {
        if ((await workspace.changes()).length > 0) having.changes.push(name)
        if ((await workspace.checkpoints()).length > 0) having.checkpoints.push(name)
      })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      others ??= error
    }
  }
  for (const what of sought === 'changes' ? (['changes'] as const) : (['changes', 'checkpoints'] as const)) {
    const [first, ...more] = having[what]
    if (first === undefined) continue
    if (more.length === 0) return first
    throw new Failure(
      'usage',
      `The workspaces ${having[what].join(', ')} have ${what}: say which one you mean with --workspace NAME.`,
    )
  }
  if (others) throw others
  return names.includes(mainWorkspace) ? mainWorkspace : names[0]!
}

/** Opens a workspace without a sandbox for as long as it is used. Errors: those of `readWorkspace`. */
export async function withWorkspace<T>(
  { project, places }: Settings,
  name: string,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  return use(await Workspaces.open(places.data, project), name, work)
}

async function use<T>(workspaces: Workspaces, name: string, work: (workspace: Workspace) => Promise<T>): Promise<T> {
  const { project, shared } = workspaces
  const workspace = await readWorkspace({ project, store: workspaces.store(name), shared })
  try {
    return await work(workspace)
  } finally {
    await workspace.dispose()
  }
}

/** What has to be added to a command for it to be about this workspace. */
export function workspaceFlag(name: string): string {
  return name === mainWorkspace ? '' : ` --workspace ${name}`
}
