import type { Folder } from './nofollow.ts'
import { type Patience, Patterns } from './patterns.ts'

const maxBytes = 256 * 1024
const fileName = Buffer.from('.gitignore')

/** The rules of the .gitignore files from the root of the project down to one folder. */
export class IgnoreRules {
  private readonly levels: { prefix: string; patterns: Patterns }[]
  private readonly patience: Patience

  constructor(patience: Patience, levels: { prefix: string; patterns: Patterns }[] = []) {
    this.patience = patience
    this.levels = levels
  }

  /** The rules inside the folder at `prefix` (empty, or ending in `/`), whose .gitignore is looked for in `folder`. */
  async within(prefix: string, folder: Folder | undefined): Promise<IgnoreRules> {
    return this.with(prefix, folder ? await readRules(folder) : '')
  }

  /** The same with what the .gitignore of the folder at `prefix` says. */
  with(prefix: string, text: string): IgnoreRules {
    if (text === '') return this
    const patterns = new Patterns(text, this.patience)
    return new IgnoreRules(this.patience, [{ prefix, patterns }, ...this.levels])
  }

  /** `path` is one whose folder is not ignored. The nearest .gitignore that says anything decides, as in git. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { prefix, patterns } of this.levels) {
      const ignored = patterns.ignores(path.slice(prefix.length) + (isFolder ? '/' : ''))
      if (ignored !== undefined) return ignored
    }
    return false
  }
}

async function readRules(folder: Folder): Promise<string> {
  const stat = await folder.stat(fileName)
  if (!stat?.isFile() || stat.size > maxBytes) return ''
  const handle = await folder.file(fileName).catch(() => undefined)
  if (!handle) return ''
  try {
    // No more than it was: it may have become another file, or grow.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Number(stat.size)), 0, Number(stat.size), 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
