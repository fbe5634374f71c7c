import { statfs } from 'node:fs/promises'
import type { Disposable } from '../core/dispose.ts'
import { size } from './breach.ts'
import { capture } from './command.ts'

/**
 * Milliseconds from one look at the free space to the next while something may write; where nothing is known to, twice as
 * many after each look at which nothing had moved, and at most so many: what hid itself is met by then. The first is late,
 * since starting comes first.
 */
const lookMs = 500
const idleMs = 4000
const firstMs = 2000
/** Bytes by which the free space must have changed before the folders are measured again. */
const grainBytes = 2 ** 20
/** Where it has changed, they are measured after so many milliseconds, and so many times as long as that took. */
const restMs = 2000
const restTimes = 50
/** Bytes that are left to the machine, whatever the limit allows. */
const reserveBytes = 2 ** 30

export interface DiskOptions {
  /** Folders of the host, on one disk; where there are none, nothing is watched. */
  folders: readonly string[]
  /** Bytes that they may take up. */
  limit: number
  /** Hears as a sentence without a point that they have grown past it; again when they have grown further. */
  onReached: (text: string) => void
}

/**
 * Watches what folders take up. To measure them is slow, to ask for the free space is not: they are measured at once when the
 * disk has lost as much as they had left, and otherwise now and then, since others write and remove there too.
 */
export class DiskWatch implements Disposable {
  /** Bytes, as last measured. */
  used: number | undefined
  private readonly options: DiskOptions
  private readonly life = new AbortController()
  private timer: NodeJS.Timeout | undefined
  private pauseMs = lookMs
  /** How many are at work that may write. */
  private writers = 0
  /** When the next look is due; undefined while one is made, and before the first. */
  private due: number | undefined
  /** Free bytes when it was last measured. */
  private free: number | undefined
  private reserve = 0
  /** When it may be measured again without need. */
  private rested = 0
  /** Past the limit, what was last complained of. */
  private allowed: number

  constructor(options: DiskOptions) {
    this.options = options
    this.allowed = options.limit
    if (options.folders.length > 0) this.timer = setTimeout(() => this.tick(), firstMs).unref()
  }

  dispose(): void {
    clearTimeout(this.timer)
    this.life.abort()
  }

  /** Says that something may write from now on, until what is given is disposed. */
  writing(): Disposable {
    this.writers += 1
    this.hasten()
    let over = false
    return {
      dispose: () => {
        if (!over) this.writers -= 1
        over = true
      },
    }
  }

  private hasten(): void {
    this.pauseMs = lookMs
    if (this.due !== undefined && this.due - performance.now() > lookMs) this.wait()
  }

  private wait(): void {
    clearTimeout(this.timer)
    if (this.life.signal.aborted) return
    this.due = performance.now() + this.pauseMs
    this.timer = setTimeout(() => this.tick(), this.pauseMs).unref()
  }

  private tick(): void {
    this.due = undefined
    this.look()
      .then(
        (moved) => (this.pauseMs = moved || this.writers > 0 ? lookMs : Math.min(this.pauseMs * 2, idleMs)),
        () => {}, // It is being removed, or the session ends.
      )
      .finally(() => this.wait())
  }

  /** True where the free space is not what it was. */
  private async look(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.options.folders[0]!)
    const free = bavail * bsize
    if (this.free === undefined) {
      this.reserve = Math.min(reserveBytes, free / 2)
      await this.measure(free)
      return true
    }
    const lost = this.free - free
    if (Math.abs(lost) < grainBytes) return false
    if (lost > 0 && free < this.reserve) {
      await this.measure(free)
      this.options.onReached(`the disk of this machine is nearly full, ${size(free)} are left`)
    } else if ((this.used ?? 0) + lost > this.allowed || performance.now() > this.rested) {
      await this.measure(free)
      this.judge()
    }
    return true
  }

  private judge(): void {
    const { limit, onReached } = this.options
    if (this.used === undefined) return
    if (this.used <= limit) this.allowed = limit
    if (this.used <= this.allowed) return
    this.allowed = this.used
    onReached(
      `the sandbox's disk limit of ${size(limit)} was reached: its changes, its home and its packages take up ${size(this.used)}`,
    )
  }

  private async measure(free: number): Promise<void> {
    const lost = Math.max(0, (this.free ?? free) - free)
    const began = performance.now()
    const { bytes, whole } = await sizeOf(this.options.folders, this.life.signal)
    // What may not be looked into counts as what the disk has lost since.
    this.used = whole ? bytes : Math.max(bytes, (this.used ?? 0) + lost)
    this.free = free
    const now = performance.now()
    this.rested = now + Math.max(restMs, (now - began) * restTimes)
  }
}

/** What folders take up on their disks, in bytes, links not followed, and whether all of them could be looked into. */
export async function sizeOf(
  folders: readonly string[],
  signal: AbortSignal,
): Promise<{ bytes: number; whole: boolean }> {
  const { code, stdout } = await capture('nice', ['du', '-skx', '--', ...folders], { signal })
  const sizes = stdout.split('\n').map((line) => Number.parseInt(line, 10) * 1024 || 0)
  return { bytes: sizes.reduce((sum, bytes) => sum + bytes, 0), whole: code === 0 }
}
