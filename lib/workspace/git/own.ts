import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { pathToBytes } from '../../core/paths.ts'
import type { HostFolder } from '../../sandbox/mounts.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { letOwnerIn } from '../let-in.ts'
import { Folder } from '../nofollow.ts'
import type { Store } from '../store.ts'
import { configText, formatOf } from './config.ts'
import { keepGiven, readGiven } from './given.ts'
import { followLines, followScript } from './follow.ts'
import { repositoriesOf, type Repository } from './repository.ts'
import { type Given, givenOf, type GitState, readIndex, readState, settingsFile } from './state.ts'

/** Where the workspace's git lies inside; its `.git` is a link to it. */
export const gitInside = '/git'

/** Milliseconds that bringing it in line may take inside. */
const patienceMs = 60_000

/**
 * The workspace's own git: HEAD, refs, index and the objects that the agent makes. Of the project's it is shown the
 * objects, read-only. It lies in the workspace's store and is the agent's: this machine runs no git on it, and writes
 * it only from inside.
 */
export class OwnGit {
  /** What has to be shown inside for it. */
  readonly shown: HostFolder[]
  /** Why the workspace has no git although the project has. */
  readonly problem: Failure | undefined
  readonly repositories: readonly Repository[]
  /** The project, and the folder of the workspace's store. */
  readonly project: string
  readonly folder: string
  private readonly store: Store
  private readonly given: Map<string, Given>
  private readonly stood = new Set<string>()
  private queue: Promise<unknown> = Promise.resolve()

  private constructor(
    store: Store,
    parts: { repositories?: Repository[]; problem?: Failure; given?: Map<string, Given>; hidden?: HostFolder[] },
  ) {
    this.store = store
    this.project = store.project
    this.folder = store.folder
    this.repositories = parts.repositories ?? []
    this.problem = parts.problem
    this.given = parts.given ?? new Map()
    this.shown = this.repositories.length > 0 ? shownOf(store, this.repositories) : (parts.hidden ?? [])
  }

  /** No git in the workspace. */
  static none(store: Store): OwnGit {
    return new OwnGit(store, {})
  }

  /** Reads what the project has, and makes the place in the store. Failure `limit`, `disk`. */
  static async open(store: Store, owner: { uid: number; gid: number }): Promise<OwnGit> {
    try {
      const repositories = await repositoriesOf(store.project)
      if (repositories === undefined) return await OwnGit.unread(store, owner)
      await makeOwned([store.git, store.nothing], owner)
      return new OwnGit(store, { repositories, given: await readGiven(store) })
    } catch (error) {
      if (error instanceof Failure && error.code !== 'unsafe') throw error
      return OwnGit.unread(store, owner, error instanceof Failure ? error : unreadable(error))
    }
  }

  /** What cannot be read as a repository is not shown inside: its config may hold secrets all the same. */
  private static async unread(store: Store, owner: { uid: number; gid: number }, reason?: Failure): Promise<OwnGit> {
    const path = join(store.project, '.git')
    const isFolder = await fs.lstat(path).then(
      (stat) => stat.isDirectory(),
      () => false,
    )
    const problem = reason ?? (isFolder ? unreadable(new Error(`${path} is no repository`)) : undefined)
    if (!isFolder) return new OwnGit(store, { problem })
    await makeOwned([store.nothing], owner)
    return new OwnGit(store, { problem, hidden: [hiding(store)] })
  }

  /**
   * Makes the link in `top`, the folder of the host that holds the workspace's top and is not mounted. What else stands
   * there goes; a repository that the agent made is laid aside in the store, or left where the project has none.
   */
  async link(top: string, owner: { uid: number; gid: number }): Promise<void> {
    const name = Buffer.from('.git')
    const folder = await Folder.open(top)
    try {
      const stat = await folder.stat(name)
      const isOurs = stat?.isSymbolicLink() === true && (await folder.target(name)).toString() === gitInside
      const wanted = this.repositories.length > 0 || this.problem !== undefined
      if (isOurs === wanted) return
      if (stat?.isDirectory()) {
        if (!wanted) return
        // What may not be written is not moved.
        await letOwnerIn(join(top, '.git'))
        await fs.rename(join(top, '.git'), join(this.store.folder, `git-aside-${Date.now()}`))
      } else if (stat !== undefined && (wanted || isOurs)) await folder.unlink(name)
      if (!wanted) return
      await folder.makeLink(name, Buffer.from(gitInside))
      if (process.getuid?.() === 0) await folder.own(name, owner.uid, owner.gid)
    } finally {
      await folder.dispose()
    }
  }

  /**
   * Brings the workspace's git in line with the project's: what the person committed, switched to, fetched or staged is
   * there, and what the agent did by itself stays. Runs nothing where nothing has changed. Failure `sandbox`.
   */
  follow(sandbox: Sandbox): Promise<void> {
    const done = this.queue.then(() => this.followNow(sandbox)).catch(asFailure)
    this.queue = done.catch(() => undefined)
    return done
  }

  private async followNow(sandbox: Sandbox): Promise<void> {
    let lines = ''
    const next = new Map<string, Given>()
    for (const repository of this.repositories) {
      const state = await readState(repository)
      const now = givenOf(state)
      const before = await this.standing(sandbox, repository)
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(now)) continue
      const folder = insideOf(repository)
      const given = before ?? (await make(sandbox, repository, state))
      await handFiles(sandbox, folder, { given, state, now })
      if (given.indexStamp !== state.indexStamp) await handIndex(sandbox, folder, repository)
      lines += followLines(folder, given, state)
      next.set(repository.name, now)
    }
    if (lines === '') return
    await run(sandbox, lines)
    if (next.has('')) await skipMasked(sandbox, this.store)
    for (const [name, given] of next) this.given.set(name, given)
    await keepGiven(this.store, this.given)
  }

  /** What a repository of the workspace was given last; undefined where it has to be made. */
  private async standing(sandbox: Sandbox, repository: Repository): Promise<Given | undefined> {
    const { name } = repository
    const given = this.given.get(name)
    if (given === undefined || this.stood.has(name)) return given
    const found = await sandbox.files.stat(`${insideOf(repository)}/HEAD`).catch(unlessMissing)
    this.stood.add(name)
    return found && given
  }
}

function unreadable(cause: unknown): Failure {
  return new Failure('unsafe', `There is no git in the workspace: ${(cause as Error).message}.`, { cause })
}

/** Of the project's own git folder nothing is shown but the objects: its config may hold secrets. */
function shownOf(store: Store, repositories: readonly Repository[]): HostFolder[] {
  const [own, ...modules] = repositories
  const shown = repositories.map((one) => ({ source: join(one.common, 'objects'), target: objectsInside(one) }))
  const isFolder = own!.dir === join(store.project, '.git')
  return [
    { source: store.git, target: gitInside, write: true },
    ...shown,
    ...(isFolder ? [hiding(store)] : []),
    // The submodules of a linked work tree name their folders by the place on the host.
    ...(!isFolder && modules.length > 0 ? [{ source: store.git, target: own!.dir, write: true }] : []),
  ]
}

function hiding(store: Store): HostFolder {
  return { source: store.nothing, target: '/project/.git' }
}

async function makeOwned(folders: readonly string[], { uid, gid }: { uid: number; gid: number }): Promise<void> {
  for (const folder of folders) {
    await fs.mkdir(folder, { recursive: true, mode: 0o755 })
    if (process.getuid?.() === 0) await fs.chown(folder, uid, gid)
  }
}

function objectsInside({ name }: Repository): string {
  return `/git-objects/${name === '' ? 'project' : name.replaceAll('/', ':')}`
}

function insideOf({ name }: Repository): string {
  return name === '' ? gitInside : `${gitInside}/${name}`
}

/** Makes a repository inside, in the place of what is left there, that knows all that the project has but the index. */
async function make(sandbox: Sandbox, repository: Repository, state: GitState): Promise<Given> {
  const folder = insideOf(repository)
  const { head, refs, settings } = state
  const config = [
    ...formatOf(settings),
    { key: 'core.bare', value: 'false' },
    // Of a file only what copies and overlays keep is compared.
    { key: 'core.checkstat', value: 'minimal' },
    { key: 'core.trustctime', value: 'false' },
    { key: 'core.untrackedcache', value: 'false' },
    { key: 'core.fsmonitor', value: 'false' },
    { key: 'include.path', value: settingsFile },
  ]
  const packed = Object.entries(refs).flatMap(([name, object]) => {
    if (object.startsWith('ref:')) return []
    const branch = /^refs\/heads\/(.+)$/.exec(name)?.[1]
    return [`${object} ${name}\n`, ...(branch === undefined ? [] : [`${object} refs/remotes/project/${branch}\n`])]
  })
  const left = await sandbox.files.list(folder).catch(unlessMissing)
  for (const { name } of left ?? []) await sandbox.files.remove(`${folder}/${name}`, { recursive: true })
  const put = (name: string, text: string) => sandbox.files.write(`${folder}/${name}`, Buffer.from(text))
  await put('objects/info/alternates', `${objectsInside(repository)}\n`)
  await put('refs/heads/.keep', '')
  await put('packed-refs', packed.join(''))
  await put('config', configText(config))
  await put('HEAD', head.startsWith('refs/') ? `ref: ${head}\n` : `${head}\n`)
  const known = Object.entries(refs).filter(([, object]) => !object.startsWith('ref:'))
  return { head, refs: Object.fromEntries(known), files: {}, indexStamp: '' }
}

async function handFiles(
  { files }: Sandbox,
  folder: string,
  { given, state, now }: { given: Given; state: GitState; now: Given },
): Promise<void> {
  for (const [name, bytes] of Object.entries(state.files))
    if (given.files[name] !== now.files[name]) await files.write(`${folder}/${name}`, bytes)
  for (const name of Object.keys(given.files)) {
    if (name in now.files) continue
    await files.remove(`${folder}/${name}`).catch(unlessMissing)
  }
}

async function handIndex({ files }: Sandbox, folder: string, repository: Repository): Promise<void> {
  const index = await readIndex(repository)
  if (index !== undefined) await files.write(`${folder}/drydock/index`, index)
}

/**
 * What stands for a secret that git tracks is no change to git, and in no commit of the agent's. A path that is not in the
 * index is a complaint of git's that nobody minds.
 */
async function skipMasked(sandbox: Sandbox, { masks, project }: Store): Promise<void> {
  if (masks.paths.length === 0) return
  const git = ['git', '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', `--git-dir=${gitInside}`]
  await sandbox.run(['xargs', '-0', '-n', '1', ...git, '--work-tree=.', 'update-index', '--skip-worktree', '--'], {
    cwd: project,
    input: Buffer.concat(masks.paths.flatMap((path) => [pathToBytes(path), Buffer.from([0])])),
    signal: AbortSignal.timeout(patienceMs),
  })
}

async function run(sandbox: Sandbox, lines: string): Promise<void> {
  let said = ''
  const exit = await sandbox.run(['sh', '-c', followScript], {
    cwd: '/',
    input: Buffer.from(lines),
    signal: AbortSignal.timeout(patienceMs),
    onOutput: (chunk) => void (said = (said + chunk.toString()).slice(-1000)),
  })
  if (exit.code === 0) return
  const reason = said.trim().split('\n').at(-1) ?? ''
  throw new Failure('sandbox', reason === '' ? `git ended as ${exit.reason}.` : reason)
}

function asFailure(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new Failure(
    'sandbox',
    `The workspace's git does not follow the project's: ${reason} Where it is broken, \`rm -rf /git/*\` inside has it made anew by the next session.`,
    { cause },
  )
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === 'missing')) throw error
}
