import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from 'dockerode'
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
  for (const { Name, Labels } of Volumes ?? []) {
    if (!(await isOrphan(Labels, local))) continue
    await docker
      .getVolume(Name)
      .remove()
      .catch((error: unknown) => {
        // It has gone with its container, or another session's sweep has it.
        if (![404, 409].includes(statusOf(error) ?? 0)) throw refusedRemoval(error)
      })
  }
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
  const deadline = Date.now() + removalMs
  while (Date.now() < deadline) {
    const there = await container.inspect().catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined
      throw error
    })
    if (there === undefined) return
    await delay(lookMs)
  }
  throw new Failure('engine', `The engine does not finish removing the sandbox's container ${container.id}.`)
}

function refusedRemoval(cause: unknown): Failure {
  return new Failure('engine', `What a session had in the engine could not be removed: ${engineReason(cause)}`, {
    cause,
  })
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode
}
