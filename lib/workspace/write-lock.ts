import { Lock } from './lock.ts'

/** Lets one process at a time write to a project, whichever workspace the changes are from. */
export class WriteLock {
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  /** Waits for whoever writes now. Failure `busy` where that takes too long. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const lock = await Lock.take(this.file, { brief: true })
    try {
      return await work()
    } finally {
      await lock.release()
    }
  }
}
