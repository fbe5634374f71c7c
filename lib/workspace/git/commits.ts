import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { HostGit } from './host-git.ts'
import { checkBranch, installPack, setBranch } from './land.ts'
import { gitInside, type OwnGit } from './own.ts'
import { isObjectName, readRefs } from './refs.ts'

/** A commit that the workspace has and the project does not. Its texts are the agent's. */
export interface OwnCommit {
  id: string
  author: string
  /** Milliseconds since 1970. */
  at: number
  subject: string
}

export interface Fetched {
  /** `drydock/NAME` */
  branch: string
  commits: number
}

/** Bytes of the largest pack that is taken out of the sandbox. */
const largest = 2 ** 30

/** Commits that are listed at most. */
const mostListed = 500

/**
 * What the agent committed and the project does not have, the newest first; of the branch that is checked out inside, or
 * of `revision`. Failure `missing` where there is no such, `sandbox`.
 */
export async function ownCommits(sandbox: Sandbox, signal: AbortSignal, revision = 'HEAD'): Promise<OwnCommit[]> {
  const tip = await commitInside(sandbox, signal, revision)
  const fields = ['%H', '%an', '%at', '%s'].join('%x00')
  const args = ['log', '-z', `--max-count=${mostListed}`, `--format=${fields}`, tip, '--not', '--remotes=project', '--']
  const words = (await gitText(sandbox, signal, args)).split('\0')
  const commits: OwnCommit[] = []
  for (let at = 0; at + 4 <= words.length; at += 4) {
    const [id, author, seconds, subject] = words.slice(at, at + 4)
    commits.push({ id: id!, author: author!, at: Number(seconds) * 1000, subject: subject! })
  }
  return commits
}

/**
 * Brings commits of the agent's to the project, as the branch `drydock/NAME`, and touches nothing else of it: not the
 * work tree, the index, HEAD, the configuration, or any other branch.
 *
 * They come out of the sandbox as one stream of objects. Each is checked as strictly as git can, in a repository of our
 * own; what the commits hold, and nothing else, is then packed anew, and that pack and the branch are written as plain
 * files. So no git ever runs on the project or on the workspace.
 *
 * Failure `missing` (no commits, no such revision, no git on this machine), `unsafe` (objects that are broken or
 * dangerous), `conflict` (the branch is there and holds something else), `limit`, `disk`, `sandbox`.
 */
export async function fetchCommits(
  git: OwnGit,
  sandbox: Sandbox,
  { name, revision = 'HEAD', signal }: { name: string; revision?: string; signal: AbortSignal },
): Promise<Fetched> {
  const [repository] = git.repositories
  if (repository === undefined) throw git.problem ?? new Failure('missing', `${git.project} is not a git repository.`)
  const tip = await commitInside(sandbox, signal, revision)
  const refs = await readRefs(repository)
  const host = await HostGit.make(git.folder, repository, { format: tip.length === 64 ? 'sha256' : 'sha1', signal })
  try {
    const known = await present(host, Object.values(refs))
    const revisions = [tip, ...known.map((object) => `^${object}`)].map((word) => `${word}\n`).join('')
    const incoming = join(host.folder, 'incoming')
    await packInside(sandbox, signal, revisions, incoming)
    await checkPack(host, incoming)
    if ((await host.run(['cat-file', '-t', tip])).stdout.trim() !== 'commit') throw broken(`${tip} is no commit`)
    const commits = Number((await must(host, ['rev-list', '--count', '--stdin'], revisions)).trim())
    if (commits === 0) throw new Failure('missing', 'The workspace has no commits that the project does not have.')
    const branch = await checkBranch(repository, name, { refs, tip, host })
    const packed = join(host.folder, 'packed')
    const hash = (await must(host, ['pack-objects', '--revs', '-q', '--delta-base-offset', packed], revisions)).trim()
    if (!isObjectName(hash)) throw broken('they could not be packed')
    await installPack(repository, `${packed}-${hash}`, hash)
    await setBranch(repository, branch, tip)
    return { branch, commits }
  } finally {
    await host.dispose()
  }
}

/** The objects among these that the project really has, each once. */
async function present(host: HostGit, objects: string[]): Promise<string[]> {
  const names = [...new Set(objects.filter(isObjectName))]
  const said = await must(host, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], `${names.join('\n')}\n`)
  return said.split('\n').flatMap((line) => /^(\S+) (?:commit|tag)$/.exec(line)?.[1] ?? [])
}

/** Checks every object that came, and that nothing they hold is missing. */
async function checkPack(host: HostGit, file: string): Promise<void> {
  const handle = await fs.open(file)
  try {
    const args = ['index-pack', '--stdin', '--strict', '--fix-thin', `--max-input-size=${2 * largest}`]
    const { code, stderr } = await host.run(args, handle)
    if (code !== 0) throw broken(stderr.trim().split('\n').at(-1) ?? '')
  } finally {
    await handle.close()
  }
}

async function must(host: HostGit, args: string[], input: string): Promise<string> {
  const { code, stdout, stderr } = await host.run(args, input)
  if (code === 0) return stdout
  throw broken(stderr.trim().split('\n').at(-1) ?? '')
}

function broken(what: string): Failure {
  const said = what.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' ').slice(0, 300)
  return new Failure('unsafe', `The workspace's commits were refused, and nothing was written: ${said}.`)
}

async function commitInside(sandbox: Sandbox, signal: AbortSignal, revision: string): Promise<string> {
  const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`]
  const name = (await gitText(sandbox, signal, args, 1)).trim()
  if (isObjectName(name)) return name
  throw new Failure('missing', `The workspace's git has no commit ${revision}.`)
}

/** What git prints inside, where it ends with 0 or `also`. It is the agent's to say. Failure `sandbox`, `limit`. */
async function gitText(sandbox: Sandbox, signal: AbortSignal, args: string[], also = 0): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  const code = await gitInsideRuns(sandbox, signal, args, '', (chunk) => {
    chunks.push(chunk)
    bytes += chunk.length
    return bytes <= 2 ** 20
  })
  if (code !== 0 && code !== also) throw new Failure('sandbox', "The workspace's git did not answer.")
  return Buffer.concat(chunks).toString()
}

async function packInside(sandbox: Sandbox, signal: AbortSignal, revisions: string, file: string): Promise<void> {
  const handle = await fs.open(file, 'wx', 0o600)
  let bytes = 0
  let writing: Promise<unknown> = Promise.resolve()
  try {
    const args = ['pack-objects', '--revs', '--thin', '--stdout', '--delta-base-offset', '-q']
    const code = await gitInsideRuns(sandbox, signal, args, revisions, (chunk) => {
      bytes += chunk.length
      writing = writing.then(() => handle.write(chunk))
      writing.catch(() => {})
      return bytes <= largest
    })
    await writing
    if (code !== 0) throw new Failure('sandbox', "The workspace's git could not pack its commits.")
  } finally {
    await writing.catch(() => {})
    await handle.close()
  }
}

/** `take` gives false where it wants no more: Failure `limit`. */
async function gitInsideRuns(
  sandbox: Sandbox,
  signal: AbortSignal,
  args: string[],
  input: string,
  take: (chunk: Buffer) => boolean,
): Promise<number | null> {
  const enough = new AbortController()
  const argv = [
    'git',
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'core.fsmonitor=false',
    `--git-dir=${gitInside}`,
    ...args,
  ]
  const { code } = await sandbox.run(argv, {
    cwd: '/',
    input: Buffer.from(input),
    signal: AbortSignal.any([signal, enough.signal]),
    onOutput: (chunk, stream) => {
      if (stream === 'stdout' && !enough.signal.aborted && !take(chunk)) enough.abort()
    },
  })
  signal.throwIfAborted()
  if (enough.signal.aborted) throw new Failure('limit', "What the workspace's git gave is too large to be taken over.")
  return code
}
