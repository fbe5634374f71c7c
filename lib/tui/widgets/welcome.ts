import type { Keymap } from '../../config/keymap.ts'
import type { SetupChoice } from '../../core/events.ts'
import type { Canvas } from '../canvas.ts'
import { wrap, type Row } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { State } from '../state.ts'
import { columns } from '../width.ts'
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
    const width = Math.min(96, canvas.width - 5)
    const name = state.session?.project.split('/').at(-1)
    const about = `Drydock works on a copy of ${name === undefined || name === '' ? 'your project' : harmless(name)}, in a container. Your own files change only when you apply what it did.`
    let y = 1
    const put = (row: Row) => {
      let x = 3
      for (const span of row) x = canvas.text(x, y, span.text, span.tone, Math.max(0, canvas.width - 1 - x))
      y += 1
    }
    for (const row of wrap([{ text: about, tone: 'dim' }], width)) put(row)
    y += 1
    if (state.setup === undefined) return this.begin(put)
    put([{ text: 'No model is configured yet. Choose how to begin:', tone: 'strong' }])
    y += 1
    const wide = Math.max(...state.setup.map((choice) => columns(harmless(choice.label))))
    const beside = state.setup.every((choice) => wide + 6 + columns(harmless(choice.detail)) <= width)
    for (const [i, choice] of state.setup.entries()) {
      const here = focused && i === this.selected
      this.hits.add(1, y, canvas.width - 2, () => this.choose(choice))
      const label = harmless(choice.label)
      canvas.text(1, y, here ? '›' : ' ', 'accent')
      put([
        { text: choice.key, tone: here ? 'accent' : 'normal' },
        { text: `  ${label}`, tone: here ? 'accent' : 'strong' },
        { text: beside ? `${' '.repeat(wide - columns(label) + 3)}${harmless(choice.detail)}` : '', tone: 'dim' },
      ])
      if (beside) continue
      for (const row of wrap([{ text: harmless(choice.detail), tone: 'dim' }], width - 3))
        put([{ text: '   ', tone: 'dim' }, ...row])
      y += 1
    }
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

  private begin(put: (row: Row) => void): void {
    const lines: [string, string][] = [
      [
        this.key('prompt.submit'),
        'sends what you want done; a new line with ' +
          this.keymap.keysFor('prompt.newline').slice(0, 2).map(shortKey).join(' or '),
      ],
      ['!', 'before a command runs it in the sandbox: !npm test'],
      [this.key('diff.open'), 'shows what changed, to be applied or discarded'],
      [this.key('mode.next'), 'decides when: review is by hand, turn at each end, live at once'],
    ]
    for (const [key, text] of lines) {
      if (key !== '')
        put([
          { text: key.padEnd(8), tone: 'normal' },
          { text, tone: 'dim' },
        ])
    }
  }

  private key(action: Parameters<Keymap['keysFor']>[0]): string {
    return hint(this.keymap, action, '')[0]?.key ?? ''
  }
}
