import ignore, { type Ignore } from 'ignore'
import type { Folder } from './nofollow.ts'

/** More wildcards in one line would let a hostile file keep the matcher busy for minutes; such a line is passed over. */
const maxWildcards = 4
const maxLength = 500
const maxBytes = 256 * 1024
const fileName = Buffer.from('.gitignore')

/** The rules of the .gitignore files from the root of the project down to one folder. */
export class IgnoreRules {
  static readonly none = new IgnoreRules([])
  private readonly levels: { prefix: string; rules: Ignore }[]

  private constructor(levels: { prefix: string; rules: Ignore }[]) {
    this.levels = levels
  }

  /** The rules inside the folder at `prefix` (empty, or ending in `/`), whose .gitignore is looked for in `folder`. */
  async within(prefix: string, folder: Folder | undefined): Promise<IgnoreRules> {
    const text = folder ? await readRules(folder) : ''
    if (text === '') return this
    const rules = ignore({ ignorecase: false }).add(text)
    return new IgnoreRules([{ prefix, rules }, ...this.levels])
  }

  /** `path` is one whose folder is not ignored. The nearest .gitignore that says anything decides, as in git. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { prefix, rules } of this.levels) {
      const result = rules.test(path.slice(prefix.length) + (isFolder ? '/' : ''))
      if (result.ignored) return true
      if (result.unignored) return false
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
    const lines = (await handle.readFile()).toString('utf8').split('\n')
    return lines.filter((line) => line.length <= maxLength && wildcards(line) <= maxWildcards).join('\n')
  } finally {
    await handle.close()
  }
}

function wildcards(line: string): number {
  return line.match(/\*+/g)?.length ?? 0
}
