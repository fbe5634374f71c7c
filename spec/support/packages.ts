import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..')

/**
 * Copies an installed npm package and all it depends on into `target`/node_modules, from our own node_modules: a real
 * package for a spec to work on, without a network.
 */
export function installPackage(name: string, target: string): void {
  const seen = new Set<string>()
  const copy = (packageName: string, from: string) => {
    const folder = find(packageName, from)
    if (folder === undefined || seen.has(folder)) return
    seen.add(folder)
    const to = join(target, relative(root, folder))
    mkdirSync(dirname(to), { recursive: true })
    cpSync(folder, to, { recursive: true, filter: (path) => !relative(folder, path).includes('node_modules') })
    const { dependencies = {}, bin } = manifestOf(folder)
    if (packageName === name) linkCommands(bin, name, to, target)
    for (const dependency of Object.keys(dependencies)) copy(dependency, folder)
  }
  copy(name, root)
  if (seen.size === 0) throw new Error(`${name} is not installed`)
}

/** Where npm put a package, as seen from the folder of one that needs it. */
function find(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === root) return undefined
  }
}

/** A copy of the file is enough of a command for what specs call; npm would make a link. */
function linkCommands(bin: string | Record<string, string> | undefined, name: string, folder: string, target: string) {
  const commands = typeof bin === 'string' ? { [name]: bin } : (bin ?? {})
  for (const [command, file] of Object.entries(commands)) {
    const to = join(target, 'node_modules', '.bin', command)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(root, 'node_modules', '.bin', command), to, { dereference: false, verbatimSymlinks: true })
    if (!existsSync(join(folder, file))) throw new Error(`${name} has no ${file}`)
  }
}

function manifestOf(folder: string): { dependencies?: Record<string, string>; bin?: string | Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
