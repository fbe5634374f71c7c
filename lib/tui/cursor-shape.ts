/** A cursor that stands on a character, and one that stands between two. */
export type CursorShape = 'block' | 'bar'

/** DECRQSS for DECSCUSR: which shape has the cursor? */
const question = '\x1bP$q q\x1b\\'

/**
 * The shape of the terminal's cursor (DECSCUSR). Where a shape is first wanted the terminal is asked which one it has
 * (DECRQSS); only one that answers is given others, and it gets its own back.
 */
export class TerminalCursor {
  private isAsked = false
  /** The shape that the terminal had, by its number; undefined until it has said so. */
  private own: number | undefined
  private wanted: CursorShape | undefined
  private shown: CursorShape | undefined

  /** `hasQuestions` false: a terminal that would print what it is asked. */
  constructor(hasQuestions: boolean) {
    this.isAsked = !hasQuestions
  }

  /** What to write where a shape is wanted from now on, or none in particular. */
  want(shape: CursorShape | undefined): string {
    this.wanted = shape
    if (shape === undefined || this.isAsked) return this.shape()
    this.isAsked = true
    return question
  }

  /** Takes the terminal's answer, and gives what to write then; undefined where it is no answer to this question. */
  hear(reply: string): string | undefined {
    const own = /^P1\$r(\d{1,2}) q$/.exec(reply)?.[1]
    if (own === undefined) return undefined
    this.own ??= Number(own)
    return this.shape()
  }

  /** What to write where the terminal has its own shape again, as after a stop. */
  again(): string {
    this.shown = undefined
    return this.shape()
  }

  /** What gives the terminal back its own shape. */
  get restore(): string {
    return this.own === undefined ? '' : shaped(this.own)
  }

  private shape(): string {
    const { own, shown, wanted } = this
    if (own === undefined || shown === wanted) return ''
    this.shown = wanted
    if (wanted === undefined) return this.restore
    // Odd numbers blink: it goes on blinking where it did.
    return shaped((wanted === 'block' ? 2 : 6) - (own % 2))
  }
}

function shaped(shape: number): string {
  return `\x1b[${shape} q`
}
