import { hostname } from 'node:os'
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

/**
 * Where sessions that run on this machine have their sockets, the first that can hold some. The data folder comes before
 * XDG_RUNTIME_DIR, which goes with the person's last login, as when the line drops that a session is to outlive. A home may
 * be shared by machines, whose sockets lead nowhere from here.
 */
export function runFolders(environment: Environment): string[] {
  const { xdgRuntimeDir } = environment
  const own = join(dataDir(environment), 'run', hostname().replaceAll(/[^\w.-]/g, '_'))
  return xdgRuntimeDir !== undefined && isAbsolute(xdgRuntimeDir) ? [own, join(xdgRuntimeDir, 'drydock')] : [own]
}

/** A path as a person would write it: with `~` for the home folder. */
export function tilde(path: string, home: string): string {
  return home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

function ownFolder(base: string | undefined, home: string, usual: string): string {
  return join(base !== undefined && isAbsolute(base) ? base : join(home, usual), 'drydock')
}
