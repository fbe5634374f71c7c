/** Rows at places `P`, one after the other. Only what is walked over is laid out. */
export interface Rows<P> {
  /** The place so many rows further or, below 0, further up; at most at either end. */
  moved(from: P, by: number): P
  /** Which of two places comes first: negative for `a`. */
  compare(a: P, b: P): number
}

/** The part of something long that is in view. */
export abstract class Viewport<P> {
  /** Rows that there is room for. */
  height = 1
  /** The rows of the last frame. */
  shown: P[] = []
  protected readonly walked: Rows<P>

  constructor(walked: Rows<P>) {
    this.walked = walked
  }

  /** The first row in view, as it is now. */
  abstract start(): P

  /** Lets the view begin at a place, or at the last that fills it. */
  abstract show(at: P): void

  /** Moves the view; a positive number towards the end. */
  scroll(by: number): void {
    this.show(this.walked.moved(this.start(), by))
  }

  isShown(place: P): boolean {
    return this.shown.some((one) => this.walked.compare(one, place) === 0)
  }

  /** Brings a place into view, with something of what is above it. */
  reveal(place: P): void {
    if (!this.isShown(place)) this.show(this.walked.moved(place, -Math.floor(this.height / 3)))
  }
}
