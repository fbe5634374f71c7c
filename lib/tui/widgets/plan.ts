import type { Action } from '../../config/actions.ts'
import type { PlanStep } from '../../core/events.ts'
import type { Canvas } from '../canvas.ts'
import { stepRows } from '../format/steps.ts'
import { proseWidth, wrap, type Row } from '../format/wrap.ts'
import type { State } from '../state.ts'
import { half, wheelRows, type View, type ViewMouse } from '../view.ts'

/** What the model intends, step by step, and how far it has come. */
export class Plan implements View {
  readonly name = 'plan'
  readonly title = 'Plan'
  readonly contexts = ['plan'] as const
  private first = 0
  private page = 1
  private known: readonly PlanStep[] = []
  private laid: { width: number; rows: Row[]; current: number } = { width: 0, rows: [], current: -1 }

  note({ plan }: State): string {
    return plan.length === 0 ? '' : `${plan.filter(({ state }) => state === 'done').length}/${plan.length}`
  }

  hints(): [Action, string][] {
    return [['pane.hide', 'close'], ['pane.zoom', 'zoom'], ['focus.next', 'next pane']] // prettier-ignore
  }

  paint(canvas: Canvas, { plan }: State): void {
    this.page = Math.max(1, canvas.height - 1)
    const changed = plan !== this.known
    if (changed || canvas.width !== this.laid.width) this.lay(plan, canvas.width)
    const { rows, current } = this.laid
    // The step at work comes into sight when it has changed; else what the person looks at stays.
    if (changed && current >= 0 && (current < this.first || current >= this.first + canvas.height))
      this.first = current - Math.floor(canvas.height / 3)
    this.known = plan
    this.first = Math.max(0, Math.min(this.first, rows.length - canvas.height))
    for (const [y, row] of rows.slice(this.first, this.first + canvas.height).entries()) {
      let x = 1
      for (const { text, tone } of row) x = canvas.text(x, y, text, tone)
    }
  }

  act(action: Action): boolean {
    const by: Partial<Record<Action, number>> = {
      'plan.up': -1,
      'plan.down': 1,
      'plan.page-up': -this.page,
      'plan.page-down': this.page,
      'plan.half-page-up': -half(this.page),
      'plan.half-page-down': half(this.page),
    }
    if (by[action] === undefined) return false
    this.scroll(by[action])
    return true
  }

  mouse({ action, button }: ViewMouse): void {
    if (action === 'wheel') this.scroll(button === 'up' ? -wheelRows : wheelRows)
  }

  private scroll(by: number): void {
    this.first = Math.max(0, this.first + by)
  }

  private lay(plan: readonly PlanStep[], width: number): void {
    const room = Math.min(proseWidth, width - 2)
    const rows: Row[] = []
    let current = -1
    for (const step of plan) {
      if (step.state === 'doing') current = rows.length
      rows.push(...stepRows(step, room))
    }
    if (plan.length === 0) {
      const said = 'Nothing is planned. What the model intends for a longer piece of work stands here, step by step.'
      rows.push(...wrap([{ text: said, tone: 'dim' }], room))
    }
    this.laid = { width, rows, current }
  }
}
