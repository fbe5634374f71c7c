/** What a drag selects by: characters, or after two clicks words, after three lines. */
export type Unit = 'character' | 'word' | 'line'

/** From one place up to another, that one not included. */
export interface Range<P> {
  from: P
  to: P
}

/**
 * What is selected of a text: all from what was pressed on to what the pointer is on, by characters, words or lines. It is
 * held by places `P` of the text, so that it stays on the same words wherever the view is.
 */
export abstract class Selection<P> {
  private anchor: Range<P> | undefined
  private head: Range<P> | undefined
  private unit: Unit = 'character'

  /** The character, word or line that a place is in; undefined where there is none. */
  protected abstract around(place: P, unit: Unit): Range<P> | undefined

  /** Which of two places comes first: negative for `a`. */
  protected abstract compare(a: P, b: P): number

  /** What is copied of it; empty where nothing is selected. */
  abstract text(): string

  clear(): void {
    this.anchor = this.head = undefined
  }

  /** Selects what a place is in. False where that is nothing. */
  begin(place: P, unit: Unit): boolean {
    this.unit = unit
    this.anchor = this.head = this.around(place, unit)
    return this.anchor !== undefined
  }

  extend(place: P): void {
    if (this.anchor !== undefined) this.head = this.around(place, this.unit) ?? this.head
  }

  cover(range: Range<P>): void {
    this.anchor = this.head = range
  }

  /** From its first place to its last, whichever way it was drawn. */
  get range(): Range<P> | undefined {
    const { anchor, head } = this
    if (anchor === undefined || head === undefined) return undefined
    const from = this.compare(anchor.from, head.from) <= 0 ? anchor.from : head.from
    const to = this.compare(anchor.to, head.to) >= 0 ? anchor.to : head.to
    return { from, to }
  }
}
