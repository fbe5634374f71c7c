/** For how long something is said. */
const sayingMs = 2_000

/** What is said on the status line for a moment. */
export class Saying {
  message: string | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly changed: () => void

  /** `changed` hears that there is something else to be shown. */
  constructor(changed: () => void) {
    this.changed = changed
  }

  readonly say = (message: string): void => {
    this.message = message
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.message = undefined
      this.changed()
    }, sayingMs)
    this.changed()
  }

  dispose(): void {
    clearTimeout(this.timer)
  }
}
