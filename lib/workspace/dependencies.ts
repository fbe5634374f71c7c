import { pathFromBytes } from '../core/paths.ts'
import { IgnoreRules } from './ignored.ts'
import { Folder, isErrno } from './nofollow.ts'
import { Patience } from './patterns.ts'

/** What package managers and builds call the folders that they fill, and can fill again. */
const names = new Set(['node_modules', '.venv', 'venv', 'target', 'vendor', '.tox', '.gradle', 'Pods'])

/**
 * The folders of dependencies in a project, as its .gitignore files make sure: what is in them was made for the machine
 * and the place they are in. Found through no link; the cost is that of listing the project's folders.
 */
export async function dependencyFolders(project: string): Promise<string[]> {
  const found: string[] = []
  const visit = async (folder: Folder, prefix: string, above: IgnoreRules): Promise<void> => {
    const rules = await above.within(prefix, folder)
    for (const bytes of await folder.folders()) {
      const name = pathFromBytes(bytes)
      const path = prefix + name
      if (name === '.git') continue
      if (rules.ignores(path, true)) {
        if (names.has(name)) found.push(path)
        continue
      }
      const inner = await folder.folder(bytes).catch(orGone)
      if (inner) await visit(inner, `${path}/`, rules).finally(() => inner.dispose())
    }
  }
  const root = await Folder.open(project)
  await visit(root, '', new IgnoreRules(new Patience())).finally(() => root.dispose())
  return found.toSorted()
}

function orGone(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) throw error
}
