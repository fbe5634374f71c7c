import { Failure } from '../core/failure.ts'
import { tilde } from '../config/paths.ts'
import { inventory, type Kept, type Work, workIn } from '../workspace/inventory.ts'
import { Workspaces } from '../workspace/workspaces.ts'
import type { WorkspacesAct } from './call.ts'
import { agreed, confirmed } from './confirm.ts'
import { exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { placesOf, readSettings, type Settings } from './settings.ts'
import { jsonLine, summary, visible } from './unified.ts'
import { chooseWorkspace, withWorkspace } from './workspace.ts'

export interface WorkspacesOptions {
  act: WorkspacesAct
  /** The person has said yes already. */
  yes: boolean
  json: boolean
}

/** `agent workspaces`: lists them, and takes away those that are not needed. Exit code 1 after a no. */
export async function workspaces(parts: Parts, { act, yes, json }: WorkspacesOptions): Promise<number> {
  switch (act.act) {
    case 'list':
      return list(parts, json)
    case 'prune':
      return prune(parts, yes)
    case 'remove':
      return remove(parts, act.workspace, yes)
    case 'rename': {
      await (await ownWorkspaces(parts)).rename(act.from, act.to)
      return exits.done
    }
  }
}

async function list(parts: Parts, json: boolean): Promise<number> {
  const all = await inventory(placesOf(parts).data)
  if (json) for (const kept of all) parts.stdout.write(jsonLine(kept))
  else if (all.length > 0) parts.stdout.write(table(parts, all))
  else parts.stderr.write('There are no workspaces yet: the first session makes one.\n')
  return exits.done
}

/** Work that was never applied is never taken by a yes that was given ahead. */
async function prune(parts: Parts, yes: boolean): Promise<number> {
  const all = await inventory(placesOf(parts).data)
  const idle = all.filter(({ pid }) => pid === undefined)
  const empty = idle.filter((kept) => kept.damaged === undefined && !hasWork(kept))
  const lost = idle.filter((kept) => kept.gone && !empty.includes(kept))
  if (empty.length + lost.length === 0) {
    parts.stderr.write('There is nothing to prune: every workspace is in use or has unapplied work.\n')
    return exits.done
  }
  let code: number = exits.done
  if (empty.length > 0) {
    parts.stderr.write(table(parts, empty))
    const willing = yes || (await confirmed(parts, 'Nothing in them is unapplied. Remove them?'))
    if (willing) for (const kept of empty) await take(parts, kept)
    else code = exits.failed
  }
  for (const kept of lost) {
    parts.stderr.write(table(parts, [kept]))
    const question = 'Its project is gone, and this work was never applied. Remove it for good?'
    if (parts.stdin.isTTY && !yes && (await confirmed(parts, question))) await take(parts, kept)
    else parts.stderr.write(`kept ${titleOf(parts, kept)}: it has work that was never applied.\n`)
  }
  return code
}

/** Removes it if it holds what it held when the person saw it. */
async function take(parts: Parts, kept: Kept): Promise<void> {
  const { project, name, damaged } = kept
  const known = damaged === undefined ? kept : undefined
  const title = titleOf(parts, kept)
  try {
    const own = await Workspaces.open(placesOf(parts).data, project)
    const removed = await own.remove(name, async () => isSame(await workIn(own, name, true).catch(orDamaged), known))
    parts.stderr.write(removed ? `removed ${title}\n` : `kept ${title}: it has changed meanwhile.\n`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    parts.stderr.write(`kept ${title}: ${visible(error.message)}\n`)
  }
}

async function remove(parts: Parts, named: string, yes: boolean): Promise<number> {
  const settings = readSettings(parts)
  const name = await chooseWorkspace(parts, settings, named)
  const own = await ownWorkspaces(parts)
  const work = await workIn(own, name).catch(orDamaged)
  const { policy } = settings.loaded.config
  if (work === undefined || hasWork(work)) {
    if (policy.discard === 'deny')
      throw new Failure('policy', `${name} stays: the policy denies throwing away what was never applied.`)
    if (work) for (const line of await lostLines(settings, name, work)) parts.stderr.write(`${line}\n`)
    const question = work
      ? 'This is not in the project. Remove it for good, and the checkpoints with it?'
      : `The workspace ${name} is damaged: nobody can tell what it holds. Remove it for good?`
    if (!(await agreed(parts, { yes, verdict: policy.discard }, question))) return exits.failed
  }
  const same = async () => isSame(await workIn(own, name, true).catch(orDamaged), work)
  if (!(await own.remove(name, same))) throw new Failure('conflict', `${name} has changed meanwhile: look at it again.`)
  parts.stderr.write(`removed ${name}\n`)
  return exits.done
}

function hasWork({ unapplied, commits }: Work): boolean {
  return unapplied > 0 || commits
}

function isSame(one: Work | undefined, other: Work | undefined): boolean {
  return one?.unapplied === other?.unapplied && one?.commits === other?.commits
}

async function lostLines(settings: Settings, name: string, { commits }: Work): Promise<string[]> {
  const changes = await withWorkspace(settings, name, (workspace) => workspace.changes())
  return [...changes.map(summary), ...(commits ? ['commits that the project does not have'] : [])]
}

/** Of a workspace that is damaged: undefined. */
function orDamaged(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === 'disk')) throw error
}

async function ownWorkspaces(parts: Parts): Promise<Workspaces> {
  const { project, places } = readSettings(parts)
  return Workspaces.open(places.data, project)
}

function table({ environment }: Parts, all: readonly Kept[]): string {
  const rows = all.map((kept) => [
    kept.name,
    visible(tilde(kept.project, environment.home)),
    stateOf(kept),
    sizeOf(kept.bytes),
    new Date(kept.usedAt).toISOString().slice(0, 16).replace('T', ' '),
  ])
  const lines = [['NAME', 'PROJECT', 'STATE', 'SIZE', 'LAST USED'], ...rows]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function stateOf({ pid, damaged, unapplied: files, commits, gone }: Kept): string {
  if (pid !== undefined) return `in use by process ${pid}`
  if (damaged !== undefined) return 'damaged'
  const unapplied = `${files} ${files === 1 ? 'file' : 'files'} unapplied`
  const work = [...(files > 0 ? [unapplied] : []), ...(commits ? ['commits unfetched'] : [])]
  return [...(work.length > 0 ? work : ['empty']), ...(gone ? ['project gone'] : [])].join(', ')
}

function sizeOf(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GB` : `${(bytes / 2 ** 20).toFixed(1)} MB`
}

function titleOf({ environment }: Parts, { project, name }: Pick<Kept, 'project' | 'name'>): string {
  return `${name} of ${visible(tilde(project, environment.home))}`
}
