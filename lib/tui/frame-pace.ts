/** Milliseconds from one frame to the next, where no key asks for it: more than 30 a second nobody reads. */
const frameMs = 1000 / 30

/** When the frames are drawn that were asked for. */
export class FramePace {
  private readonly draw: () => void
  private timer: NodeJS.Timeout | undefined
  private soon: NodeJS.Immediate | undefined
  private lastMs = 0
  private asked = false
  private waiting = false

  constructor(draw: () => void) {
    this.draw = draw
  }

  /** Whether a frame was asked for since the last one began. */
  get isAsked(): boolean {
    return this.asked
  }

  /** Keeps in mind that a frame is wanted, without a time for it. */
  note(): void {
    this.asked = true
  }

  /** What a key changes is seen at once; everything else waits for its turn. */
  ask(byKey: boolean): void {
    this.asked = true
    if (this.soon !== undefined) return
    const wait = this.lastMs + frameMs - steadyMs()
    if (byKey || wait <= 0) this.soon = setImmediate(this.draw)
    else this.timer ??= setTimeout(this.draw, wait)
  }

  begin(): void {
    this.asked = false
    this.lastMs = steadyMs()
  }

  /** A slow terminal gets fewer frames, each of which shows the latest; `whenFree` calls back once it takes more. */
  wait(whenFree: (callback: () => void) => void): void {
    if (this.waiting) return
    this.waiting = true
    whenFree(() => {
      this.waiting = false
      this.draw()
    })
  }

  cancel(): void {
    clearTimeout(this.timer)
    clearImmediate(this.soon)
    this.timer = this.soon = undefined
  }
}

/** Milliseconds of a clock that nobody sets. `performance` would be loaded for it alone, before the first frame. */
export function steadyMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1_000_000
}
