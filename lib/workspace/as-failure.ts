import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { isErrno } from './nofollow.ts'

/**
 * The errors of the system that a person can do something about, as sentences; `folder` is where the workspace is kept.
 * What else was thrown comes back as it is.
 */
export function asFailure(error: unknown, folder: string, project: string): unknown {
  const details = { file: folder, cause: error }
  if (isErrno(error, 'ENOSPC', 'EDQUOT'))
    return new Failure('disk', `The disk that holds ${folder} is full: free some space and try again.`, details)
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS'))
    return new Failure(
      'permission',
      `${folder} or ${project} may not be read or written: check who owns them.`,
      details,
    )
  if (isErrno(error, 'EMFILE', 'ENFILE'))
    return new Failure(
      'limit',
      'So many files are open that no more may be (`ulimit -n`): folders in the workspace are nested too deeply for this system. Delete the deepest.',
      details,
    )
  if (isErrno(error, 'ENOENT') && !existsSync(project))
    return new Failure('missing', `The project ${project} is no longer there.`, { file: project, cause: error })
  if (!isErrno(error, 'EINVAL', 'ELOOP', 'ENOENT', 'ENOTDIR')) return error
  const { path } = error as NodeJS.ErrnoException
  if (path === undefined || isWorkedOn(path, folder, project))
    return new Failure(
      'conflict',
      'A file of the workspace became another thing while it was looked at: try again.',
      details,
    )
  if (!isWithin(path, folder)) return error
  return new Failure(
    'disk',
    `${path} is missing or no longer what it was: something else than Drydock changed what it keeps of the workspace. \`agent workspaces remove\` takes the rest away, with the changes in it.`,
    { file: path, cause: error },
  )
}

/** Whether whoever works may change what is there at any time: the project, and what was changed; folders held open are those. */
function isWorkedOn(path: string, folder: string, project: string): boolean {
  const places = [project, join(folder, 'upper'), join(folder, 'copy'), '/proc/self/fd']
  return places.some((place) => isWithin(path, place))
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
