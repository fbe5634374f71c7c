import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { pathToBytes } from '../core/paths.ts'
import type { WorkspaceMount } from '../sandbox/container.ts'
import type { Layer } from '../sandbox/mounts.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { Changes } from './changes.ts'
import { copyScript } from './copy.ts'
import { dependencyFolders } from './dependencies.ts'
import { OwnGit } from './git/own.ts'
import type { HostWorkspace } from './host.ts'
import { opaqueFolders } from './opaque.ts'
import { fitSecrets } from './fit.ts'
import { hostWorkspace, locked, treesOf, type WorkspaceOptions } from './open.ts'
import { Masks } from './masks.ts'
import { prune } from './prune.ts'
import type { Store, StoreState } from './store.ts'
import type { Trees } from './walk.ts'

export interface OpenOptions extends WorkspaceOptions {
  /** Whom the work inside belongs to. */
  owner: { uid: number; gid: number }
  /** Starts the sandbox on a workspace made of this, with this in front of the project. */
  start: (mount: WorkspaceMount, masks: Layer) => Promise<Sandbox>
  /** The project's secrets, which the sandbox is not shown; none by default. */
  secrets?: Promise<readonly string[]>
  signal: AbortSignal
  /** Hears one line about what takes long. */
  onStatus?: (text: string) => void
}

/**
 * Opens the project's workspace, the kept one or a new one, with a sandbox on it: an overlay, or where the engine cannot
 * mount one, a copy. The caller disposes both, the sandbox first, and has `git` follow the project's.
 *
 * Errors: `Failure` `busy` where another session has it, `disk` where what was kept is damaged, and whatever `start`
 * throws.
 */
export async function openWorkspace(options: OpenOptions): Promise<OpenedWorkspace> {
  return locked(options, false, async (store, lock) => {
    const git = options.local ? OwnGit.none(store) : await OwnGit.open(store, options.owner)
    const opening = new Opening(options, store, git)
    const { sandbox, state } = await opening.fill()
    try {
      const opaque = mountedOpaque(options.project, sandbox)
      const workspace = await hostWorkspace(options, store, lock, state, opaque, sandbox)
      await workspace.doubtOnlyChanges()
      return { sandbox, git, workspace }
    } catch (error) {
      await sandbox.dispose()
      throw error
    }
  })
}

export interface OpenedWorkspace {
  sandbox: Sandbox
  workspace: HostWorkspace
  git: OwnGit
}

/**
 * Without reading extended attributes: such a folder shows nothing of what the project has in it. The kernel makes a folder
 * one when it is made or comes to its place, so that one that is none stays none.
 */
function mountedOpaque(project: string, { files }: Sandbox): Trees['opaque'] {
  const clear = new Map<string, string>()
  return async (path, hidden, self) => {
    if (clear.get(path) === self) return false
    const folder = `${project}/${path}`
    const shown = await orUnseen(files.stat(`${folder}/${hidden[0]}`))
    if (shown) clear.set(path, self)
    if (shown) return false
    const entries = await orUnseen(files.list(folder))
    const names = new Set(entries?.map(({ name }) => name))
    return entries !== undefined && !hidden.some((name) => names.has(name))
  }
}

/** Undefined for what is not there, or lies in a folder that the work has closed to itself. */
async function orUnseen<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof Failure && (error.code === 'missing' || error.code === 'permission')) return undefined
    throw error
  })
}

interface Filled {
  sandbox: Sandbox
  state: StoreState
}

/** The ways in which a workspace comes to stand, tried in order. */
class Opening {
  private readonly options: OpenOptions
  private readonly store: Store
  private readonly git: OwnGit

  constructor(options: OpenOptions, store: Store, git: OwnGit) {
    this.options = options
    this.store = store
    this.git = git
  }

  async fill(): Promise<Filled> {
    const kept = await this.store.state()
    await this.mask(kept)
    if (kept?.mode === 'overlay' && !this.options.local) return this.takeUpOverlay(kept)
    if (kept?.mode === 'overlay') throw layered(this.store)
    if (kept && (await this.hasChanges(kept))) {
      return { sandbox: await this.startCopy(), state: kept }
    }
    if (kept) return this.fillCopy(kept.apart, true)
    if (this.options.local) return this.newCopy()
    const overlay = await this.newOverlay().catch((error: unknown) => {
      this.options.signal.throwIfAborted() // a session that ends is no overlay that cannot be mounted
      if (error instanceof Failure && error.code === 'sandbox') return undefined
      throw error
    })
    return overlay ?? this.newCopy()
  }

  private async mask(kept: StoreState | undefined): Promise<void> {
    const { store, options } = this
    const secrets = (await options.secrets) ?? []
    const paths = kept ? await fitSecrets(store, kept, secrets, await store.bases()) : secrets
    store.masks = await Masks.lay(store.masks.folder, store.project, paths, options.owner)
  }

  private async takeUpOverlay(kept: StoreState): Promise<Filled> {
    const { store } = this
    const bases = await store.bases()
    const opaque = await opaqueFolders(store.upper)
    const trees = treesOf(
      store,
      kept,
      async (path) => opaque?.has(path) === true,
      (path) => bases.get(path),
    )
    await prune(store.upper, await new Changes(trees, bases, store.objects).collect(), opaque, bases)
    const state = await this.overlayState()
    await store.keepState(state)
    return { sandbox: await this.startOverlay(), state }
  }

  private async newOverlay(): Promise<Filled> {
    const { store } = this
    await fs.rm(store.upper, { recursive: true, force: true })
    await this.makeOwned(store.upper)
    await this.makeOwned(store.work)
    const state = await this.overlayState()
    const sandbox = await this.startOverlay()
    return this.orDispose(sandbox, async () => {
      await this.probe(sandbox)
      await store.keepState(state)
      return { sandbox, state }
    })
  }

  private async newCopy(): Promise<Filled> {
    await fs.rm(this.store.copy, { recursive: true, force: true })
    await this.makeOwned(this.store.copy)
    return this.fillCopy([], false)
  }

  /** `before`: what the copy was made without. The agent may have filled it since. */
  private async fillCopy(before: readonly string[], update: boolean): Promise<Filled> {
    const { store, options } = this
    const apart = [...new Set([...before, ...(options.local ? [] : await dependencyFolders(options.project))])]
    const names = new Set(apart.map((path) => path.slice(path.lastIndexOf('/') + 1)))
    options.onStatus?.(`copying the project${apart.length > 0 ? ` without ${[...names].join(', ')}` : ''}`)
    const openedNs = await store.moment()
    const sandbox = await this.startCopy()
    return this.orDispose(sandbox, async () => {
      await this.copyInside(sandbox, copyScript(apart, { update, ...(options.local && { from: options.project }) }))
      const state: StoreState = { mode: 'copy', openedNs, filledNs: await store.moment(), apart }
      // No mask lies over what was copied where there are no walls.
      if (options.local) await fitSecrets(store, state, store.masks.paths, await store.bases())
      await store.keepState(state)
      return { sandbox, state }
    })
  }

  private startOverlay(): Promise<Sandbox> {
    const { upper, work } = this.store
    return this.start({ kind: 'overlay', lower: this.options.project, upper, work }, upper)
  }

  private startCopy(): Promise<Sandbox> {
    const { copy: source } = this.store
    return this.start({ kind: 'bind', source }, source)
  }

  private async start(mount: WorkspaceMount, top: string): Promise<Sandbox> {
    await this.git.link(top, this.options.owner)
    return this.options.start({ ...mount, beside: this.git.shown }, this.store.masks)
  }

  private async overlayState(): Promise<StoreState> {
    const now = await this.store.moment()
    return { mode: 'overlay', openedNs: now, filledNs: now, apart: [] }
  }

  /** Some engines mount an overlay that this machine does not see; what is written inside has to be found in the upper. */
  private async probe(sandbox: Sandbox): Promise<void> {
    const name = `.drydock-${randomBytes(8).toString('hex')}`
    const file = `${this.options.project}/${name}`
    await sandbox.files.write(file, Buffer.from(name))
    const seen = await fs.readFile(join(this.store.upper, name), 'utf8').catch(() => '')
    await sandbox.files.remove(file)
    if (seen !== name) throw new Failure('sandbox', 'What is written in the overlay does not reach this machine.')
  }

  private async copyInside(sandbox: Sandbox, script: string): Promise<void> {
    let said = ''
    const { local, project } = this.options
    const exit = await sandbox.run(['sh', '-s', local ? this.store.copy : project], {
      input: pathToBytes(script),
      cwd: '/',
      signal: this.options.signal,
      onOutput: (chunk) => void (said = (said + chunk.toString()).slice(-1000)),
    })
    this.options.signal.throwIfAborted()
    if (exit.code === 0) return
    const reason = said.trim().split('\n').at(-1) ?? ''
    throw new Failure('disk', `The project could not be copied into the workspace: ${reason}`)
  }

  private async hasChanges(kept: StoreState): Promise<boolean> {
    const bases = await this.store.bases()
    const trees = treesOf(
      this.store,
      kept,
      async () => false,
      (path) => bases.get(path),
    )
    return (await new Changes(trees, bases, this.store.objects).collect()).changed.length > 0
  }

  private async makeOwned(folder: string): Promise<void> {
    const { mode } = await fs.stat(this.options.project)
    await fs.mkdir(folder, { recursive: true })
    await fs.chmod(folder, (mode & 0o777) | 0o700)
    const { uid, gid } = this.options.owner
    if (process.getuid?.() === 0) await fs.chown(folder, uid, gid)
  }

  private async orDispose<T>(sandbox: Sandbox, work: () => Promise<T>): Promise<T> {
    try {
      this.options.signal.throwIfAborted()
      return await work()
    } catch (error) {
      await sandbox.dispose()
      throw error
    }
  }
}

function layered({ folder }: Store): Failure {
  return new Failure(
    'sandbox',
    `The workspace at ${folder} is no copy, which is needed without a sandbox: take another one with --workspace NAME.`,
  )
}
