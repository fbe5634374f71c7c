import type { Action, Context } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import type { KeyEvent } from '../events.ts'
import { LineField } from '../line-field.ts'
import { drawHints, hint, hintsWidth } from './hints.ts'
import { Hits } from './hits.ts'

/** What is known of the matches. */
export interface Found {
  /** How many there are, as far as it was looked. */
  matches: number
  /** Which of them was gone to last, from 1; 0 for none. */
  current: number
  /** Not all was looked through yet. */
  going?: boolean
  /** There are more than are counted. */
  more?: boolean
}

/** What a search line looks through: a conversation, a file, changes. */
export interface Searched {
  /** Looks for other words, and goes to the match that is next to what is in view; for none, ends. Small letters find capitals too. */
  look(words: string): void
  /** Goes to the next match in a direction, round the end. */
  go(direction: 1 | -1): void
  found(): Found
}

/**
 * The line at the foot of a pane in which words are typed that are searched for, and which says how many there are. It
 * stays until the search is ended: while words are typed its keys are those of `search`, afterwards those of `found`.
 */
export class SearchLine {
  /** Words are being typed. */
  isOpen = false
  private field = new LineField()
  /** What was searched for before. */
  private last = ''
  /** The row that it was painted on. */
  private row = -1
  private readonly hits = new Hits()
  private readonly keymap: Keymap
  private readonly searched: Searched

  constructor(keymap: Keymap, searched: Searched) {
    this.keymap = keymap
    this.searched = searched
  }

  /** True from its opening on until the search is ended: it wants a row. */
  get isActive(): boolean {
    return this.isOpen || !this.field.isEmpty
  }

  get words(): string {
    return this.field.text
  }

  /** Where keys are looked up in what it stands in, whose own context is `own`. */
  contexts(own: Context): readonly Context[] {
    return this.isOpen ? ['search'] : this.isActive ? ['found', own] : [own]
  }

  /** Does what an action says. False where it is not one of a search, or has nothing to do. */
  act(action: Action): boolean {
    if (action === 'turn.cancel' || action === 'search.close') {
      if (!this.isActive) return false
      this.end()
      return true
    }
    const act = this.acts[action]
    if (act !== undefined) act()
    else if (this.isOpen && this.field.act(action)) this.look()
    else return false
    return true
  }

  /** Takes a key that types something, while words are typed. */
  key(event: KeyEvent): boolean {
    if (!this.isOpen || !this.field.key(event)) return false
    this.look()
    return true
  }

  paste(text: string): boolean {
    if (!this.isOpen) return false
    this.field.insert(text)
    this.look()
    return true
  }

  /** Does what is written under a click. False where it was not on the line. */
  click(x: number, y: number): boolean {
    if (!this.isActive || y !== this.row) return false
    this.hits.click(x, 0)
    return true
  }

  /** Ends the search. */
  end(): void {
    if (!this.isActive) return
    this.last = this.words || this.last
    this.isOpen = false
    this.field = new LineField()
    this.searched.look('')
  }

  /** The cursor stands in it while words are typed, where it is `focused`. */
  paint(canvas: Canvas, y: number, focused = true): void {
    this.row = y
    this.hits.clear()
    canvas.fill(0, y, canvas.width, 1, 'normal')
    const said = this.said()
    const shown = this.hints()
    // The last of them is how to get out of it.
    while (shown.length > 0 && canvas.width - 2 - hintsWidth(shown) - said.length - 6 <= 24) shown.shift()
    const end = canvas.width - 1 - hintsWidth(shown)
    const right = end - (shown.length > 0 ? 3 : 0) - said.length
    const x = canvas.text(1, y, '/', 'accent')
    this.field.paint(canvas, x, y, Math.max(4, right - x - 2), focused && this.isOpen, 'strong')
    const { matches, going } = this.searched.found()
    const isVain = this.words !== '' && matches === 0 && going !== true
    canvas.text(right, y, said, isVain ? 'waiting' : 'dim')
    drawHints(canvas, end, y, canvas.width, shown, this.hits, (action) => this.act(action))
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'search.open': () => {
      this.end()
      this.isOpen = true
    },
    'search.next': () => this.step(1),
    'search.previous': () => this.step(-1),
    'search.accept': () => {
      this.isOpen = false
      if (this.words === '') this.again()
    },
  }

  /** Goes on; with no search on, takes the one before up again. */
  private step(direction: 1 | -1): void {
    if (this.words !== '') this.searched.go(direction)
    else if (this.last !== '') this.again()
    else this.isOpen = true
  }

  private again(): void {
    this.field = new LineField(this.last)
    if (this.last !== '') this.look()
  }

  private look(): void {
    this.searched.look(this.words)
  }

  private said(): string {
    const { matches, current, going = false, more = false } = this.searched.found()
    if (this.words === '') return ''
    if (matches === 0) return going ? 'searching…' : 'nothing found'
    return `${current} of ${matches}${going ? '…' : more ? '+' : ''}`
  }

  private hints() {
    const { keymap } = this
    const where = this.isOpen ? 'search' : 'found'
    return [
      ...hint(keymap, 'search.accept', 'keep', where),
      ...hint(keymap, 'search.next', 'next', where),
      ...hint(keymap, 'search.previous', 'before', where),
      ...hint(keymap, 'search.close', 'end', where),
    ]
  }
}
