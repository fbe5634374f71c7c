import { covers, type ApplyReport, type Selection } from '../core/changes.ts'
import { installHints } from '../core/install.ts'
import { Failure } from '../core/failure.ts'
import { isAbsolute, relative, resolve } from 'node:path'
import type { Workspace } from '../workspace/workspace.ts'
import { confirmed } from './confirm.ts'
import { exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { readSettings } from './settings.ts'
import { coloured, plain, summary, uncoloured, unified, visible } from './unified.ts'
import { chooseWorkspace, withWorkspace, workspaceFlag } from './workspace.ts'

export interface DiffOptions {
  paths: string[]
  /** The workspace; the one with changes where absent. */
  workspace?: string
}

/** `agent diff [PATH…]`: what the workspace changes, as a unified diff. */
export async function diff(parts: Parts, { paths, workspace: named }: DiffOptions): Promise<void> {
  const settings = readSettings(parts)
  const wanted = selectionOf(paths, settings.project, parts.cwd)
  const paint = !parts.stdout.isTTY ? plain : parts.environment.noColor ? uncoloured : coloured
  await withWorkspace(settings, await chooseWorkspace(parts, settings, named), async (workspace) => {
    const changes = (await workspace.changes()).filter(({ path }) => covers(wanted, path))
    for (const { path } of changes) parts.stdout.write(unified(await workspace.diff(path), paint))
    if (changes.length === 0) parts.stderr.write('The workspace has no changes.\n')
    const ignored = await workspace.ignored()
    if (ignored.length > 0)
      parts.stderr.write(`Left out, since the project ignores them: ${ignored.map(visible).join(', ')}.\n`)
  })
}

export interface ApplyOptions extends DiffOptions {
  /** Sensitive paths that the person has said yes to. */
  allowed: string[]
  /** Of the one path, by their number in `agent diff`. */
  hunks?: number[]
}

/** `agent apply [PATH…]`: writes the changes to the project. Exit code 1 where something was not applied. */
export async function apply(parts: Parts, { paths, allowed, hunks, workspace: named }: ApplyOptions): Promise<number> {
  const settings = readSettings(parts)
  const { project } = settings
  const whole = selectionOf(paths, project, parts.cwd)
  if (hunks && paths.length !== 1) throw new Failure('usage', '--hunks wants one path beside it.')
  const chosen = hunks?.map((number) => ({ hunk: number - 1 }))
  const selection =
    chosen && whole !== 'all' ? { paths: [], parts: whole.paths.map((path) => ({ path, hunks: chosen })) } : whole
  const sensitive = allowed.length > 0 ? selectionOf(allowed, project, parts.cwd) : { paths: [] }
  return withWorkspace(settings, await chooseWorkspace(parts, settings, named), async (workspace) => {
    const granted: string[] = []
    for (const { path, sensitive: reason } of await workspace.changes()) {
      if (reason === undefined || !covers(selection, path)) continue
      const question = `${visible(path)}: ${reason} Apply it?`
      if (covers(sensitive, path) || (parts.stdin.isTTY && (await confirmed(parts, question)))) granted.push(path)
    }
    const report = await workspace.apply(selection, { allowed: granted })
    return tellReport(parts, report)
  })
}

/** Says what an apply did, and gives the exit code. */
export function tellReport(parts: Pick<Parts, 'stderr'>, { applied, conflicts, refused }: ApplyReport): number {
  for (const path of applied) parts.stderr.write(`applied ${visible(path)}\n`)
  for (const hint of installHints(applied)) parts.stderr.write(`${visible(hint)}\n`)
  for (const { path, reason } of [...conflicts, ...refused])
    parts.stderr.write(`not applied ${visible(path)}: ${visible(reason)}\n`)
  if (applied.length + conflicts.length + refused.length === 0) parts.stderr.write('There was nothing to apply.\n')
  return conflicts.length + refused.length > 0 ? exits.failed : exits.done
}

/** Says in a line each what waits in the workspace, and how to go on. */
export async function tellWaiting(parts: Pick<Parts, 'stderr'>, workspace: Workspace, name: string): Promise<void> {
  const changes = await workspace.changes()
  if (changes.length === 0) return
  for (const change of changes) parts.stderr.write(`${summary(change)}\n`)
  const flag = workspaceFlag(name)
  const [what, it] = changes.length === 1 ? ['1 file differs', 'it'] : [`${changes.length} files differ`, 'them']
  parts.stderr.write(
    `${what} from the project: \`agent diff${flag}\` shows ${it}, \`agent apply${flag}\` writes ${it}.\n`,
  )
}

/** The paths of a command line, which are meant from where the person stands, as paths of the project. */
export function selectionOf(paths: string[], project: string, cwd: string): Selection {
  if (paths.length === 0) return 'all'
  return {
    paths: paths.map((path) => {
      const inside = relative(project, resolve(cwd, path))
      if (inside !== '..' && !inside.startsWith('../') && !isAbsolute(inside)) return inside
      throw new Failure('usage', `${visible(path)} is not in the project ${project}: name paths inside it.`)
    }),
  }
}
