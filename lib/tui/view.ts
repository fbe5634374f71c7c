import type { Action, Context } from '../config/actions.ts'
import type { SoloName, ViewName } from './arrangement.ts'
import type { Canvas } from './canvas.ts'
import type { KeyEvent, MouseEvent } from './events.ts'
import type { State } from './state.ts'

/** Rows that one notch of the wheel moves. */
export const wheelRows = 3

/** Rows of half a page, at least one. */
export function half(page: number): number {
  return Math.max(1, page >> 1)
}

/** A mouse event with its cell counted from the view's upper left; a drag may lead outside of it. */
export type ViewMouse = Omit<MouseEvent, 'col' | 'row'> & { x: number; y: number }

export interface ViewLook {
  focused: boolean
  /** Milliseconds since 1970. */
  now: number
}

/**
 * What stands in a pane beside the conversation: it draws from the state, and answers the keys, the mouse and the wheel
 * while they are for it. A new one is a row in views.ts, its name in arrangement.ts and its context in the keymap.
 */
export interface View {
  readonly name: ViewName
  /** As in a row of tabs: `Diff`. */
  readonly title: string
  /** Where its keys are bound, the first word first. */
  readonly contexts: readonly Context[]
  /** Said beside the title in dim letters: how many there are, what is open; empty for nothing. */
  note(state: State): string
  paint(canvas: Canvas, state: State, look: ViewLook): void
  /** Does what an action says. False where it is not one of its own. */
  act(action: Action): boolean
  mouse(event: ViewMouse): void
  /** What can be done in it, the most wanted first. */
  hints(state: State): [Action, string][]
  /** Takes a key that no action is bound to. False gives it to the composer. */
  key?(event: KeyEvent): boolean
  /** Every key goes to `key` first, whatever it is bound to and whoever asks something. */
  readonly grabs?: boolean
  /** Takes what was pasted. False gives it to the composer. */
  paste?(text: string): boolean
  /** Shows a file of the workspace, at a line counted from 1; of the viewer alone. */
  show?(path: string, line?: number): void
  /** The file that it shows; of the viewer alone. */
  readonly path?: string | undefined
  /** Hears when it comes into sight and when it goes: what costs is done only meanwhile. */
  seen?(on: boolean): void
}

/** What may have a screen to itself: every view, and the conversation. */
export type SoloView = Omit<View, 'name'> & { readonly name: SoloName }
