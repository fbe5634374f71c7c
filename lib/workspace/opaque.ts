import { spawn } from 'node:child_process'
import { extract } from 'tar-stream'
import { pathFromBytes } from '../core/paths.ts'
import { Folder, isErrno } from './nofollow.ts'

const marks = ['user.overlay.opaque', 'trusted.overlay.opaque', 'user.fuseoverlayfs.opaque']

/**
 * The folders of an overlay's upper folder that hide what the project has below them. The mark is an extended
 * attribute, which Node cannot read and GNU tar can. Only for an upper folder that is not mounted: tar goes by names.
 * Undefined without GNU tar.
 */
export async function opaqueFolders(upper: string): Promise<ReadonlySet<string> | undefined> {
  const paths = await foldersIn(upper)
  if (paths.length === 0) return new Set()
  const tar = spawn(
    'tar',
    [
      '-c',
      '--xattrs',
      '--xattrs-include=*overlay*.opaque',
      '--no-recursion',
      '--null',
      '--verbatim-files-from',
      '-T',
      '-',
    ],
    { cwd: upper, stdio: ['pipe', 'pipe', 'ignore'] },
  )
  const started = new Promise<boolean>((resolve) => {
    tar.once('spawn', () => resolve(true))
    tar.once('error', () => resolve(false))
  })
  if (!(await started)) return undefined
  tar.stdin.on('error', () => {})
  tar.stdin.end(Buffer.concat(paths.flatMap((path) => [path, Buffer.from([0])])))
  const found = new Set<string>()
  const entries = extract()
  let index = 0
  entries.on('entry', (header, stream, next) => {
    const attributes = (header.pax ?? {}) as Record<string, string>
    if (marks.some((mark) => attributes[`SCHILY.xattr.${mark}`] === 'y')) found.add(pathFromBytes(paths[index]!))
    index += 1
    stream.resume()
    stream.on('end', next)
  })
  return new Promise((resolve) => {
    entries.on('finish', () => resolve(index === paths.length ? found : undefined))
    entries.on('error', () => resolve(undefined))
    tar.stdout.pipe(entries)
  })
}

async function foldersIn(upper: string): Promise<Buffer[]> {
  const found: Buffer[] = []
  const visit = async (folder: Folder, prefix: Buffer): Promise<void> => {
    for (const name of await folder.names()) {
      const stat = await folder.stat(name).catch(unlessClosed)
      if (!stat?.isDirectory()) continue
      const inner = await folder.folder(name).catch(() => undefined)
      if (!inner) continue
      const path = Buffer.concat([prefix, name])
      found.push(path)
      await visit(inner, Buffer.concat([path, Buffer.from('/')])).finally(() => inner.dispose())
    }
  }
  const root = await Folder.open(upper)
  await visit(root, Buffer.alloc(0)).finally(() => root.dispose())
  return found
}

/** Of what lies in a folder that may be read but not entered nobody sees more than its name. */
function unlessClosed(error: unknown): undefined {
  if (!isErrno(error, 'EACCES')) throw error
}
