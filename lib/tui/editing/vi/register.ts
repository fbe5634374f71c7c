import type { Piece } from '../draft.ts'
import type { KillRing } from '../kill-ring.ts'

export interface Kept {
  piece: Piece
  /** Whole lines, without the end of the last: they are put back as such. */
  lines: boolean
}

/** What was cut or copied last, be it by vi's commands or by other keys. */
export class Register {
  private readonly ring: KillRing
  private kept: (Kept & { latest: Piece | undefined }) | undefined

  constructor(ring: KillRing) {
    this.ring = ring
  }

  keep(piece: Piece, lines: boolean): void {
    this.ring.add(piece)
    this.kept = { piece, lines, latest: this.ring.latest }
  }

  get contents(): Kept | undefined {
    const { latest } = this.ring
    if (this.kept?.latest === latest) return this.kept
    return latest && { piece: latest, lines: false }
  }
}
