import { readFileSync, realpathSync, statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { Disposable } from '../core/dispose.ts'

/** Milliseconds of quiet after which a file counts as saved: editors write in several steps. */
const quietMs = 40
/** How often files are looked at where the system gives no watches. */
const lookMs = 2_000

/**
 * Calls back when what these files hold has become something else: written in place, replaced by another (as most editors
 * save), through a link, made, or removed. Folders are watched rather than files, of which a rename takes the watch away;
 * a folder that is missing is waited for in the nearest that is there. `paths` are asked for again after each change.
 */
export function watchFiles(paths: () => readonly string[], changed: () => void): Disposable {
  const watchers = new Map<string, FSWatcher>()
  let known = contents(paths())
  let timer: NodeJS.Timeout | undefined
  let looking: NodeJS.Timeout | undefined

  const stir = () => {
    clearTimeout(timer)
    timer = setTimeout(look, quietMs)
  }
  const look = () => {
    arm()
    const now = contents(paths())
    if (now === known) return
    known = now
    changed()
    arm()
  }
  const drop = (folder: string) => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  const arm = () => {
    const wanted = new Set(paths().flatMap(foldersOf))
    for (const folder of watchers.keys()) if (!wanted.has(folder)) drop(folder)
    for (const folder of wanted) {
      if (watchers.has(folder)) continue
      try {
        const watcher = watch(folder, { persistent: false }, stir)
        watcher.on('error', () => (drop(folder), stir()))
        watchers.set(folder, watcher)
      } catch {
        looking ??= setInterval(look, lookMs).unref()
      }
    }
  }
  arm()
  return {
    dispose: () => {
      clearTimeout(timer)
      clearInterval(looking)
      for (const folder of watchers.keys()) drop(folder)
    },
  }
}

/** Where a file is said to be, and where a link leads. */
function foldersOf(path: string): string[] {
  let real = path
  try {
    real = realpathSync(path)
  } catch {
    // It is not there yet, or no more.
  }
  return [...new Set([path, real].map(nearestFolder))]
}

function nearestFolder(path: string): string {
  let folder = dirname(path)
  while (dirname(folder) !== folder && !isFolder(folder)) folder = dirname(folder)
  return folder
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function contents(paths: readonly string[]): string {
  return JSON.stringify(paths.map((path) => [path, contentOf(path)]))
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
