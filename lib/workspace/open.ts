import { existsSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { Checkpoints } from './checkpoint.ts'
import { HostWorkspace } from './host.ts'
import { Journal } from './journal.ts'
import { Lock } from './lock.ts'
import { opaqueFolders } from './opaque.ts'
import type { OnAct } from './place.ts'
import { Records } from './records.ts'
import { asFailure } from './as-failure.ts'
import { Store, type StoreState } from './store.ts'
import type { Trees } from './walk.ts'
import { WriteLock } from './write-lock.ts'

export interface WorkspaceOptions {
  /** Absolute path of the project. */
  project: string
  /** The folder in which this project's workspace is kept; made where it is missing. */
  store: string
  /** The folder of what the project's workspaces share; the same one where absent. */
  shared?: string
  /** The right to the workspace, where the caller has it already; taken over. */
  lock?: Pick<Lock, 'release'>
  /** Without walls: a copy that is worked on where it lies, and without a git. */
  local?: boolean
  /** Bytes that the workspace may take on the disk; no limit where absent. */
  diskLimit?: number
  /** Heard before each act of an application that changes the disk. */
  onAct?: OnAct
}

/**
 * The kept workspace without a sandbox, while no session runs: it can be looked at and applied. Errors as above.
 */
export async function readWorkspace(options: WorkspaceOptions): Promise<HostWorkspace> {
  return locked(options, true, async (store, lock) => {
    const now = await store.moment()
    const state = (await store.state()) ?? { mode: 'overlay', openedNs: now, filledNs: now, apart: [] }
    if (state.mode === 'overlay') await fs.mkdir(store.upper, { recursive: true, mode: 0o700 })
    return hostWorkspace(options, store, lock, state, unmountedOpaque(store.upper))
  })
}

/** Completes an application that a crash interrupted. Called with the lock held. */
export async function recover(store: Store, writing: WriteLock): Promise<void> {
  // A project that is not there may come back, as a disk does that is mounted again.
  if (!existsSync(store.journal) || !existsSync(store.project)) return
  const journal = new Journal(store.journal, store.project, store.objects)
  await writing.during(async () => {
    const outcomes = await journal.recover()
    if (outcomes.length === 0) return
    await new Records(await store.bases(), await store.ledger()).note(outcomes)
    await journal.close()
  })
}

/** `brief`: without a person who works in it, who would have to end first. */
export async function locked<T>(
  options: WorkspaceOptions,
  brief: boolean,
  work: (store: Store, lock: Pick<Lock, 'release'>) => Promise<T>,
): Promise<T> {
  try {
    const store = await Store.open(options.store, options.project)
    const lock = options.lock ?? (await Lock.take(store.lock, { brief }))
    try {
      await recover(store, writeLockOf(options))
      return await work(store, lock)
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    throw asFailure(error, options.store, options.project)
  }
}

export async function hostWorkspace(
  options: WorkspaceOptions,
  store: Store,
  lock: Pick<Lock, 'release'>,
  state: StoreState,
  opaque: Trees['opaque'],
  sandbox?: Sandbox,
): Promise<HostWorkspace> {
  const [bases, ledger] = [await store.bases(), await store.ledger()]
  return new HostWorkspace({
    trees: treesOf(store, state, opaque, (path) => bases.get(path)),
    root: options.local ? store.copy : store.project,
    records: new Records(bases, ledger),
    objects: store.objects,
    checkpoints: new Checkpoints(store.checkpoints, store.objects, ledger),
    journal: new Journal(store.journal, store.project, store.objects),
    lock,
    doubt: await store.doubt(),
    writing: writeLockOf(options),
    store: store.folder,
    sandbox,
    diskLimit: options.diskLimit,
    onAct: options.onAct,
  })
}

function writeLockOf({ shared, store }: WorkspaceOptions): WriteLock {
  return new WriteLock(join(shared ?? store, 'writing'))
}

export function treesOf(store: Store, state: StoreState, opaque: Trees['opaque'], base: Trees['base']): Trees {
  const workspace = state.mode === 'overlay' ? store.upper : store.copy
  return { project: store.project, workspace, masks: store.masks, ...state, opaque, base }
}

function unmountedOpaque(upper: string): Trees['opaque'] {
  let found: ReturnType<typeof opaqueFolders> | undefined
  return async (path) => {
    found ??= opaqueFolders(upper)
    return (await found)?.has(path) === true
  }
}
