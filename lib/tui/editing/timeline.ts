import type { Draft } from './draft.ts'

/** How many steps back are kept. */
const most = 200
/** Whoever goes on typing after so many milliseconds begins a new step. */
const pauseMs = 1_000

/** What can be undone and redone. Changes of one run, each soon after the one before, are one step. */
export class Timeline {
  private readonly past: Draft[] = []
  private readonly future: Draft[] = []
  private run = ''
  private changedAt = -Infinity
  /** Set while all changes are one step; true once that has its beginning. */
  private held: { begun: boolean } | undefined
  private readonly now: () => number

  /** `now`: a clock in milliseconds. */
  constructor(now: () => number) {
    this.now = now
  }

  /** Keeps what was before a change. `run` names what goes on, as typing a word does; empty: a step of its own. */
  keep(before: Draft, run: string): void {
    const now = this.now()
    const goesOn = this.held ? this.held.begun : run !== '' && run === this.run && now - this.changedAt < pauseMs
    if (this.held) this.held.begun = true
    this.future.length = 0
    this.run = run
    this.changedAt = now
    if (goesOn) return
    this.past.push(before)
    if (this.past.length > most) this.past.shift()
  }

  /** The draft before the last step; undefined where there is none. */
  undo(present: Draft): Draft | undefined {
    return this.go(this.past, this.future, present)
  }

  redo(present: Draft): Draft | undefined {
    return this.go(this.future, this.past, present)
  }

  /** The next change begins a step. */
  break(): void {
    this.run = ''
  }

  /** From here to `release` every change belongs to one step. */
  hold(): void {
    this.held ??= { begun: false }
  }

  release(): void {
    this.held = undefined
    this.run = ''
  }

  clear(): void {
    this.past.length = this.future.length = 0
    this.release()
  }

  private go(from: Draft[], to: Draft[], present: Draft): Draft | undefined {
    const found = from.pop()
    if (found === undefined) return undefined
    to.push(present)
    this.release()
    return found
  }
}
