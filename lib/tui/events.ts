/** What the person does at the terminal, and what the terminal says by itself. */

/** A key: see lib/tui/keys.ts for its names. */
export interface KeyEvent {
  type: 'key'
  key: string
  /** What the key types, if it types something: one grapheme. */
  text?: string
}

export interface MouseEvent {
  type: 'mouse'
  action: 'down' | 'up' | 'drag' | 'move' | 'wheel'
  /** The button, or the way the wheel was turned. */
  button: 'left' | 'middle' | 'right' | 'up' | 'down' | 'none'
  /** The cell, counted from 0. */
  col: number
  row: number
  ctrl: boolean
  alt: boolean
  shift: boolean
}

export type InputEvent =
  | KeyEvent
  | MouseEvent
  /** Text as pasted, with `\n` as line end. It may hold any character. */
  | { type: 'paste'; text: string }
  | { type: 'focus'; focused: boolean }
  /** What the terminal answered to a question: the sequence without its ESC and terminator. */
  | { type: 'reply'; text: string }
