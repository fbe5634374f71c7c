import { grantedAhead } from '../agent/answerers.ts'
import { Bus } from '../core/bus.ts'
import { beginning, find, type Checkpoint, type Restoration } from '../core/checkpoints.ts'
import { Failure } from '../core/failure.ts'
import { agreed } from './confirm.ts'
import { exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { openSession, rereading } from './session.ts'
import { readSettings } from './settings.ts'
import { visible } from './unified.ts'
import { chooseWorkspace, withWorkspace } from './workspace.ts'

export interface UndoOptions {
  /** The name of a checkpoint; before the last turn where absent. */
  to?: string
  /** The person has said yes already. */
  yes: boolean
  /** The workspace; the one with changes, or else with checkpoints, where absent. */
  workspace?: string
}

/** `agent checkpoints`: the moments that can be gone to, the newest last. */
export async function checkpoints(parts: Parts, { workspace: named }: { workspace?: string }): Promise<void> {
  const settings = readSettings(parts)
  const name = await chooseWorkspace(parts, settings, named, 'checkpoints')
  const all = await withWorkspace(settings, name, (workspace) => workspace.checkpoints())
  if (all.length === 0) return void parts.stderr.write('There are no checkpoints: no turn has changed anything yet.\n')
  const here = all.some(({ current }) => current)
  parts.stdout.write(`${here ? ' ' : '*'} ${beginning.padStart(4)}  before the first turn\n`)
  parts.stdout.write(all.map(line).join(''))
}

/**
 * `agent undo [TURN]`: takes back the last turn, or goes to the end of the one of that number, after a yes to the list
 * of files that it touches. Exit code 1 after a no, and where something had to be left.
 */
export async function undo(parts: Parts, { to, yes, workspace: named }: UndoOptions): Promise<number> {
  const settings = readSettings(parts)
  const name = await chooseWorkspace(parts, settings, named, 'checkpoints')
  const session = await openSession(parts, {
    bus: new Bus((error) => process.nextTick(() => Promise.reject(error))),
    settings,
    reread: rereading(parts, {}),
    answerer: grantedAhead([]),
    mode: 'review',
    workspace: name,
  })
  try {
    const { workspace } = await session.bench.open(AbortSignal.timeout(120_000))
    const checkpoint = find(await workspace.checkpoints(), to === undefined ? 'back' : { checkpoint: to })
    if (checkpoint === undefined)
      throw new Failure(
        'missing',
        to === undefined
          ? 'There is no turn to undo.'
          : `There is no checkpoint ${visible(to)}: see \`agent checkpoints\`.`,
      )
    const about = await workspace.undoing(checkpoint)
    tell(parts, about)
    const { policy } = settings.loaded.config
    if (about.project.length > 0 && policy.project === 'deny')
      throw new Failure('policy', 'Nothing was undone: the policy denies writing to the project.')
    if (about.workspace.length + about.project.length === 0) {
      parts.stderr.write('There is nothing to write.\n')
      return exits.done
    }
    if (!(await agreed(parts, { yes, verdict: policy.discard }, 'Write this?'))) return exits.failed
    const { left } = await workspace.undo(checkpoint)
    parts.stderr.write('Done; `agent checkpoints` lists where you can go from here.\n')
    return left.length > 0 ? exits.failed : exits.done
  } finally {
    await session.dispose()
  }
}

function tell({ stderr }: Parts, { workspace, project, left }: Restoration): void {
  for (const path of workspace) stderr.write(`workspace  ${visible(path)}\n`)
  for (const path of project) stderr.write(`project    ${visible(path)}\n`)
  for (const { path, reason } of left) stderr.write(`left       ${visible(path)}: ${visible(reason)}\n`)
}

function line({ id, at, occasion, current }: Checkpoint): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
  const what = occasion ? `turn ${occasion.turn}: ${oneLine(occasion.prompt)}` : 'kept before something was thrown away'
  return `${current ? '*' : ' '} ${id.padStart(4)}  ${when}  ${what}\n`
}

function oneLine(text: string): string {
  const [first = ''] = text.trim().split('\n')
  return visible(first.length > 80 ? `${first.slice(0, 79)}…` : first)
}
