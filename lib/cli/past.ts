import { existsSync } from 'node:fs'
import { Failure } from '../core/failure.ts'
import { type Past, mannerOf, takeUp } from '../session/past.ts'
import { shortName } from './living.ts'
import type { Parts } from './parts.ts'
import { latestSession, namedSession } from './sessions.ts'
import { type SettingsOptions, readSettings } from './settings.ts'

/**
 * Takes a session that has ended, to go on with it: the named one, or the latest of this project. With it comes how it is
 * gone on with: its own project, model and mode, where `given` says nothing else and the configuration still has them. Who
 * does not come to open it releases its lock. Failure `missing`, `usage`, `busy`, `disk`; `config` where it had a sandbox
 * and now would have none, or the reverse: neither is anybody's to choose but the person's.
 */
export async function takePast<Given extends SettingsOptions>(
  parts: Parts,
  name: string | undefined,
  given: Given,
): Promise<Given & { past: Past }> {
  const entry = name === undefined ? await latestSession(parts) : namedSession(parts, name)
  const { id, project } = entry
  if (!existsSync(project))
    throw new Failure(
      'missing',
      `Session ${id} is about ${project}, and that is no more: bring it back, then try again.`,
    )
  const past = await takeUp(entry, Date.now())
  try {
    return { ...given, ...manner(parts, past, given), past }
  } catch (error) {
    await past.lock.release()
    throw error
  }
}

function manner(parts: Parts, past: Past, given: SettingsOptions): Pick<SettingsOptions, 'dir' | 'model' | 'mode'> {
  const { model, mode, local } = mannerOf(past.events)
  const dir = past.project
  const { loaded } = readSettings(parts, { ...given, dir })
  if (local !== (loaded.config.sandbox.backend === 'local')) {
    const [had, backend] = local ? ['worked without a sandbox', 'local'] : ['worked in a sandbox', 'auto']
    throw new Failure('config', `Session ${shortName(past.id)} ${had}: add --backend ${backend} to go on so.`)
  }
  const known = model !== undefined && isKnown(model, loaded.checkModel)
  return { dir, model: given.model ?? (known ? model : undefined), mode: given.mode ?? mode }
}

function isKnown(model: string, check: (model: string) => void): boolean {
  try {
    check(model)
    return true
  } catch {
    return false
  }
}
