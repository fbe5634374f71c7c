import type { Bus } from '../core/bus.ts'
import type { Change } from '../core/changes.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Paths } from '../tui/source.ts'

/** A list that is younger than this is not made anew, in milliseconds. */
const freshMs = 2_000

export interface KnownPathsOptions {
  bus: Bus
  /** Lists all of them. */
  list(signal: AbortSignal): Promise<string[]>
  /** A clock in milliseconds. */
  now(): number
}

/** The paths of the workspace: listed when somebody looks, and kept true by the changes that are told meanwhile. */
export class KnownPaths implements Paths, Disposable {
  whole = false
  private readonly options: KnownPathsOptions
  private readonly owned = new Disposables()
  private readonly life = new AbortController()
  private readonly listeners = new Set<() => void>()
  private listed: readonly string[] = []
  private changes: readonly Change[] = []
  private merged: readonly string[] | undefined = []
  private listing = false
  private listedAt = -Infinity

  constructor(options: KnownPathsOptions) {
    this.options = options
    const { bus } = options
    this.owned.add(
      bus.on('workspace.changed', ({ changes }) => {
        this.changes = changes
        this.tell()
      }),
    )
    // Another sandbox, or one at all, may know better.
    this.owned.add(bus.on('sandbox.status', () => (this.listedAt = -Infinity)))
  }

  get known(): readonly string[] {
    return (this.merged ??= this.merge())
  }

  refresh(): void {
    if (this.listing || this.options.now() - this.listedAt < freshMs) return
    this.listing = true
    this.listedAt = this.options.now()
    this.options
      .list(this.life.signal)
      .then(
        (paths) => {
          this.listed = paths
          this.whole = true
          this.tell()
        },
        () => (this.listedAt = -Infinity), // the sandbox says itself what is wrong with it
      )
      .finally(() => (this.listing = false))
  }

  onChange(listener: () => void): Disposable {
    this.listeners.add(listener)
    return { dispose: () => void this.listeners.delete(listener) }
  }

  async dispose(): Promise<void> {
    this.life.abort()
    this.listeners.clear()
    await this.owned.dispose()
  }

  private tell(): void {
    this.merged = undefined
    for (const listener of this.listeners) listener()
  }

  private merge(): readonly string[] {
    const gone = new Set<string>()
    const there = new Set<string>()
    for (const { path, kind, from, type } of this.changes) {
      if (kind === 'deleted') gone.add(path)
      else if (type !== 'directory') there.add(path)
      if (kind === 'renamed' && from !== undefined) gone.add(from)
    }
    if (gone.size + there.size === 0) return this.listed
    return [...there, ...this.listed.filter((path) => !gone.has(path) && !there.has(path))]
  }
}
