import type { Action } from '../config/actions.ts'
import type { Canvas } from './canvas.ts'
import type { Clipboard } from './clipboard.ts'
import { Highlighter } from './format/highlight.ts'
import type { State } from './state.ts'
import { wheelRows, type SoloView, type ViewLook, type ViewMouse } from './view.ts'
import { Transcript } from './widgets/transcript.ts'

/** The conversation as a view of its own, without a composer. */
export class SoloConversation implements SoloView {
  readonly name = 'conversation'
  readonly title = 'Conversation'
  readonly context = 'transcript'
  private readonly transcript: Transcript

  constructor(clipboard: Clipboard, changed: () => void) {
    const highlighter = new Highlighter(() => {
      this.transcript.recolour()
      changed()
    })
    this.transcript = new Transcript(highlighter, clipboard)
  }

  note(): string {
    return this.transcript.following ? '' : '↓ more below'
  }

  paint(canvas: Canvas, state: State, { now }: ViewLook): void {
    this.transcript.paint(canvas, state, now)
  }

  act(action: Action): boolean {
    const run = this.acts[action]
    run?.()
    return run !== undefined
  }

  mouse({ action, button, y }: ViewMouse): void {
    if (action === 'wheel') this.transcript.scroll(button === 'up' ? -wheelRows : wheelRows)
    else if (action === 'down' && button === 'left') this.transcript.toggle(y)
  }

  hints(): [Action, string][] {
    return [['transcript.toggle', 'open'], ['transcript.previous', 'step before'], ['transcript.bottom', 'follow']] // prettier-ignore
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'transcript.up': () => this.transcript.scroll(-1),
    'transcript.down': () => this.transcript.scroll(1),
    'transcript.page-up': () => this.transcript.page(-1),
    'transcript.page-down': () => this.transcript.page(1),
    'transcript.top': () => this.transcript.toStart(),
    'transcript.bottom': () => this.transcript.toEnd(),
    'transcript.previous': () => this.transcript.select(-1),
    'transcript.next': () => this.transcript.select(1),
    'transcript.toggle': () => void this.transcript.toggle(),
  }
}
