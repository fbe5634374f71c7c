import { posix } from 'node:path'
import { Failure } from '../core/failure.ts'
import { pathFromBytes } from '../core/paths.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'

/** Beyond this nobody finds a file by a list. */
export const mostPaths = 500_000

/** Bytes of the longest path that Linux takes, and what git says before it. */
const longestPath = 4096 + 2

/** Of each path git says what it is (-t): `R` stands before what it knows and is gone. */
const gitListing = 'git --no-optional-locks -c core.fsmonitor=false ls-files -z -t -cod --exclude-standard'.split(' ')

const ripgrepListing = [
  'sh',
  '-c',
  `command -v rg >/dev/null 2>&1 || exit 127; exec rg --no-config --files --hidden --no-require-git --null --glob '!.git'`,
]

/**
 * The files of the workspace that no .gitignore names, as paths from its root, in no order that is promised; at most
 * `mostPaths`. git tells them, which knows what it tracks without looking; ripgrep where the workspace is no repository.
 * Undefined where there is neither. What comes is taken in as it comes, so that nobody waits for it. Failure `sandbox`, or
 * the signal's reason.
 */
export async function workspacePaths(
  sandbox: Pick<Sandbox, 'run'>,
  root: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  for (const [argv, tagged] of [
    [gitListing, true],
    [ripgrepListing, false],
  ] as const) {
    const paths = new PathList(tagged)
    const enough = new AbortController()
    const exit = await sandbox.run(argv.slice(), {
      signal: AbortSignal.any([signal, enough.signal]),
      cwd: root,
      // A repository above the workspace is not the workspace's.
      env: { GIT_CEILING_DIRECTORIES: posix.dirname(root) },
      onOutput: (chunk, stream) => {
        if (stream === 'stdout' && !enough.signal.aborted) paths.take(chunk)
        if (paths.count >= mostPaths) enough.abort()
      },
    })
    signal.throwIfAborted()
    if (exit.reason === 'lost') throw new Failure('sandbox', 'The sandbox went away while its files were listed.')
    // ripgrep's 1 says that there are none.
    if (enough.signal.aborted || exit.code === 0 || (!tagged && exit.code === 1)) return paths.known()
  }
  return undefined
}

/** Takes in paths with a NUL after each, wherever they were cut; `tagged`: with git's letter and a space before each. */
class PathList {
  private readonly tagged: boolean
  private readonly present = new Set<string>()
  private rest: Buffer = Buffer.alloc(0)

  constructor(tagged: boolean) {
    this.tagged = tagged
  }

  get count(): number {
    return this.present.size
  }

  take(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk
    let from = 0
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
      this.add(bytes.subarray(from, end))
      from = end + 1
    }
    // No path is longer: what has no end is none.
    this.rest = Buffer.from(bytes.subarray(from, from + longestPath))
  }

  known(): string[] {
    return [...this.present]
  }

  private add(line: Buffer): void {
    const path = pathFromBytes(this.tagged ? line.subarray(2) : line)
    if (this.tagged && line[0] === 'R'.charCodeAt(0)) this.present.delete(path)
    // What ends in / is a repository of its own.
    else if (path !== '' && !path.endsWith('/')) this.present.add(path)
  }
}
