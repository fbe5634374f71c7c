import { existsSync } from 'node:fs'
import { Failure } from '../core/failure.ts'
import { type Past, type Taken, isLocal, recall, takeUp } from '../session/past.ts'
import { shortName } from './living.ts'
import type { Parts } from './parts.ts'
import { latestSession, namedSession } from './sessions.ts'
import { type SettingsOptions, readSettings } from './settings.ts'

/**
 * Takes a session that has ended, to go on with it in its own project: the named one, or the latest of this project. What
 * it was like is `remember`'s to say. Who does not come to open it releases its lock. Failure `missing`, `usage`, `busy`,
 * `disk`; `config` where it had a sandbox and now would have none, or the reverse: neither is anybody's to choose but the
 * person's.
 */
export async function takePast<Given extends SettingsOptions>(
  parts: Parts,
  name: string | undefined,
  given: Given,
): Promise<Given & { dir: string; past: Taken }> {
  const entry = name === undefined ? await latestSession(parts) : namedSession(parts, name)
  const { id, project } = entry
  if (!existsSync(project))
    throw new Failure(
      'missing',
      `Session ${id} is about ${project}, and that is no more: bring it back, then try again.`,
    )
  const past = await takeUp(entry)
  try {
    const opening = { ...given, dir: project, past }
    checkBackend(parts, past, opening)
    return opening
  } catch (error) {
    await past.lock.release()
    throw error
  }
}

/**
 * Reads what a session that was taken was like, slice by slice, and goes on so: with its own model and mode, where `given`
 * says nothing else and the configuration still has them. `onEvent` hears what its log holds. Failure `missing`, `disk`; an
 * abort rethrows its reason.
 */
export async function remember<Given extends SettingsOptions & { past: Taken }>(
  parts: Parts,
  given: Given,
  options: Omit<Parameters<typeof recall>[1], 'now'> = {},
): Promise<Given & { past: Past }> {
  const past = await recall(given.past, { ...options, now: Date.now() })
  const { model, mode } = past.manner
  const known = model !== undefined && isKnown(model, readSettings(parts, given).loaded.checkModel)
  return { ...given, model: given.model ?? (known ? model : undefined), mode: given.mode ?? mode, past }
}

function checkBackend(parts: Parts, past: Taken, given: SettingsOptions): void {
  const local = isLocal(past)
  if (local === (readSettings(parts, given).loaded.config.sandbox.backend === 'local')) return
  const [had, backend] = local ? ['worked without a sandbox', 'local'] : ['worked in a sandbox', 'auto']
  throw new Failure('config', `Session ${shortName(past.id)} ${had}: add --backend ${backend} to go on so.`)
}

function isKnown(model: string, check: (model: string) => void): boolean {
  try {
    check(model)
    return true
  } catch {
    return false
  }
}
