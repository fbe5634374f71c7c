import { Failure } from '../../core/failure.ts'
import type { Source } from '../source.ts'
import type { Document } from './document.ts'

/** Bytes that are handed to an editor. */
const largest = 1024 * 1024

/**
 * Gives a file of the workspace to the person's editor, and writes what it leaves to the workspace. Where the file has
 * changed meanwhile, the person's text is kept beside it. Gives a sentence where there is something to say.
 */
export async function editFile({ files, open }: Source, { path, stat, note }: Document): Promise<string> {
  if (note !== '' || stat.type !== 'file') return 'Only text files can be edited.'
  if (stat.size > largest) return 'It is too large to be edited from here: 1 MB is the most.'
  try {
    const bytes = await files.read(path, 0, stat.size)
    const before = bytes.toString()
    if (!Buffer.from(before).equals(bytes)) return 'It is not UTF-8: an editor would not leave it as it is.'
    const after = await open(before, 'editor', nameFor(path))
    if (after === before) return ''
    const now = await files.stat(path)
    const alone = now.mtimeMs === stat.mtimeMs && now.size === stat.size
    await files.write(alone ? path : `${path}.mine`, Buffer.from(after))
    return alone ? '' : `The file changed meanwhile: your text is ${path}.mine.`
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
}

/** A name that an editor knows the language by, and that no shell or terminal minds. */
function nameFor(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replaceAll(/[^\w.-]/g, '_')
    .slice(-100)
}
