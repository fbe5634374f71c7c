import { type Dirent, readdir } from 'node:fs'
import { join } from 'node:path'
import fastGlob from 'fast-glob'
import { readSmallFile } from '../config/files.ts'
import { IgnoreRules } from './ignored.ts'
import { mostPaths } from './paths.ts'
import { Patience } from './patterns.ts'

/**
 * The files of a project that no .gitignore in it names, as paths from its root, in no order that is promised; at most
 * `mostPaths`. For where nothing inside a sandbox can tell: no program is run, no link is followed, folders that are
 * ignored are not entered, and those that may not be read are passed over. The signal's reason where it is aborted.
 */
export async function projectPaths(project: string, signal: AbortSignal): Promise<string[]> {
  const tree = new Tree(project)
  const entries = fastGlob.stream('**', {
    cwd: project,
    dot: true,
    onlyFiles: false,
    objectMode: true,
    followSymbolicLinks: false,
    suppressErrors: true,
    fs: { readdir: tree.readdir as typeof readdir },
  })
  const paths: string[] = []
  for await (const entry of entries) {
    signal.throwIfAborted()
    const { path, dirent } = entry as unknown as { path: string; dirent: Dirent }
    if (!dirent.isDirectory()) paths.push(path)
    if (paths.length >= mostPaths) break
  }
  return paths
}

type Found = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void

/** Folders as fast-glob reads them, without what is ignored: so it never enters that. */
class Tree {
  private readonly project: string
  private readonly patience = new Patience()
  /** The rules that hold in a folder, by its path with `/` at the end; empty: the project's own. */
  private readonly rules = new Map<string, IgnoreRules>()

  constructor(project: string) {
    this.project = project
  }

  readonly readdir = (folder: string, options: { withFileTypes: true }, found: Found): void => {
    readdir(folder, options, (error, entries) => {
      if (error) return found(error, [])
      const prefix = folder === this.project ? '' : `${folder.slice(this.project.length + 1)}/`
      const rules = this.rulesIn(prefix, entries)
      found(
        null,
        entries.filter((entry) => entry.name !== '.git' && !this.ignores(rules, prefix + entry.name, entry)),
      )
    })
  }

  private ignores(rules: IgnoreRules, path: string, entry: Dirent): boolean {
    const ignored = rules.ignores(path, entry.isDirectory())
    if (!ignored && entry.isDirectory()) this.rules.set(`${path}/`, rules)
    return ignored
  }

  private rulesIn(prefix: string, entries: readonly Dirent[]): IgnoreRules {
    const above = this.rules.get(prefix) ?? new IgnoreRules(this.patience)
    this.rules.delete(prefix)
    // As for git, a link is none.
    if (!entries.some((entry) => entry.name === '.gitignore' && entry.isFile())) return above
    try {
      const read = readSmallFile(join(this.project, prefix, '.gitignore'))
      return read === undefined ? above : above.with(prefix, read.bytes.toString())
    } catch {
      return above
    }
  }
}
