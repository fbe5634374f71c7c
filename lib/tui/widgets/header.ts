import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import { shortPath } from '../format/path.ts'
import { bytes } from '../format/tokens.ts'
import type { Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'
import type { State } from '../state.ts'
import { columns, cut } from '../width.ts'
import { spinnerAt } from './card.ts'

/** Columns of the program's name, and between what stands on the right. */
const leastLeft = 10
const gap = '   '

/** The part of a limit from which on it stands out. */
const nearlyAll = 0.8

/** The first line: where we are on the left, with what and in what on the right. */
export function paintHeader(canvas: Canvas, state: State, options: { home: string; now: number }): void {
  const sandbox = sandboxSpans(state, canvas.width >= 100, options.now)
  const room = canvas.width - 1 - leastLeft - gap.length - rowWidth(sandbox)
  const model = fitting(modelSpans(state.model, canvas.width >= 70), room)
  const right = [...model, { text: sandbox.length > 0 ? gap : '', tone: 'dim' as const }, ...sandbox]
  const start = canvas.width - 1 - rowWidth(right)
  let x = canvas.text(1, 0, 'drydock', 'strong') + 2
  const { session } = state
  if (session !== undefined) {
    const branch = session.branch === undefined ? '' : `⎇ ${session.branch}`
    const most = start - 3 - x - (branch === '' ? 0 : Math.min(24, columns(branch)) + 2)
    x = canvas.text(x, 0, shortPath(session.project, options.home, Math.max(8, most)), 'normal') + 2
    canvas.text(x, 0, branch, 'dim', Math.max(0, Math.min(24, start - 2 - x)))
  }
  x = Math.max(start, leastLeft)
  for (const span of right) x = canvas.text(x, 0, span.text, span.tone)
}

/** `provider/model` as people say it. */
function modelSpans(name: string, withProvider: boolean): Span[] {
  if (name === '') return [{ text: 'no model', tone: 'waiting' }]
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(0, slash))
  if (provider === 'script') return [{ text: withProvider ? 'demo: scripted model' : 'demo', tone: 'waiting' }]
  const model: Span = { text: name.slice(slash + 1), tone: 'normal' }
  return withProvider && provider !== '' ? [model, { text: ` · ${provider}`, tone: 'dim' }] : [model]
}

function sandboxSpans(state: State, long: boolean, now: number): Span[] {
  if (state.sandbox === undefined) return []
  const { sign, tone } = sandboxSign(state.sandbox.state, now)
  // Once it is ready its sign says so, and there is room for what it is.
  const isReady = state.sandbox.state === 'ready'
  const said = isReady ? (long ? harmless(cut(state.sandbox.text, 30)) : '') : state.sandbox.state
  return [
    { text: 'sandbox ', tone: 'dim' },
    { text: sign, tone },
    { text: said === '' ? '' : ` ${said}`, tone: 'dim' },
    ...(long && state.stats !== undefined ? statsSpans(state.stats) : []),
  ]
}

/** Of how much of its memory and of what part of one processor the sandbox makes use. */
function statsSpans({ memory, cpus, limits }: NonNullable<State['stats']>): Span[] {
  const spans: Span[] = []
  if (memory !== undefined) {
    spans.push({ text: `  ${bytes(memory)}`, tone: memory >= limits.memory * nearlyAll ? 'waiting' : 'dim' })
  }
  if (cpus !== undefined) spans.push({ text: `  ${Math.round(cpus * 100)} % cpu`, tone: 'dim' })
  return spans
}

function sandboxSign(state: NonNullable<State['sandbox']>['state'], now: number): { sign: string; tone: Tone } {
  if (state === 'ready') return { sign: '✓', tone: 'ok' }
  if (state === 'failed' || state === 'gone') return { sign: '✗', tone: 'error' }
  return { sign: spinnerAt(now), tone: 'waiting' }
}

function rowWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + columns(text), 0)
}

/** What does not fit of the spans goes, from the last on; the first is cut. */
function fitting(spans: Span[], room: number): Span[] {
  if (rowWidth(spans) <= room) return spans
  return spans.length > 1
    ? fitting(spans.slice(0, -1), room)
    : spans.map((one) => ({ ...one, text: cut(one.text, room) }))
}
