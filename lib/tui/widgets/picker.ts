import type { Action } from '../../config/actions.ts'
import type { Canvas } from '../canvas.ts'
import type { KeyEvent } from '../events.ts'
import { Editor } from '../editing/editor.ts'
import { fuzzy } from '../format/fuzzy.ts'
import { wheelRows, type ViewMouse } from '../view.ts'
import { columns } from '../width.ts'
import { paintBorder } from './border.ts'

import { Hits } from './hits.ts'

/** One of the things to pick from. */
export interface Choice {
  label: string
  /** Said beside it in dim letters. */
  detail?: string
  /** At the right end: the key that does the same. */
  key?: string
  /** Is the one that holds now. */
  current?: boolean
  /** Absent: it is only to be read. */
  run?: () => void
  /** Puts it into the prompt, where that makes sense. */
  add?: () => void
}

export interface Offer {
  title: string
  /** Said while nothing is typed. */
  hint: string
  /** All there are; or, where they are many, those that fit what was typed, the best first. */
  choices: readonly Choice[] | ((typed: string) => readonly Choice[])
}

/** Rows of the border, the line that is typed, and the line under it. */
const around = 4
/** Rows of a list that is not known as a whole. */
const rowsOfMany = 20

/** A list over the panes that what is typed narrows down. Nothing else hears keys while it is open. */
export class Picker {
  private offer: Offer | undefined
  private filter = new Editor()
  private found: readonly Choice[] = []
  private selected = 0
  private first = 0
  private page = 1
  private readonly hits = new Hits()

  get isOpen(): boolean {
    return this.offer !== undefined
  }

  open(offer: Offer): void {
    this.offer = offer
    this.filter = new Editor()
    this.look()
    this.selected = Math.max(
      0,
      this.found.findIndex(({ current }) => current === true),
    )
  }

  close(): void {
    this.offer = undefined
  }

  /** Rows that it would like. */
  get rows(): number {
    const choices = this.offer?.choices
    return (typeof choices === 'function' ? rowsOfMany : (choices?.length ?? 0)) + around
  }

  paint(canvas: Canvas): void {
    const { offer, found } = this
    if (offer === undefined) return
    this.hits.clear()
    const { width, height } = canvas
    paintBorder(canvas, offer.title, 'line', found.length === 0 ? 'nothing' : `${this.selected + 1}/${found.length}`)
    const end = canvas.text(5, 1, this.filter.text, 'normal', width - 9)
    canvas.text(3, 1, '›', 'strong')
    if (this.filter.isEmpty) canvas.text(5, 1, offer.hint, 'dim', width - 9)
    canvas.cursor(Math.min(width - 3, this.filter.isEmpty ? 5 : end), 1)
    canvas.fill(2, 2, width - 4, 1, 'line', '─')
    this.page = Math.max(1, height - around)
    this.first = Math.max(
      Math.min(this.first, this.selected, found.length - this.page),
      this.selected - this.page + 1,
      0,
    )
    for (const [i, choice] of found.slice(this.first, this.first + this.page).entries())
      this.paintChoice(canvas, 3 + i, choice, this.first + i)
  }

  /** Types into the line. True: while it is open, every key is for it. */
  key({ key, text }: KeyEvent): void {
    if (text !== undefined && key !== 'tab') this.filter.insert(text)
    this.look()
  }

  paste(text: string): void {
    this.filter.insert(text.split('\n')[0]!)
    this.look()
  }

  /** Does what an action says in a list or in a line of text. */
  act(action: Action): void {
    const move = this.moves[action]
    if (move !== undefined) this.select(move())
    else if (action === 'list.choose') this.choose(this.selected, 'run')
    else if (action === 'list.complete') this.choose(this.selected, 'add')
    else if (action === 'list.close' || action === 'turn.cancel' || action === 'app.interrupt') this.close()
    else if (action !== 'prompt.newline' && this.filter.act(action)) this.look()
  }

  mouse({ action, button, x, y }: ViewMouse): void {
    if (action === 'wheel') this.select(this.selected + (button === 'up' ? -wheelRows : wheelRows))
    else if (action === 'down' && button === 'left') this.hits.click(x, y)
  }

  private readonly moves: Partial<Record<Action, () => number>> = {
    'list.up': () => this.selected - 1,
    'list.down': () => this.selected + 1,
    'list.page-up': () => this.selected - this.page,
    'list.page-down': () => this.selected + this.page,
    'list.top': () => 0,
    'list.bottom': () => this.found.length - 1,
  }

  private select(index: number): void {
    this.selected = Math.max(0, Math.min(index, this.found.length - 1))
  }

  /** There may be other choices than a moment ago. */
  again(): void {
    const { selected } = this
    this.look()
    this.select(selected)
  }

  private look(): void {
    const choices = this.offer?.choices ?? []
    const { text } = this.filter
    this.found =
      typeof choices === 'function'
        ? choices(text)
        : fuzzy(text, choices, ({ label, detail = '' }) => `${label} ${detail}`, 1000).map(({ item }) => item)
    this.selected = 0
    this.first = 0
  }

  private choose(index: number, how: 'run' | 'add'): void {
    const act = this.found[index]?.[how]
    if (act === undefined) return
    this.close()
    act()
  }

  private paintChoice(canvas: Canvas, y: number, { label, detail = '', key = '', current }: Choice, at: number): void {
    const { width } = canvas
    const chosen = at === this.selected
    const end = width - 3 - columns(key)
    if (chosen) canvas.text(3, y, '›', 'accent')
    else if (current === true) canvas.text(3, y, '●', 'dim')
    const x = canvas.text(5, y, label, chosen ? 'accent' : 'normal', Math.max(0, end - 7))
    if (detail !== '') canvas.text(x + 2, y, detail, 'dim', Math.max(0, end - x - 4))
    canvas.text(end, y, key, 'dim')
    this.hits.add(2, y, width - 4, () => (at === this.selected ? this.choose(at, 'run') : this.select(at)))
  }
}
