import type { Action } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Answer, Question } from '../../core/events.ts'
import type { Canvas } from '../canvas.ts'
import { wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { columns } from '../width.ts'
import { paintBorder } from './border.ts'
import { Hits } from './hits.ts'

/** A key that was on its way before the question could be read is no answer to it: it goes where it was meant to go. */
const guardMs = 250

/** Asks one question after the other, each with everything that it is about. */
export class Approval {
  private readonly hits = new Hits()
  private id = ''
  private first = 0
  private hidden = 0
  private page = 1
  private guardUntil = 0
  private readonly keymap: Keymap
  private readonly answer: (question: Question, answer: Answer) => void

  constructor(keymap: Keymap, answer: (question: Question, answer: Answer) => void) {
    this.keymap = keymap
    this.answer = answer
  }

  /** Rows that the question would like: all of it, and its border. */
  rows(question: Question, width: number): number {
    const inner = width - 6
    return this.body(question, inner).length + this.choices(question, inner).length + 3
  }

  /** Tells which question stands on the screen now, and since when. */
  show(question: Question | undefined, now: number): void {
    if (question === undefined || question.id === this.id) {
      if (question === undefined) this.id = ''
      return
    }
    this.id = question.id
    this.first = 0
    this.guardUntil = now + guardMs
  }

  /** `waiting`: how many questions there are; `answering`: the answer is given, and only words for it are to come. */
  paint(canvas: Canvas, question: Question, waiting: number, answering: boolean): void {
    this.hits.clear()
    const { width, height } = canvas
    const inner = width - 6
    paintBorder(canvas, harmless(question.title), 'accent', waiting > 1 ? `1 of ${waiting}` : '')
    const choices = this.choices(question, inner)
    const body = this.body(question, inner)
    this.page = Math.max(1, height - 3 - choices.length)
    this.first = Math.max(0, Math.min(this.first, body.length - this.page))
    this.hidden = body.length - this.page - this.first
    for (const [i, row] of body.slice(this.first, this.first + this.page).entries()) {
      let x = 3
      for (const span of row) x = canvas.text(x, 1 + i, span.text, span.tone)
    }
    if (body.length > this.page) this.more(canvas, height - 2 - choices.length)
    for (const [i, row] of choices.entries()) {
      let x = 3
      for (const choice of row) {
        const start = x
        x = canvas.text(x, height - 1 - choices.length + i, choice.key, answering ? 'dim' : 'accent')
        x = canvas.text(
          x + 1,
          height - 1 - choices.length + i,
          choice.label,
          answering ? 'dim' : 'normal',
          Math.max(0, width - 2 - x),
        )
        this.hits.add(start, height - 1 - choices.length + i, x - start, () => this.answer(question, choice.answer))
        x += 4
      }
    }
  }

  /** What a key does while a question stands: false where it was meant for what stood there before. */
  key(question: Question, action: Action | undefined, text: string | undefined, now: number): boolean {
    if (action === 'approval.up') this.scroll(-1)
    else if (action === 'approval.down') this.scroll(1)
    else if (action === 'approval.page-up') this.scroll(-this.page)
    else if (action === 'approval.page-down') this.scroll(this.page)
    else return this.answered(question, action, text, now)
    return true
  }

  click(x: number, y: number): boolean {
    return this.hits.click(x, y)
  }

  scroll(by: number): void {
    this.first = Math.max(0, this.first + Math.min(by, Math.max(0, this.hidden)))
  }

  private answered(question: Question, action: Action | undefined, text: string | undefined, now: number): boolean {
    if (now < this.guardUntil) {
      // Somebody who is typing has not read this yet.
      this.guardUntil = now + guardMs
      return false
    }
    const choice = question.choices.find(
      (one) => this.keyOf(question, one) === text || action === `approval.${one.answer}`,
    )
    if (choice !== undefined) this.answer(question, choice.answer)
    return true
  }

  /** The keymap's key for an answer, so that what is shown is what works; a yes that is the only one is the plain yes. */
  private keyOf({ choices }: Question, { key, answer }: Question['choices'][number]): string {
    const only = answer !== 'no' && choices.filter((one) => one.answer !== 'no').length === 1
    return this.keymap.keysFor(only ? 'approval.once' : `approval.${answer}`)[0] ?? key
  }

  private body(question: Question, width: number): Row[] {
    return question.body.flatMap((line) => wrap([{ text: harmless(line), tone: 'code' }], width))
  }

  /** The choices in one row where they fit, else each in its own. */
  private choices(question: Question, width: number): { key: string; label: string; answer: Answer }[][] {
    const all = question.choices.map((one) => ({
      key: this.keyOf(question, one),
      label: harmless(one.label),
      answer: one.answer,
    }))
    const together = all.reduce((sum, one) => sum + columns(one.key) + 1 + columns(one.label) + 4, -4)
    return together <= width ? [all] : all.map((one) => [one])
  }

  private more(canvas: Canvas, y: number): void {
    const said = this.hidden > 0 ? `↓ ${this.hidden} more` : 'all of it read'
    canvas.text(3, y, said, this.hidden > 0 ? 'waiting' : 'dim')
  }
}
