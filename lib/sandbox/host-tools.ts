import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'

/** Never by the person's PATH: what builds the walls must not come from a project. */
const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/run/current-system/sw/bin']

/** The PATH of the programs that build the walls. */
export const hostPath = folders.join(':')

/** A copy of `unshare` that an AppArmor profile may allow by itself: see obstacle.ts. */
export const ownUnshare = '/usr/local/lib/drydock/unshare'

/** The absolute path of a program of the system that may be missing. */
export function findHostTool(name: string): string | undefined {
  const paths = folders.map((folder) => join(folder, name))
  return (name === 'unshare' ? [ownUnshare, ...paths] : paths).find(isExecutable)
}

/** The absolute path of a program of the system. Failure `sandbox` where it is not there. */
export function hostTool(name: 'bash' | 'nsenter' | 'setpriv' | 'setsid' | 'sh' | 'unshare'): string {
  const found = findHostTool(name)
  if (found === undefined)
    throw new Failure(
      'sandbox',
      `The embedded sandbox needs ${name}: install util-linux and bash, or a container engine.`,
    )
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
