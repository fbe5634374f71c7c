/**
 * Lets `burst` through at once, and from then on so many a second; whoever comes sooner waits, in order. What is logged for
 * each of them has an end by that, however fast somebody inside can ask.
 */
export class Turnstile {
  private readonly stepMs: number
  private readonly aheadMs: number
  private readonly now: () => number
  /** When the next would come if all had kept the pace. */
  private next = 0

  constructor({ burst, perSecond }: { burst: number; perSecond: number }, now = () => performance.now()) {
    this.stepMs = 1000 / perSecond
    this.aheadMs = burst * this.stepMs
    this.now = now
  }

  /** Milliseconds that this one has to wait; 0 within the burst. */
  take(): number {
    const now = this.now()
    this.next = Math.max(now, this.next) + this.stepMs
    return Math.max(0, this.next - now - this.aheadMs)
  }

  async pass(): Promise<void> {
    const ms = this.take()
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  }
}
