import type { Action } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Answer, Question } from '../../core/events.ts'
import type { Canvas } from '../canvas.ts'
import { wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import { columns } from '../width.ts'
import { paintBorder } from './border.ts'
import { Hits } from './hits.ts'
import { questionRows, type QuestionRow } from './question.ts'

/** What was on its way before the question could be read is no answer to it: it goes where it was meant to go. */
const guardMs = 400

/** Where there is no room for what an answer says, it is named. */
const names: Record<Answer, string> = {
  once: 'once',
  session: 'session',
  project: 'project',
  always: 'always',
  no: 'no',
}

interface Shown {
  key: string
  label: string
  answer: Answer
}

export interface ApprovalWishes {
  answer(question: Question, answer: Answer): void
  /** Milliseconds since 1970. */
  now(): number
  /** Asks for a frame: the question may be answered now. */
  changed(): void
}

/** Asks one question after the other, each with everything that it is about. */
export class Approval {
  private readonly hits = new Hits()
  private id = ''
  private first = 0
  private hidden = 0
  private page = 1
  private details = false
  private guardUntil = 0
  private guard: NodeJS.Timeout | undefined
  private laid: { question: Question; width: number; details: boolean; rows: QuestionRow[] } | undefined
  private readonly keymap: Keymap
  private readonly wishes: ApprovalWishes

  constructor(keymap: Keymap, wishes: ApprovalWishes) {
    this.keymap = keymap
    this.wishes = wishes
  }

  dispose(): void {
    clearTimeout(this.guard)
  }

  /** Rows that the question would like: all of it, and its border. */
  rows(question: Question, width: number): number {
    const inner = width - 6
    return this.body(question, inner).length + this.choices(question, inner, Infinity).length + 3
  }

  /** Tells which question stands on the screen now. */
  show(question: Question | undefined): void {
    if (question === undefined || question.id === this.id) {
      if (question === undefined) this.id = ''
      return
    }
    this.id = question.id
    this.first = 0
    this.details = false
    this.startGuard()
  }

  /** `waiting`: how many questions there are; `answering`: the answer is given, and only words for it are to come. */
  paint(canvas: Canvas, question: Question, waiting: number, answering: boolean): void {
    this.hits.clear()
    const { width, height } = canvas
    const inner = width - 6
    paintBorder(canvas, harmless(question.title), 'accent', waiting > 1 ? `1 of ${waiting}` : '')
    const body = this.body(question, inner)
    const choices = this.choices(question, inner, height - 3)
    const room = height - 2 - choices.length
    // A row of air over the answers, where there is one to spare.
    this.page = Math.max(1, body.length < room ? body.length : room)
    this.first = Math.max(0, Math.min(this.first, body.length - this.page))
    this.hidden = body.length - this.page - this.first
    for (const [i, { spans, ground }] of body.slice(this.first, this.first + this.page).entries()) {
      if (ground !== undefined) canvas.fill(2, 1 + i, width - 4, 1, ground)
      let x = 3
      for (const { text, tone } of spans) x = canvas.text(x, 1 + i, text, tone, Math.max(0, width - 3 - x))
    }
    const quiet = answering || this.isGuarded
    for (const [i, row] of choices.entries())
      this.paintChoices(canvas, height - 1 - choices.length + i, question, row, quiet)
    this.paintFoot(canvas, question, body.length > this.page)
  }

  /** What a key does while a question stands: false where it was meant for what stood there before. */
  key(question: Question, action: Action | undefined, text: string | undefined): boolean {
    if (action === 'approval.up') this.scroll(-1)
    else if (action === 'approval.down') this.scroll(1)
    else if (action === 'approval.page-up') this.scroll(-this.page)
    else if (action === 'approval.page-down') this.scroll(this.page)
    else return this.answered(question, action, text)
    return true
  }

  /** A click that was on its way is no answer either. */
  click(x: number, y: number): boolean {
    return this.isGuarded || this.hits.click(x, y)
  }

  scroll(by: number): void {
    this.first = Math.max(0, this.first + Math.min(by, Math.max(0, this.hidden)))
  }

  private get isGuarded(): boolean {
    return this.wishes.now() < this.guardUntil
  }

  private startGuard(): void {
    this.guardUntil = this.wishes.now() + guardMs
    clearTimeout(this.guard)
    this.guard = setTimeout(() => this.wishes.changed(), guardMs)
  }

  private answered(question: Question, action: Action | undefined, text: string | undefined): boolean {
    if (this.isGuarded) {
      // Somebody who is typing has not read this yet.
      this.startGuard()
      return false
    }
    if (action === 'approval.details') {
      this.toggleDetails()
      return true
    }
    const choice = question.choices.find(
      (one) => this.keyOf(question, one) === text || action === `approval.${one.answer}`,
    )
    if (choice === undefined && text !== undefined) {
      // Whoever types a word means the prompt: its other letters are no answers either.
      this.startGuard()
      return false
    }
    if (choice !== undefined) this.wishes.answer(question, choice.answer)
    return true
  }

  private toggleDetails(): void {
    this.details = !this.details
    this.first = this.details ? Infinity : 0
  }

  /** The keymap's key for an answer, so that what is shown is what works; a yes that is the only one is the plain yes. */
  private keyOf({ choices }: Question, { key, answer }: Question['choices'][number]): string {
    const only = answer !== 'no' && choices.filter((one) => one.answer !== 'no').length === 1
    return this.keymap.keysFor(only ? 'approval.once' : `approval.${answer}`)[0] ?? key
  }

  private body(question: Question, width: number): readonly QuestionRow[] {
    const { laid, details } = this
    if (laid?.question === question && laid.width === width && laid.details === details) return laid.rows
    const rows = questionRows(question, width, details)
    // Where the answers are named for want of room, what they mean stands here.
    if (!this.areSaid(question, width)) {
      const said = question.choices.flatMap((one) => {
        const key = `${this.keyOf(question, one)} `
        const [first, rest] = [key, ' '.repeat(columns(key))].map((text): Row => [{ text, tone: 'dim' }])
        return wrap([{ text: harmless(one.label), tone: 'dim' }], width, first, rest)
      })
      rows.push({ spans: [] }, ...said.map((spans) => ({ spans })))
    }
    this.laid = { question, width, details, rows }
    return rows
  }

  /** The answers in one row where they fit, else each in its own, and by name where there is not even room for that. */
  private choices(question: Question, width: number, most: number): Shown[][] {
    const all = question.choices.map((one): Shown => ({
      key: this.keyOf(question, one),
      label: harmless(one.label),
      answer: one.answer,
    }))
    const together = (shown: Shown[]) =>
      shown.reduce((sum, one) => sum + columns(one.key) + 1 + columns(one.label) + 4, -4) <= width
    if (together(all)) return [all]
    if (all.length <= most && this.areSaid(question, width)) return all.map((one) => [one])
    return [all.map((one) => ({ ...one, label: names[one.answer] }))]
  }

  /** Whether each answer with what it means has room in a row. */
  private areSaid(question: Question, width: number): boolean {
    return question.choices.every(
      (one) => columns(this.keyOf(question, one)) + 1 + columns(harmless(one.label)) <= width,
    )
  }

  private paintChoices(canvas: Canvas, y: number, question: Question, row: readonly Shown[], quiet: boolean): void {
    const end = canvas.width - 2
    let x = 3
    for (const { key, label, answer } of row) {
      const start = x
      x = canvas.text(x, y, key, quiet ? 'dim' : 'accent')
      x = canvas.text(x + 1, y, label, quiet ? 'dim' : 'normal', Math.max(0, end - x - 1))
      this.hits.add(start, y, x - start, () => this.wishes.answer(question, answer))
      x += row.length > 1 && canvas.width < 50 ? 2 : 4
    }
  }

  /** On the lower border: how much is to be read yet, whose the keys are, and what more there is. */
  private paintFoot(canvas: Canvas, { call }: Question, scrolls: boolean): void {
    const y = canvas.height - 1
    const end = canvas.width - 3
    let x = 4
    const say = (text: string, tone: 'dim' | 'waiting') => {
      x = canvas.text(x, y, ` ${text} `, tone, Math.max(0, end - x)) + 1
    }
    if (this.isGuarded) say('one moment: keys still go to the prompt', 'dim')
    else if (scrolls) {
      const [down] = this.keymap.keysFor('approval.down')
      say(
        this.hidden > 0 ? `${down ?? ''} ↓ ${this.hidden} more`.replace('down ', '') : 'all of it read',
        this.hidden > 0 ? 'waiting' : 'dim',
      )
    }
    const [key] = this.keymap.keysFor('approval.details')
    if (call?.arguments === undefined || key === undefined) return
    const offer = ` ${key} ${this.details ? 'without arguments' : 'all arguments'} `
    if (end - columns(offer) <= x) return
    canvas.text(end - columns(offer), y, offer, 'dim')
    this.hits.add(end - columns(offer), y, columns(offer), () => this.toggleDetails())
  }
}
