/** Something that was acquired and has to be given back. */
export interface Disposable {
  dispose(): void | Promise<void>
}

/** Owns disposables and gives them back in the reverse order. One that throws does not keep the others. */
export class Disposables implements Disposable {
  private owned: Disposable[] = []

  /** Takes ownership, and returns what it was given. */
  add<T extends Disposable>(item: T): T {
    this.owned.push(item)
    return item
  }

  /** Gives everything back; the first error is thrown once all the others had their turn. */
  async dispose(): Promise<void> {
    const errors: unknown[] = []
    while (this.owned.length > 0) {
      try {
        await this.owned.pop()!.dispose()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
