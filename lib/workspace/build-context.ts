import dockerignore from '@balena/dockerignore'
import { pipeline } from 'node:stream/promises'
import type { Pack } from 'tar-stream'
import { Failure } from '../core/failure.ts'
import { Folder } from './nofollow.ts'
import { Secrets } from './secrets.ts'

export interface ContextOptions {
  /** Absolute path of the project. */
  project: string
  /** The folder to send, as a path in the project with `/`; `.` for all of it. */
  context: string
  /** `sandbox.hide`: patterns of what else is a secret. */
  hide: readonly string[]
  signal: AbortSignal
}

/** A context larger than that has something in it that no build wants. */
const mostBytes = 1024 ** 3
const mostFiles = 100_000

/**
 * Puts a folder of the project into a build context: files, folders and links as they are, none of which is followed;
 * without what the folder's .dockerignore names, without secrets and without .git.
 *
 * Errors: `Failure` `image` where it is too large or changes while it is read; `missing` where there is no such folder.
 */
export async function addContext(tar: Pack, options: ContextOptions): Promise<void> {
  const { project, context } = options
  const holding = await Folder.holding(project, context === '.' ? 'x' : `${context}/x`).catch(() => undefined)
  if (!holding) throw new Failure('missing', `The folder ${context}, which the image is built from, is not there.`)
  const { folder } = holding
  try {
    const rules = dockerignore.default()
    const ignored = await folder.file(Buffer.from('.dockerignore')).catch(() => undefined)
    const patterns = ignored ? await ignored.readFile('utf8').finally(() => ignored.close()) : ''
    rules.add(patterns)
    const secrets = new Secrets(project, options.hide)
    const walk: Walk = {
      ...options,
      secret: (path) => secrets.isSecret(path),
      tar,
      left: { bytes: mostBytes, files: mostFiles },
      ignores: (path) => rules.ignores(path),
      // What is below an ignored folder may be named after all.
      exceptions: /^\s*!/m.test(patterns),
    }
    await addFolder(walk, folder, '')
  } finally {
    await folder.dispose()
  }
}

interface Walk extends ContextOptions {
  tar: Pack
  left: { bytes: number; files: number }
  secret: (path: string) => boolean
  ignores: (path: string) => boolean
  exceptions: boolean
}

async function addFolder(walk: Walk, folder: Folder, prefix: string): Promise<void> {
  for (const name of (await folder.names()).toSorted(Buffer.compare)) {
    walk.signal.throwIfAborted()
    const path = prefix + name.toString()
    const inProject = walk.context === '.' ? path : `${walk.context}/${path}`
    // A name that is no text cannot be in any Dockerfile.
    if (!Buffer.from(name.toString()).equals(name) || name.toString() === '.git' || walk.secret(inProject)) continue
    const stat = await folder.stat(name)
    if (!stat) continue
    const ignored = walk.ignores(path)
    const about = { name: path, mode: Number(stat.mode & 0o777n), mtime: new Date(Number(stat.mtimeMs)) }
    if (stat.isDirectory()) {
      if (ignored && !walk.exceptions) continue
      if (!ignored) walk.tar.entry({ ...about, type: 'directory' })
      const inner = await folder.folder(name)
      await addFolder(walk, inner, `${path}/`).finally(() => inner.dispose())
    } else if (ignored) continue
    else if (stat.isSymbolicLink())
      walk.tar.entry({ ...about, type: 'symlink', linkname: (await folder.target(name)).toString() })
    else if (stat.isFile()) await addFile(walk, folder, name, about)
  }
}

async function addFile(
  { tar, left, context }: Walk,
  folder: Folder,
  name: Buffer,
  about: { name: string; mode: number; mtime: Date },
): Promise<void> {
  const handle = await folder.file(name)
  try {
    const { size } = await handle.stat()
    left.bytes -= size
    left.files -= 1
    if (left.bytes < 0 || left.files < 0)
      throw new Failure(
        'image',
        `The folder ${context}, which the image is built from, holds more than 1 GB or 100,000 files: leave out what the build does not need by a .dockerignore in it.`,
      )
    const entry = tar.entry({ ...about, size })
    if (size === 0) return void entry.end(Buffer.alloc(0))
    // Another size than was said would break the stream: then the build fails, as it should.
    await pipeline(handle.createReadStream({ end: size - 1, autoClose: false }), entry)
  } finally {
    await handle.close()
  }
}
