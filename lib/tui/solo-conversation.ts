import type { Action, Context } from '../config/actions.ts'
import type { Canvas } from './canvas.ts'
import type { KeyEvent } from './events.ts'
import type { State } from './state.ts'
import type { SoloView, ViewLook, ViewMouse } from './view.ts'
import { Transcript, type TranscriptParts } from './widgets/transcript.ts'

/** The conversation as a view of its own, without a composer. */
export class SoloConversation implements SoloView {
  readonly name = 'conversation'
  readonly title = 'Conversation'
  private readonly transcript: Transcript

  constructor(parts: TranscriptParts) {
    this.transcript = new Transcript(parts)
  }

  dispose(): void {
    this.transcript.dispose()
  }

  get contexts(): readonly Context[] {
    return this.transcript.contexts
  }

  note(): string {
    return this.transcript.following ? '' : '↓ more below'
  }

  paint(canvas: Canvas, state: State, { now }: ViewLook): void {
    this.transcript.paint(canvas, state, now)
  }

  act(action: Action): boolean {
    return this.transcript.act(action)
  }

  key(event: KeyEvent): boolean {
    return this.transcript.key(event)
  }

  paste(text: string): boolean {
    return this.transcript.paste(text)
  }

  mouse(event: ViewMouse): void {
    this.transcript.mouse(event)
  }

  hints(): [Action, string][] {
    return [['transcript.toggle', 'open'], ['transcript.copy', 'copy'], ['search.open', 'search'], ['transcript.bottom', 'follow']] // prettier-ignore
  }
}
