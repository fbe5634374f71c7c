import { isAbsolute, join } from 'node:path'
import type { Environment } from './environment.ts'

/** The program's own folders, after the XDG Base Directory Specification: a variable that is not absolute is ignored. */
export function configDir(environment: Environment): string {
  return ownFolder(environment.xdgConfigHome, environment.home, '.config')
}

/** What is kept: sessions, checkpoints, trust. */
export function dataDir(environment: Environment): string {
  return ownFolder(environment.xdgDataHome, environment.home, '.local/share')
}

/** What can be made again. */
export function cacheDir(environment: Environment): string {
  return ownFolder(environment.xdgCacheHome, environment.home, '.cache')
}

/** Logs and the like. */
export function stateDir(environment: Environment): string {
  return ownFolder(environment.xdgStateHome, environment.home, '.local/state')
}

/** A path as a person would write it: with `~` for the home folder. */
export function tilde(path: string, home: string): string {
  return home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

function ownFolder(base: string | undefined, home: string, usual: string): string {
  return join(base !== undefined && isAbsolute(base) ? base : join(home, usual), 'drydock')
}
