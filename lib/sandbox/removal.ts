import { setTimeout as delay } from 'node:timers/promises'
import type { Container, Volume } from 'dockerode'
import { Failure } from '../core/failure.ts'
import type { Engine } from './engine.ts'
import { engineReason } from './engine-reason.ts'
import { isOrphan, ownedLabel } from './owner.ts'

/**
 * Removes what sessions of processes that are no more have left in the engine: containers that were never started, running
 * ones, and volumes whose container an engine was just removing when it was killed. Gives the number of containers.
 */
export async function sweep(engine: Engine): Promise<number> {
  const { docker, local } = engine
  const filters = { label: [ownedLabel] }
  const [found, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listVolumes({ filters }),
  ])
  let removed = 0
  for (const { Id, Labels } of found) {
    if (!(await isOrphan(Labels, local))) continue
    await removeContainer(docker.getContainer(Id))
    removed += 1
  }
  for (const { Name, Labels } of Volumes ?? [])
    if (await isOrphan(Labels, local)) await removeVolume(docker.getVolume(Name))
  return removed
}

/** Milliseconds that an engine may take to remove a container which it is removing by itself, and between two looks. */
const removalMs = 10_000
const lookMs = 20

/** Removes a container with its anonymous volumes, and waits until it is gone. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true })
  } catch (error) {
    const status = statusOf(error)
    // The engine is removing it by itself.
    if (status === 409) await untilGone(container)
    else if (status !== 404) throw refusedRemoval(error)
  }
}

/** Looked for rather than waited for: an engine's wait for a removal never ends where it began as that ended. */
async function untilGone(container: Container): Promise<void> {
  const gone = await within(removalMs, () => container.inspect().then(() => false, isGone))
  if (gone) return
  throw new Failure('engine', `The engine does not finish removing the sandbox's container ${container.id}.`)
}

/**
 * Removes a volume whose container has gone. The engine, or another session's sweep, may still be at that container's removal:
 * the volume counts as in use until then, and stays where that removal is cut short, so that it is tried until it is gone.
 * One that somebody else's container uses is left to a later start.
 */
async function removeVolume(volume: Volume): Promise<void> {
  await within(removalMs, () => volume.remove().then(() => true, isGone))
}

/** Whether what was asked about is there no more; false where the engine is still at it. */
function isGone(error: unknown): boolean {
  const status = statusOf(error)
  if (status === 404) return true
  if (status === 409) return false
  throw refusedRemoval(error)
}

/** Looks until something is so, for at most that many milliseconds; gives whether it came to be. */
async function within(ms: number, look: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + ms
  while (Date.now() < deadline) {
    if (await look()) return true
    await delay(lookMs)
  }
  return false
}

function refusedRemoval(cause: unknown): Failure {
  return new Failure('engine', `What a session had in the engine could not be removed: ${engineReason(cause)}`, {
    cause,
  })
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode
}
