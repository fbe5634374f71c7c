/** How often what counts and turns is drawn, while something does. */
const tickMs = 100

/** Draws what counts and turns again and again, while something does: an idle screen draws nothing. */
export class Ticker {
  private timer: NodeJS.Timeout | undefined
  private readonly tick: () => void

  constructor(tick: () => void) {
    this.tick = tick
  }

  run(isMoving: boolean): void {
    if (isMoving) this.timer ??= setInterval(this.tick, tickMs)
    else this.dispose()
  }

  dispose(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }
}
