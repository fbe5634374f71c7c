import type { Action } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Canvas } from '../canvas.ts'
import { seconds } from '../format/duration.ts'
import { dollars, percent, tokens } from '../format/tokens.ts'
import type { Span } from '../format/wrap.ts'
import type { State } from '../state.ts'
import { columns } from '../width.ts'
import { spinnerAt } from './card.ts'
import { drawHints, hint, hintsWidth, type Hint } from './hints.ts'
import { Hits } from './hits.ts'

/** A group of words that is shown whole or, where there is no room, not at all. */
interface Segment {
  spans: Span[]
  action?: Action
  /** The higher, the sooner it goes. */
  rank: number
}

/** The last line: what goes on, what it costs, and what can be done where the focus is. */
export class Status {
  private readonly hits = new Hits()
  private readonly keymap: Keymap
  private readonly act: (action: Action) => void

  constructor(keymap: Keymap, act: (action: Action) => void) {
    this.keymap = keymap
    this.act = act
  }

  click(x: number, y: number): boolean {
    return this.hits.click(x, y)
  }

  /** `hints`: what the focus offers, the first the last to go; `message` stands in for the activity for a moment. */
  paint(canvas: Canvas, state: State, now: number, hints: readonly Hint[], message?: string): void {
    this.hits.clear()
    const room = canvas.width - 2
    const escapes = hints.some(({ action }) => action === 'turn.cancel')
    const cancels = state.turn !== undefined && !escapes
    const all = this.segments(state, now, message, canvas.width >= 110, cancels)
    // A turn at work says more than the hints. Without one they come before what is seldom asked, and the first of them
    // before all. A line that is asked for has all of them.
    const needed = widthOf(all.filter(({ rank }) => rank < counted))
    let kept = cancels ? [] : escapes ? hints : hints.slice(0, hintsKept)
    const least = escapes ? kept.length : 1
    while (kept.length > least && needed + 3 + hintsWidth(kept) > room) kept = kept.slice(0, -1)
    const segments = fitting(all, room - (kept.length === 0 ? 0 : hintsWidth(kept) + 3))
    let x = 1
    for (const segment of segments) {
      const start = x
      for (const span of segment.spans) x = canvas.text(x, 0, span.text, span.tone, Math.max(0, canvas.width - 1 - x))
      const { action } = segment
      if (action !== undefined) this.hits.add(start, 0, x - start, () => this.act(action))
      x += 3
    }
    let shown = [...hints]
    while (shown.length > 0 && hintsWidth(shown) > canvas.width - 1 - x) shown = shown.slice(0, -1)
    drawHints(canvas, canvas.width - 1 - hintsWidth(shown), 0, canvas.width, shown, this.hits, this.act)
  }

  private segments(state: State, now: number, message: string | undefined, bar: boolean, cancels: boolean): Segment[] {
    const { usage } = state
    // With what is never left out, since that is the first to be seen.
    const mark: Span[] = state.local ? [{ text: ' LOCAL: no sandbox ', tone: 'danger' }, dim('   ')] : []
    const first = message === undefined ? activity(state, now) : [dim(message)]
    const segments: Segment[] = [{ spans: [...mark, ...first], rank: 0 }]
    const mode = hint(this.keymap, 'mode.next', '')[0]
    segments.push({
      spans: [
        dim('mode: '),
        { text: state.mode, tone: touchesFiles(state) ? 'waiting' : 'normal' },
        dim(mode ? ` ${mode.key}` : ''),
      ],
      action: 'mode.next',
      rank: 2,
    })
    // In the vi set Escape leaves insert mode first.
    const cancel = hint(this.keymap, this.keymap.set === 'vi' ? 'app.interrupt' : 'turn.cancel', '')[0]
    if (cancels && cancel !== undefined) {
      segments.push({ spans: [{ text: cancel.key, tone: 'normal' }, dim(' cancel')], action: 'turn.cancel', rank: 1 })
    }
    if (state.keyboard.holder === 'person' || state.terminal.end > 0) segments.push(keyboard(state.keyboard))
    const workspace = state.sandbox?.workspace
    if (workspace !== undefined)
      segments.push({ spans: [dim('workspace '), { text: workspace, tone: 'normal' }], rank: 1 })
    if (state.ports.length > 0) segments.push(this.ports(state.ports))
    if (state.jobs.length > 0) segments.push({ spans: [dim(`${state.jobs.length} in background`)], rank: 3 })
    if (state.queue.length > 0) segments.push({ spans: [dim(`${state.queue.length} queued`)], rank: 3 })
    if (usage.contextLimit !== undefined && usage.contextTokens > 0)
      segments.push(gauge(usage.contextTokens, usage.contextLimit, bar))
    if (usage.input + usage.output > 0) {
      segments.push({ spans: [dim(`${tokens(usage.input)} in  ${tokens(usage.output)} out`)], rank: 6 })
      if (usage.costUsd !== undefined) segments.push({ spans: [dim(dollars(usage.costUsd))], rank: 4 })
    }
    return segments
  }

  /** What listens in the sandbox: where it answers on this machine, or the key that lets it. */
  private ports(ports: State['ports']): Segment {
    const spans = ports
      .slice(0, portsShown)
      .flatMap(({ port, local }, i): Span[] => [
        dim(i === 0 ? '' : ' '),
        local === undefined ? { text: `:${port}`, tone: 'normal' } : { text: `127.0.0.1:${local}`, tone: 'ok' },
      ])
    const [key] = ports.every(({ local }) => local !== undefined) ? [] : hint(this.keymap, 'port.open', '')
    const more = ports.length > portsShown ? ` +${ports.length - portsShown}` : ''
    return { spans: [...spans, dim(more + (key === undefined ? '' : ` ${key.key}`))], action: 'port.open', rank: 3 }
  }
}

/** From this rank on a segment says what a person seldom asks. */
const counted = 6
/** Hints that come before what is counted. */
const hintsKept = 3

/** Ports that are named; the others are counted. */
const portsShown = 3

/** True where files of the person change without a word of theirs. */
function touchesFiles({ mode }: State): boolean {
  return mode === 'turn' || mode === 'live'
}

function fitting(segments: Segment[], room: number): Segment[] {
  let kept = segments
  while (kept.length > 1 && widthOf(kept) > room) {
    const worst = Math.max(...kept.map((segment) => segment.rank))
    kept = kept.filter((segment) => segment.rank !== worst)
  }
  return kept
}

function widthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { spans }) => sum + 3 + spans.reduce((w, span) => w + columns(span.text), 0), -3)
}

function activity(state: State, now: number): Span[] {
  if (state.questions.length > 0) {
    const more = state.questions.length > 1 ? ` ${state.questions.length} times` : ''
    return [{ text: `? asks you${more}`, tone: 'waiting' }]
  }
  if (state.turn !== undefined) {
    const what = state.turn.kind === 'command' ? 'running' : 'working'
    return [{ text: `${spinnerAt(now)} ${what} ${seconds(now - state.turn.startedAt)}`, tone: 'accent' }]
  }
  const sandbox = state.sandbox
  if (sandbox?.state === 'starting' || sandbox?.state === 'building') {
    return [{ text: `${spinnerAt(now)} `, tone: 'waiting' }, dim(sandbox.text)]
  }
  return [{ text: '●', tone: 'ok' }, dim(' ready')]
}

/** Who types in the agent's terminal, and who waits for whom. */
function keyboard({ holder, busy, waiting }: State['keyboard']): Segment {
  const mine = holder === 'person'
  const who: Span = { text: mine ? 'you' : 'agent', tone: mine ? 'strong' : 'dim' }
  const waits = waiting === undefined ? '' : mine ? '  ? the agent waits' : '  ? waits for your command'
  const said: Span[] = [
    { text: waits || (busy ? '  your command runs on' : ''), tone: waits === '' ? 'dim' : 'waiting' },
  ]
  return {
    spans: [dim('keyboard: '), who, ...said],
    action: 'keyboard.take',
    rank: mine || busy || waits !== '' ? 1 : 7,
  }
}

function gauge(used: number, limit: number, bar: boolean): Segment {
  const full = percent(used, limit)
  const cells = Math.round(full / 10)
  const tone = full >= 80 ? 'waiting' : 'dim'
  const cellsShown: Span[] = [
    { text: '▓'.repeat(cells), tone },
    { text: '░'.repeat(10 - cells), tone: 'line' },
    { text: ' ', tone },
  ]
  return { spans: [dim('context '), ...(bar ? cellsShown : []), { text: `${full} %`, tone }], rank: 5 }
}

function dim(text: string): Span {
  return { text, tone: 'dim' }
}
