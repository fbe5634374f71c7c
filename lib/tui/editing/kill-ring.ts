import type { Piece } from './draft.ts'

/** How many cuts are kept. */
const most = 60

/** What was cut, the latest last; as in Emacs, cuts in a row are one, and what was put back can be exchanged. */
export class KillRing {
  private readonly kept: Piece[] = []
  /** Which one was put back last, counted from the latest. */
  private turned = 0

  /** `before`, `after`: goes on from the cut before it, at that end. */
  add(piece: Piece, goesOn?: 'before' | 'after'): void {
    if (piece.text === '') return
    const last = goesOn === undefined ? undefined : this.kept.pop()
    if (last === undefined) this.kept.push(piece)
    else this.kept.push(goesOn === 'before' ? joined(piece, last) : joined(last, piece))
    if (this.kept.length > most) this.kept.shift()
    this.turned = 0
  }

  /** The latest. */
  get latest(): Piece | undefined {
    this.turned = 0
    return this.kept.at(-1)
  }

  /** The one before that was given last; after the oldest comes the latest. */
  turn(): Piece | undefined {
    if (this.kept.length === 0) return undefined
    this.turned = (this.turned + 1) % this.kept.length
    return this.kept.at(-1 - this.turned)
  }
}

function joined(first: Piece, second: Piece): Piece {
  return { text: first.text + second.text, chips: [...first.chips, ...second.chips] }
}
