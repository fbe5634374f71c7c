import { grantedAhead } from '../agent/answerers.ts'
import { Bus } from '../core/bus.ts'
import { covers } from '../core/changes.ts'
import { selectionOf } from './changes.ts'
import { agreed } from './confirm.ts'
import { exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { openSession, rereading } from './session.ts'
import { readSettings } from './settings.ts'
import { summary, visible } from './unified.ts'
import { chooseWorkspace, workspaceFlag } from './workspace.ts'

export interface DiscardOptions {
  paths: string[]
  /** The person has said yes already. */
  yes: boolean
  /** Bring back what an earlier discard took, by the name that it gave. */
  restore?: string
  /** The workspace; the one with changes where absent. */
  workspace?: string
}

/** `agent discard [PATH…]`: throws changes away, through the sandbox as every change of the workspace. */
export async function discard(
  parts: Parts,
  { paths, yes, restore, workspace: named }: DiscardOptions,
): Promise<number> {
  const settings = readSettings(parts)
  const selection = selectionOf(paths, settings.project, parts.cwd)
  const name = await chooseWorkspace(parts, settings, named)
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
    if (restore !== undefined) {
      await workspace.restore(restore)
      parts.stderr.write(`Brought back; \`agent diff${workspaceFlag(name)}\` shows it.\n`)
      return exits.done
    }
    const changes = (await workspace.changes()).filter(({ path }) => covers(selection, path))
    if (changes.length === 0) {
      parts.stderr.write('The workspace has no changes there.\n')
      return exits.done
    }
    for (const change of changes) parts.stderr.write(`${summary(change)}\n`)
    const verdict = settings.loaded.config.policy.discard
    if (!(await agreed(parts, { yes, verdict }, 'Throw these changes away?'))) return exits.failed
    const discarded = await workspace.discard({ paths: changes.map(({ path }) => path) })
    for (const path of discarded.paths) parts.stderr.write(`discarded ${visible(path)}\n`)
    parts.stderr.write(`To bring it back: agent discard${workspaceFlag(name)} --restore ${discarded.checkpoint}\n`)
    return exits.done
  } finally {
    await session.dispose()
  }
}
