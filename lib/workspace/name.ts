import { Failure } from '../core/failure.ts'

/** The workspace that a session takes where none is named. The next ones are called 2, 3 and so on. */
export const mainWorkspace = 'main'

/** What a workspace may be called: the same everywhere, and never a path. */
export function isWorkspaceName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,39}$/.test(name)
}

/** Failure `usage` where a workspace cannot be called that. */
export function checkWorkspaceName(name: string): string {
  if (isWorkspaceName(name)) return name
  throw new Failure(
    'usage',
    `${JSON.stringify(name)} is no name of a workspace: it begins with a small letter (a to z) or a digit, and has up to 40 of those, dots, dashes and underscores.`,
  )
}

/** What the workspace is called that a session takes where the first `taken` ones are others'. */
export function nextName(taken: number): string {
  return taken === 0 ? mainWorkspace : String(taken + 1)
}
