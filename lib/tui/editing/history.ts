import { empty, plain, type Draft } from './draft.ts'

/** What was sent, the latest last, and a place in it: stepped through like lines of a shell. */
export class History {
  private readonly earlier: () => readonly string[]
  private loaded: Draft[] | undefined
  private place: number | undefined
  /** What was being written when the stepping began. */
  private kept: Draft = empty

  /** `earlier`: what was sent before this session, the latest last; read when it is first wanted. */
  constructor(earlier: () => readonly string[]) {
    this.earlier = earlier
  }

  /** Each text once, the latest first. */
  texts(): Draft[] {
    const seen = new Map(this.sent.toReversed().map((draft) => [draft.text, draft]))
    return [...seen.values()]
  }

  add(draft: Draft): void {
    const last = this.sent.at(-1)
    const again = last?.text === draft.text && last.chips.length === 0
    if (!again) this.sent.push({ text: draft.text, chips: draft.chips, cursor: draft.text.length })
    this.leave()
  }

  /**
   * A step to an older one (-1) or a newer one (+1), and at last back to what was being written, which is `present` at the
   * first step. Undefined where there is none.
   */
  step(by: -1 | 1, present: Draft): Draft | undefined {
    const at = (this.place ?? this.sent.length) + by
    if (at < 0 || at > this.sent.length) return undefined
    if (this.place === undefined) this.kept = present
    this.place = at === this.sent.length ? undefined : at
    return this.sent[at] ?? this.kept
  }

  /** The next step begins at the latest again. */
  leave(): void {
    this.place = undefined
  }

  private get sent(): Draft[] {
    return (this.loaded ??= this.earlier().map((text) => ({ ...plain(text), cursor: text.length })))
  }
}
