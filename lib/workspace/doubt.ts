import * as fs from 'node:fs/promises'
import { Failure } from '../core/failure.ts'

/** Why nothing is applied that nobody looks at: `happened` may have left something half done. */
export function inDoubt(happened: string, options?: { cause: unknown }): Failure {
  return new Failure(
    'sandbox',
    `Nothing was applied: ${happened}, and what that left may be half done. Look at the changes, then apply or discard them yourself.`,
    options,
  )
}

/**
 * Whether what a workspace holds may be half done: so it is where something was at work and nobody was left to say that it
 * had ended in order. A file says so that lies there meanwhile, for whoever comes after a process that was killed.
 */
export class Doubt {
  private readonly file: string
  /** It was there when the workspace was opened, and the person has not decided since. */
  private left: boolean
  private marked: boolean

  private constructor(file: string, left: boolean) {
    this.file = file
    this.left = this.marked = left
  }

  static async load(file: string): Promise<Doubt> {
    const left = await fs.access(file).then(
      () => true,
      () => false,
    )
    return new Doubt(file, left)
  }

  get isLeft(): boolean {
    return this.left
  }

  /** Something is at work from now on; or all that was has ended in order, which says nothing of what was there before. */
  async atWork(on: boolean): Promise<void> {
    const wanted = on || this.left
    if (wanted === this.marked) return
    if (wanted) await fs.writeFile(this.file, '', { mode: 0o600 })
    else await fs.rm(this.file, { force: true })
    this.marked = wanted
  }

  /** The person has decided on what there is. */
  async clear(): Promise<void> {
    if (!this.left) return
    this.left = false
    await this.atWork(false)
  }

  /** Failure `sandbox` where nothing may be applied that nobody looks at. */
  check(): void {
    if (this.left) throw inDoubt('an earlier session ended while something was at work here')
  }
}
