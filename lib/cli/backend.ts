import { readFileSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { Failure } from '../core/failure.ts'
import type { Environment } from '../config/environment.ts'
import type { Engine } from '../sandbox/engine.ts'
import { type EnginePlace, findEngine } from '../sandbox/find-engine.ts'
import { embeddedObstacle } from '../sandbox/obstacle.ts'

/**
 * The engine whose container everything happens in; undefined where none is needed: for the embedded sandbox, and for no
 * sandbox, which is never taken unasked.
 *
 * Errors: `Failure` `engine` where what the configuration wants cannot be had, `config` where it contradicts itself.
 */
export async function chooseEngine(
  { backend, require }: Config['sandbox'],
  place: EnginePlace,
): Promise<Engine | undefined> {
  if (backend === 'embedded' || backend === 'local') {
    if (require === 'any' || require === backend) return undefined
    throw new Failure(
      'config',
      `sandbox.backend is "${backend}", but sandbox.require is "${require}": nothing runs in anything less. Set sandbox.backend to "${require}".`,
    )
  }
  try {
    return await findEngine(place)
  } catch (error) {
    if (!(error instanceof Failure) || backend === 'container' || require === 'container') throw error
    const obstacle = await embeddedObstacle()
    if (obstacle === undefined) return undefined
    throw new Failure(
      'engine',
      `${error.message} The embedded sandbox does not work here either: ${obstacle.reason} (\`agent doctor\` says what to do).`,
      { cause: error },
    )
  }
}

/** Where this person's engine may be. */
export function enginePlace({ dockerHost, containerHost, home, xdgRuntimeDir }: Environment): EnginePlace {
  return { host: dockerHost, containerHost, home, runtimeDir: xdgRuntimeDir }
}

/** This machine's system by its own words (os-release(5)), as in `Linux, Fedora Linux 40 (Workstation Edition)`. */
export function hostSystem(): string {
  try {
    const [, name] = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? []
    return name ? `Linux, ${name}` : 'Linux'
  } catch {
    return 'Linux'
  }
}
