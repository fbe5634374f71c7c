import type { Action } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import { split } from '../width.ts'
import { drawHints, hint, hintsWidth } from './hints.ts'
import { Hits } from './hits.ts'

/** Longer words are a paste by mistake. */
const longest = 200

/** The line in which the words are typed that are searched for, and which says how many there are. */
export class SearchLine {
  words = ''
  isOpen = false
  private readonly hits = new Hits()
  private readonly keymap: Keymap
  private readonly run: (action: Action) => void

  /** `act` does what a hint says that was clicked. */
  constructor(keymap: Keymap, act: (action: Action) => void) {
    this.keymap = keymap
    this.run = act
  }

  /** Begins with no words. */
  open(): void {
    this.words = ''
    this.isOpen = true
  }

  close(): void {
    this.isOpen = false
  }

  insert(text: string): void {
    this.words = (this.words + text.split('\n')[0]!).slice(0, longest)
  }

  /** Changes the words; false where the action is none that does. */
  act(action: Action): boolean {
    if (action === 'text.delete-left') this.words = split(this.words).slice(0, -1).join('')
    else if (action === 'text.kill-word-left') this.words = this.words.replace(/\S*\s*$/, '')
    else if (action === 'text.kill-to-start') this.words = ''
    else return false
    return true
  }

  click(x: number): boolean {
    return this.hits.click(x, 0)
  }

  /** `going`: not all was looked through yet. */
  paint(canvas: Canvas, y: number, { matches, current }: { matches: number; current: number }, going: boolean): void {
    this.hits.clear()
    canvas.fill(0, y, canvas.width, 1, 'normal')
    const more = going ? '…' : ''
    const none = this.words === '' ? '' : going ? 'searching…' : 'nothing found'
    const said = matches === 0 ? none : `${current} of ${matches}${more}`
    const hints = [
      ...hint(this.keymap, 'search.next', 'next'),
      ...hint(this.keymap, 'search.previous', 'before'),
      ...hint(this.keymap, 'search.close', 'end'),
    ]
    const room = canvas.width - 2 - hintsWidth(hints) - said.length - 6
    const shown = room > 24 ? hints : []
    const right = canvas.width - 1 - (shown.length > 0 ? hintsWidth(shown) + 3 : 0) - said.length
    const x = canvas.text(1, y, '/', 'accent')
    const left = Math.max(4, right - x - 2)
    // What is typed last is what has to be seen.
    const seen = split(this.words)
      .slice(1 - left)
      .join('')
    const end = canvas.text(x, y, seen, 'strong', left)
    if (this.isOpen) canvas.cursor(end, y)
    canvas.text(right, y, said, matches === 0 && this.words !== '' && !going ? 'waiting' : 'dim')
    drawHints(canvas, canvas.width - 1 - hintsWidth(shown), y, canvas.width, shown, this.hits, this.run)
  }
}
