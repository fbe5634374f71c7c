import { compare, type Place } from './conversation-rows.ts'

/** Milliseconds from one scroll to the next: some twelve a second are as many as an eye can follow. */
const scrollMs = 83

/**
 * Holds back the scrolling of text that streams in. What goes on in the last row is shown at once and costs a few bytes;
 * a scroll writes every row anew, so that those are made less often and further.
 */
export class Pace {
  private last: Place | undefined
  private at = -Infinity
  private timer: NodeJS.Timeout | undefined
  private readonly now: () => number
  private readonly due: () => void

  /** `due` is called when a frame can show what was held back. */
  constructor(now: () => number, due: () => void) {
    this.now = now
    this.due = due
  }

  /** Where the view begins now, if it should begin at `wanted`. */
  start(wanted: Place, streams: boolean): Place {
    const { last } = this
    const wait = this.at + scrollMs - this.now()
    if (!streams || last === undefined || compare(wanted, last) < 0 || wait <= 0 || wait > scrollMs) {
      if (last === undefined || compare(wanted, last) !== 0) this.at = this.now()
      this.last = wanted
      return wanted
    }
    if (compare(wanted, last) > 0) this.timer ??= setTimeout(this.ring, wait)
    return last
  }

  /** The next scroll is made at once: the person has asked for it. */
  forget(): void {
    this.last = undefined
  }

  dispose(): void {
    clearTimeout(this.timer)
  }

  private readonly ring = () => {
    this.timer = undefined
    this.due()
  }
}
