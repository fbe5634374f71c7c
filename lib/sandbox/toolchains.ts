import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What the person's own tools need inside. */
export interface Toolchains {
  /** Folders of the host to show inside at the same place, read-only; none lies in another. */
  folders: string[]
  /** The PATH inside. */
  path: string
  /** Variables by which tools find what is theirs: HOME is another one inside. */
  variables: Record<string, string>
}

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** What programs are made of, beside the folder that holds them. */
const beside = ['lib', 'lib64', 'libexec', 'include']

/** Tools whose programs lead to a folder of the home that holds the versions, and no credentials. */
const managers = [
  { programs: '.cargo/bin', folder: '.rustup', variable: 'RUSTUP_HOME' },
  { programs: '.pyenv/shims', folder: '.pyenv', variable: 'PYENV_ROOT' },
  { programs: '.rbenv/shims', folder: '.rbenv', variable: 'RBENV_ROOT' },
  { programs: '.volta/bin', folder: '.volta', variable: 'VOLTA_HOME' },
  { programs: '.asdf/shims', folder: '.asdf', variable: 'ASDF_DATA_DIR' },
]

/**
 * The toolchains on `path` (a PATH) that lie in the person's home. A version of its own (`~/.nvm/versions/node/v22/bin`)
 * comes whole; of what lies directly in the home (`~/.local/bin`) only what programs are made of: the rest of such a
 * folder may hold credentials. What lies in the project is left out: the workspace has it.
 */
export function toolchainsIn(path: string, home: string, project: string): Toolchains {
  const root = folderAt(home)
  const found = new Set<string>()
  const words: string[] = []
  const variables: Record<string, string> = {}
  for (const word of path.split(':')) {
    const programs = word.startsWith('/') ? folderAt(word) : undefined
    if (programs === undefined || isWithin(programs, project)) continue
    if (root !== undefined && isWithin(programs, root) && programs !== root) {
      for (const folder of partsOf(programs, root)) found.add(folder)
      for (const manager of managers) {
        const folder = folderAt(join(root, manager.folder))
        if (programs !== join(root, manager.programs) || folder === undefined) continue
        found.add(folder)
        variables[manager.variable] = folder
      }
    } else if (!isWithin(programs, '/usr') && !isWithin(programs, '/opt')) continue
    words.push(programs)
  }
  const folders = [...found]
  return {
    folders: folders.filter((folder) => !folders.some((other) => other !== folder && isWithin(folder, other))),
    path: [...new Set([...words, ...systemPath])].join(':'),
    variables,
  }
}

/** What has to be shown for the programs of a folder to run. */
function partsOf(programs: string, home: string): string[] {
  if (basename(programs) !== 'bin') return [programs]
  const above = dirname(programs)
  if (above === home) return [programs]
  if (dirname(above) !== home) return [above]
  return [programs, ...beside.map((name) => join(above, name)).filter((folder) => folderAt(folder) === folder)]
}

/** The folder's own path, without links in it; undefined where there is no folder. */
function folderAt(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? realpathSync(path) : undefined
  } catch {
    return undefined
  }
}

/** Whether a path is the folder or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
