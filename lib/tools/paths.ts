import { posix } from 'node:path'
import { nearest } from '../config/nearest.ts'
import { Failure } from '../core/failure.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { heed } from './abort.ts'
import type { ToolContext } from './tool.ts'

/** A path that a tool may work on. */
export interface Place {
  /** Absolute inside the sandbox, normalised. */
  path: string
  /** How the model and the person are told of it: relative to the workspace where it lies inside. */
  shown: string
}

/** The longest path Linux takes, in bytes. */
const longest = 4096

/** So many names of a folder are compared with one that is not there. */
const namesCompared = 2000

const homes = new WeakMap<Sandbox, string>()

/**
 * Reads a tool's `path` argument: absolute inside the sandbox, relative to the workspace, or under `~`. It has to lie in
 * the workspace; for reading, /tmp and the sandbox's home folder will do too. Links are not looked at: whatever they
 * lead to is inside the sandbox.
 *
 * Errors: Failure `unsafe`, a sentence for the model.
 */
export async function place(
  argument: string,
  { sandbox, workspace, signal }: Pick<ToolContext, 'sandbox' | 'workspace' | 'signal'>,
  use: 'read' | 'write',
): Promise<Place> {
  if (argument === '')
    throw new Failure('unsafe', 'The path is empty: give a path inside the workspace, `.` for all of it.')
  if (argument.includes('\0')) throw new Failure('unsafe', 'The path holds a NUL character, which no file name can.')
  if (Buffer.byteLength(argument) > longest) {
    throw new Failure('unsafe', `The path is longer than ${longest} bytes, which no file can have.`)
  }
  const { root } = workspace
  const tilde = argument === '~' || argument.startsWith('~/')
  const path = tilde
    ? posix.resolve(await homeOf(sandbox, signal), `.${argument.slice(1)}`)
    : posix.resolve(root, argument)
  await sandbox.confine?.(path)
  if (within(path, root)) return { path, shown: posix.relative(root, path) || '.' }
  if (use === 'read' && (within(path, '/tmp') || within(path, await homeOf(sandbox, signal))))
    return { path, shown: path }
  const reach = use === 'read' ? `inside ${root}, /tmp or the home folder can be read` : `inside ${root} can be changed`
  throw new Failure('unsafe', `${path} lies outside the workspace: only what is ${reach} with this tool.`)
}

/**
 * What to say of a path that is not there: a Failure `missing` with the names that come near, looked for in the closest
 * folder above that exists.
 */
export async function missing(
  { path, shown }: Place,
  { sandbox, workspace, signal }: Pick<ToolContext, 'sandbox' | 'workspace' | 'signal'>,
): Promise<Failure> {
  let [folder, name] = [posix.dirname(path), posix.basename(path)]
  while (folder !== '/') {
    const entries = await heed(
      signal,
      sandbox.files.list(folder).catch((error: unknown) => {
        if (error instanceof Failure) return undefined
        throw error
      }),
    )
    if (entries) {
      const at = within(folder, workspace.root) ? posix.relative(workspace.root, folder) : folder
      const near = related(
        name,
        entries.map((entry) => entry.name),
      ).map((each) => posix.join(at, each))
      const hint =
        near.length > 0 ? `Near it: ${near.join(', ')}.` : `Use list to see what is in ${at || 'the workspace'}.`
      return new Failure('missing', `There is no ${shown}. ${hint}`)
    }
    ;[folder, name] = [posix.dirname(folder), posix.basename(folder)]
  }
  return new Failure('missing', `There is no ${shown}.`)
}

/** Names that hold the given one or are held by it, and the one that is the fewest changes away: three at most. */
function related(name: string, names: string[]): string[] {
  const wanted = name.toLowerCase().slice(0, 100)
  const held = names.filter((each) => {
    const other = each.toLowerCase()
    return Math.min(other.length, wanted.length) > 2 && (other.includes(wanted) || wanted.includes(other))
  })
  const guess = nearest(wanted, names.slice(0, namesCompared))
  return [...new Set([...(guess === undefined ? [] : [guess]), ...held])].slice(0, 3)
}

/** The folder inside for what tools keep. */
export function scratchOf({ scratch }: Pick<Sandbox, 'scratch'>): string {
  return scratch ?? '/tmp/drydock'
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

async function homeOf(sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  const known = homes.get(sandbox)
  if (known !== undefined) return known
  let text = ''
  await sandbox.run(['sh', '-c', 'printf %s "$HOME"'], {
    signal,
    onOutput: (chunk, stream) => {
      if (stream === 'stdout') text = (text + chunk.toString()).slice(0, longest)
    },
  })
  signal.throwIfAborted()
  const home = posix.isAbsolute(text) ? posix.normalize(text) : '/tmp'
  homes.set(sandbox, home)
  return home
}
