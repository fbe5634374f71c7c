import type { Style, Tone } from '../config/theme.ts'
import type { CursorShape } from './cursor-shape.ts'

/** How a cell of a terminal inside looks; colours that it does not name are those of the tone `normal`. */
export interface CellStyle extends Style {
  dim?: boolean
  italic?: boolean
  strike?: boolean
}

/**
 * The part of the screen that a widget may draw on. Cells are counted from 0 at its upper left; whatever falls outside
 * is cut. Text is made harmless here, in one place: control characters, escape sequences, bidi controls and broken
 * surrogates become visible signs, tabs become spaces, wide and combined characters take the cells they need.
 */
export interface Canvas {
  readonly width: number
  readonly height: number
  /**
   * Draws one line of text and gives the column after it. `max`: the most columns it may take (cut with `…`); `ground`:
   * the tone whose ground it stands on, its own where absent; `href`: where it leads, for terminals that can open
   * addresses (http, https, mailto; others are not handed on). A style instead of a tone is for what has colours of its own.
   */
  text(x: number, y: number, text: string, tone: Tone | CellStyle, max?: number, ground?: Tone, href?: string): number
  /** Fills a rectangle with one narrow character (a space where absent). */
  fill(x: number, y: number, width: number, height: number, tone: Tone, character?: string): void
  /** Puts the terminal's own cursor there, in its own shape or another; it is hidden in a frame where nobody does. */
  cursor(x: number, y: number, shape?: CursorShape): void
}

/** Draws one pane; called for each frame in which something changed. */
export type Paint = (canvas: Canvas) => void
