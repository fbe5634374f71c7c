import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Failure } from '../core/failure.ts'

/**
 * The project that `folder` belongs to: its nearest parent with a `.git`, else the folder itself, as a real path.
 * A `.git` in the home folder or in `/` is not looked at: those are never a project. Failure `usage` where there is no
 * such folder, or where it is one that must not be worked on: `/`, the home folder, or one that holds or lies in
 * `dataDir`, where Drydock keeps its own files.
 */
export function findProject(folder: string, places: { home: string; dataDir: string }): string {
  const start = realFolder(folder)
  const home = existing(places.home)
  const dataDir = existing(places.dataDir)
  let project = start
  for (let parent = start; parent !== home && parent !== dirname(parent); parent = dirname(parent)) {
    if (!existsSync(join(parent, '.git'))) continue
    project = parent
    break
  }
  if (project === '/') throw refused(project, 'is the root of the file system')
  if (project === home) throw refused(project, 'is your home folder')
  if (holds(project, dataDir) || holds(dataDir, project)) throw refused(project, 'holds what Drydock keeps for itself')
  return project
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(folder)
    if (statSync(real).isDirectory()) return real
  } catch {
    throw new Failure('usage', `There is no folder ${folder}. Name one that exists, as in \`agent ~/src/project\`.`)
  }
  throw new Failure('usage', `${folder} is not a folder. Name the folder of a project, as in \`agent ~/src/project\`.`)
}

function existing(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

function holds(outer: string, inner: string): boolean {
  const path = relative(outer, inner)
  return path === '' || (!path.startsWith('../') && path !== '..')
}

function refused(project: string, why: string): Failure {
  return new Failure(
    'usage',
    `${project} ${why}: open the folder of one project instead, as in \`agent ~/src/project\`.`,
  )
}
