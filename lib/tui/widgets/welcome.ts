import type { Keymap } from '../../config/keymap.ts'
import type { Tone } from '../../config/theme.ts'
import type { SetupChoice } from '../../core/events.ts'
import type { Canvas } from '../canvas.ts'
import { proseWidth, wrap, type Row, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { State } from '../state.ts'
import { columns } from '../width.ts'
import { notice } from './entry.ts'
import { hint, shortKey } from './hints.ts'
import { Hits } from './hits.ts'

/** What an empty conversation says: what this is and how to begin; without a model, the ways to get one. */
export class Welcome {
  private readonly hits = new Hits()
  private selected = 0
  private readonly keymap: Keymap
  private readonly choose: (choice: SetupChoice) => void

  constructor(keymap: Keymap, choose: (choice: SetupChoice) => void) {
    this.keymap = keymap
    this.choose = choose
  }

  paint(canvas: Canvas, state: State, focused: boolean): void {
    this.hits.clear()
    const width = canvas.width - 2
    const lines = [
      ...about(state, width),
      ...(state.setup === undefined ? this.begin(width) : this.choices(state.setup, width, focused)),
    ]
    const notices = state.settled.flatMap((entry) =>
      entry.kind === 'notice' ? notice(entry.text, entry.sign, width) : [],
    )
    // What went wrong is never pushed out of sight by a greeting.
    const told = notices.slice(-Math.max(1, Math.floor(canvas.height / 2)))
    const room = canvas.height - 1 - (told.length === 0 ? 0 : told.length + 1)
    for (const [i, { row, choice }] of lines.slice(0, room).entries()) {
      paintRow(canvas, 1 + i, row)
      if (choice !== undefined) this.hits.add(1, 1 + i, width, () => this.choose(choice))
    }
    for (const [i, row] of told.entries()) paintRow(canvas, Math.min(lines.length, room) + 2 + i, row)
  }

  /** Moves the selection among the choices. */
  move(by: -1 | 1, choices: readonly SetupChoice[]): void {
    this.selected = Math.max(0, Math.min(choices.length - 1, this.selected + by))
  }

  /** The choice that a key stands for, or without one the selected. */
  at(choices: readonly SetupChoice[], key?: string): SetupChoice | undefined {
    return key === undefined ? choices[this.selected] : choices.find((choice) => choice.key === key)
  }

  click(x: number, y: number): boolean {
    return this.hits.click(x, y)
  }

  private begin(width: number): Line[] {
    const newline = this.keymap.keysFor('prompt.newline').slice(0, 2).map(shortKey).join(' or ')
    const lines: [key: string, text: string][] = [
      [this.key('prompt.submit'), `sends what you want done; a new line with ${newline}`],
      ['!', 'runs a command in the sandbox, as in !npm test'],
      [this.key('diff.open'), 'shows what changed, to be applied or discarded'],
      [this.key('mode.next'), "decides when: review by hand, at each turn's end, or live"],
    ]
    return lines
      .filter(([key]) => key !== '')
      .flatMap(([key, text]) => {
        const first = [span(`  ${key.padEnd(8)}`, 'normal')]
        return wrap([span(text, 'dim')], Math.min(proseWidth, width), first, [span(' '.repeat(10), 'dim')])
      })
      .map((row) => ({ row }))
  }

  private choices(choices: readonly SetupChoice[], width: number, focused: boolean): Line[] {
    const widest = Math.max(...choices.map(({ label }) => columns(label)))
    const beside = choices.every(({ detail }) => widest + 8 + columns(detail) <= width)
    const lines = choices.flatMap((choice, i): Line[] => {
      const here = focused && i === this.selected
      const label = harmless(choice.label)
      const row = [
        span(here ? '› ' : '  ', 'accent'),
        span(choice.key, here ? 'accent' : 'normal'),
        span(`  ${label}`, here ? 'accent' : 'strong'),
      ]
      const detail = span(harmless(choice.detail), 'dim')
      if (beside) return [{ row: [...row, span(' '.repeat(widest - columns(label) + 3), 'dim'), detail], choice }]
      const below = wrap([detail], Math.min(proseWidth, width), [span('     ', 'dim')])
      return [{ row, choice }, ...below.map((one) => ({ row: one, choice })), { row: [] }]
    })
    return [{ row: [span('  No model is configured yet. Choose how to begin:', 'strong')] }, { row: [] }, ...lines]
  }

  private key(action: Parameters<Keymap['keysFor']>[0]): string {
    return hint(this.keymap, action, '')[0]?.key ?? ''
  }
}

/** A row, and the choice that a click on it makes. */
interface Line {
  row: Row
  choice?: SetupChoice
}

function about(state: State, width: number): Line[] {
  const name = harmless(state.session?.project.split('/').at(-1) ?? '')
  const where = state.local ? 'without a sandbox: each command asks you first' : 'in a container'
  const what = `Drydock works on a copy of ${name === '' ? 'your project' : name}, ${where}.`
  const text = `${what} Your own files change only when you apply what it did.`
  const rows = wrap([span(text, 'dim')], Math.min(proseWidth, width), [span('  ', 'dim')])
  return [...rows.map((row) => ({ row })), { row: [] }]
}

function paintRow(canvas: Canvas, y: number, row: Row): void {
  let x = 1
  for (const part of row) x = canvas.text(x, y, part.text, part.tone, Math.max(0, canvas.width - 1 - x))
}

function span(text: string, tone: Tone): Span {
  return { text, tone }
}
