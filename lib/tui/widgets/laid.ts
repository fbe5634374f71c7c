import type { Tone } from '../../config/theme.ts'
import type { Row } from '../format/wrap.ts'
import type { Sign } from '../state.ts'

/** What an entry of the conversation looks like at one width: pieces of rows, each laid out when it comes into view. */
export interface Laid {
  readonly pieces: number
  rows(piece: number): readonly Row[]
  /** The code that a piece is of, as it was written; undefined where it is none. */
  code?(piece: number): string | undefined
}

/** Everything but prompts is set in by this much, so that the eye finds where each exchange begins. */
export const indent: Row = [{ text: '  ', tone: 'normal', copies: '' }]

export const signs: Record<Sign, { sign: string; tone: Tone }> = {
  ok: { sign: '✓', tone: 'ok' },
  error: { sign: '✗', tone: 'error' },
  waiting: { sign: '?', tone: 'waiting' },
  dim: { sign: '·', tone: 'dim' },
}
