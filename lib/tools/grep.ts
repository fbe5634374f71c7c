import type { Hit } from './hits.ts'
import type { Query } from './ripgrep.ts'

/** The command line that searches where an image has no ripgrep: find and grep as even busybox has them. */
export function grepCommand(query: Query): string[] {
  const options = `-Hn${query.fixed ? 'F' : 'E'}${query.ignoreCase ? 'i' : ''}`
  const name = query.glob === undefined ? [] : ['-name', query.glob.replace(/^.*\//, '')]
  const skipped = ['(', '-name', '.git', '-o', '-name', 'node_modules', ')', '!', '-path', query.path, '-prune']
  const grep = ['-exec', 'grep', options, '-e', query.pattern, '--', '{}', '+']
  return ['find', query.path, ...skipped, '-o', '-type', 'f', ...name, ...grep]
}

/** The hit in one line of `grep -Hn`. A name that itself holds `:NUMBER:` is taken to end there; it may not begin so. */
export function grepHits(line: Buffer): Hit[] {
  const found = /^(?:\.\/)?(.+?):(\d+):(.*)$/.exec(line.toString())
  if (!found || found[3]!.includes('\0')) return []
  return [{ path: found[1]!, line: Number(found[2]), text: found[3]!, match: true }]
}
