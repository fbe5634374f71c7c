/** Milliseconds from one fact to the next, and characters of what it holds: no more reaches a screen than it can show. */
const flushMs = 16
const most = 65_536

/** What of a terminal's output the screen is told at a time. */
export interface Piece {
  text: string
  /** There was more before it, which is not told. */
  skipped?: true
}

/**
 * Gathers what a terminal shows into pieces that are few and small, however fast it comes. What is too much is held back
 * from the programs where somebody waits for it (`lossless`); else it is left out, all but the end, and slows nobody down.
 */
export class Feed {
  private readonly emit: (piece: Piece) => void
  private readonly pause: (on: boolean) => void
  private pending: string[] = []
  private length = 0
  private skipped = false
  private paused = false
  private timer: NodeJS.Timeout | undefined
  private flushedAt = -Infinity
  lossless = false

  constructor(emit: (piece: Piece) => void, pause: (on: boolean) => void) {
    this.emit = emit
    this.pause = pause
  }

  push(text: string): void {
    this.pending.push(text)
    this.length += text.length
    if (this.length > most) this.hold()
    // What comes after a silence, as the echo of a key, is told at once.
    const wait = this.flushedAt + flushMs - performance.now()
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, wait))
  }

  dispose(): void {
    clearTimeout(this.timer)
  }

  private hold(): void {
    if (this.lossless) {
      if (!this.paused) this.pause(true)
      this.paused = true
      return
    }
    if (this.length < 2 * most) return
    this.pending = [this.pending.join('').slice(-most)]
    this.length = most
    this.skipped = true
  }

  private flush(): void {
    this.timer = undefined
    this.flushedAt = performance.now()
    const all = this.pending.join('')
    this.pending = []
    this.length = 0
    const cut = !this.lossless && all.length > most
    const text = cut ? all.slice(-most) : all
    const skipped = cut || this.skipped
    this.skipped = false
    if (this.paused) this.pause(false)
    this.paused = false
    this.emit(skipped ? { text, skipped: true } : { text })
  }
}
