import type { Action } from '../../config/actions.ts'
import type { Bus } from '../../core/bus.ts'
import type { Disposable } from '../../core/dispose.ts'
import type { Canvas } from '../canvas.ts'
import type { State } from '../state.ts'
import { half, wheelRows, type View, type ViewLook, type ViewMouse } from '../view.ts'
import { isFresh, modelSection, sandboxSection } from './figures.ts'
import { spanOf } from './series.ts'
import { type Charts, layOut, type Piece } from './sheet.ts'

/** Milliseconds after which what a service has counted is laid out anew; what is measured comes no faster. */
const relayMs = 1_000

/** What was laid out, and of what. */
interface Laid {
  rows: Piece[][]
  at: number
  width: number
  height: number
  fresh: boolean
  charts: Charts | undefined
  state: State
}

/**
 * What the sandbox and the model use, now and over the last minutes. The state has what was measured; while this is in
 * sight it asks for more, be a turn at work or not. What draws charts is loaded when it is seen first.
 */
export class Monitor implements View {
  readonly name = 'monitor'
  readonly title = 'Monitor'
  readonly contexts = ['monitor'] as const
  private readonly bus: Bus
  private readonly changed: () => void
  /** What is heard while it is in sight. */
  private heard: Disposable[] = []
  private charts: Charts | undefined
  private laid: Laid | undefined
  private first = 0
  private page = 1

  /** `changed` is called when the charts can be drawn. */
  constructor(bus: Bus, changed: () => void) {
    this.bus = bus
    this.changed = changed
  }

  note(): string {
    return ''
  }

  hints(): [Action, string][] {
    return [['pane.hide', 'close'], ['pane.zoom', 'zoom'], ['focus.next', 'next pane']] // prettier-ignore
  }

  seen(on: boolean): void {
    for (const one of this.heard.splice(0)) void one.dispose()
    if (!on) return
    const ask = () => this.bus.emit('stats.ask', {})
    this.heard = [this.bus.on('sandbox.stats', ask), this.bus.on('sandbox.status', ask)]
    ask()
    if (this.charts === undefined) void this.load()
  }

  paint(canvas: Canvas, state: State, { now }: ViewLook): void {
    const { rows } = this.lay(state, canvas, now)
    this.page = Math.max(1, canvas.height - 1)
    this.first = Math.max(0, Math.min(this.first, rows.length - canvas.height))
    for (const [y, row] of rows.slice(this.first, this.first + canvas.height).entries())
      for (const { x, text, tone, max } of row) canvas.text(x, y, text, tone, max)
  }

  act(action: Action): boolean {
    const by: Partial<Record<Action, number>> = {
      'monitor.up': -1,
      'monitor.down': 1,
      'monitor.page-up': -this.page,
      'monitor.page-down': this.page,
      'monitor.half-page-up': -half(this.page),
      'monitor.half-page-down': half(this.page),
    }
    if (by[action] === undefined) return false
    this.first = Math.max(0, this.first + by[action])
    return true
  }

  mouse({ action, button }: ViewMouse): void {
    if (action === 'wheel') this.first = Math.max(0, this.first + (button === 'up' ? -wheelRows : wheelRows))
  }

  private async load(): Promise<void> {
    this.charts = await import('./charts.ts')
    this.changed()
  }

  private lay(state: State, { width, height }: Canvas, now: number): Laid {
    const fresh = isFresh(state, now)
    const key = { width, height, fresh, charts: this.charts }
    if (this.laid !== undefined && isStill(this.laid, { ...key, state, at: now })) return this.laid
    const sections = [sandboxSection(state, now), modelSection(state)]
    const rows = layOut(sections, width, height, { charts: this.charts, fresh, span: spanOf(state.measured.samples) })
    return (this.laid = { ...key, rows, state, at: now })
  }
}

/** True while what was laid out still shows what there is, or changed too short a time ago. */
function isStill(laid: Laid, now: Omit<Laid, 'rows'>): boolean {
  const [before, after] = [laid.state, now.state]
  return (
    laid.width === now.width &&
    laid.height === now.height &&
    laid.fresh === now.fresh &&
    laid.charts === now.charts &&
    before.sandbox === after.sandbox &&
    before.model === after.model &&
    before.local === after.local &&
    before.turn === after.turn &&
    sampledAt(before) === sampledAt(after) &&
    (before.usage === after.usage || now.at - laid.at < relayMs)
  )
}

function sampledAt({ measured }: State): number | undefined {
  return measured.samples.at(-1)?.at
}
