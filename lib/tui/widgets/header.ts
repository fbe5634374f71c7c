import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import { shortPath } from '../format/path.ts'
import { bytes } from '../format/tokens.ts'
import type { Span } from '../format/wrap.ts'
import type { State } from '../state.ts'
import { columns } from '../width.ts'
import { spinnerAt } from './card.ts'

/** The part of a limit from which on it stands out. */
const nearlyAll = 0.8

/** The first line: where we are on the left, with what and in what on the right. */
export function paintHeader(canvas: Canvas, state: State, options: { home: string; now: number }): void {
  const sandbox = sandboxSpans(state, canvas.width >= 100, options.now)
  const model = modelSpans(state.model, canvas.width >= 70)
  const right = [
    ...model,
    { text: model.length > 0 && sandbox.length > 0 ? '   ' : '', tone: 'dim' as const },
    ...sandbox,
  ]
  const start = canvas.width - 1 - right.reduce((sum, span) => sum + columns(span.text), 0)
  let x = canvas.text(1, 0, 'drydock', 'strong') + 2
  const { session } = state
  if (session !== undefined) {
    const branch = session.branch === undefined ? '' : `⎇ ${session.branch}`
    const room = start - 3 - x - (branch === '' ? 0 : Math.min(24, columns(branch)) + 2)
    x = canvas.text(x, 0, shortPath(session.project, options.home, Math.max(8, room)), 'normal') + 2
    canvas.text(x, 0, branch, 'dim', Math.max(0, Math.min(24, start - 2 - x)))
  }
  x = Math.max(start, 10)
  for (const span of right) x = canvas.text(x, 0, span.text, span.tone)
}

/** `provider/model` as people say it. */
function modelSpans(name: string, withProvider: boolean): Span[] {
  if (name === '') return [{ text: 'no model', tone: 'waiting' }]
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(0, slash))
  if (provider === 'script') return [{ text: 'demo: scripted model', tone: 'waiting' }]
  const model: Span = { text: name.slice(slash + 1), tone: 'normal' }
  return withProvider && provider !== '' ? [model, { text: ` · ${provider}`, tone: 'dim' }] : [model]
}

function sandboxSpans(state: State, long: boolean, now: number): Span[] {
  if (state.sandbox === undefined) return []
  const { sign, tone } = sandboxSign(state.sandbox.state, now)
  const word = long || state.sandbox.state === 'ready' ? '' : ` ${state.sandbox.state}`
  return [
    { text: 'sandbox ', tone: 'dim' },
    { text: sign, tone },
    { text: long ? ` ${state.sandbox.state}` : word, tone: 'dim' },
    ...(long && state.stats !== undefined ? statsSpans(state.stats) : []),
  ]
}

/** Of how much of its memory and of what part of one processor the sandbox makes use. */
function statsSpans({ memory, cpus, limits }: NonNullable<State['stats']>): Span[] {
  const spans: Span[] = []
  if (memory !== undefined) {
    spans.push({ text: ` ${bytes(memory)}`, tone: memory >= limits.memory * nearlyAll ? 'waiting' : 'dim' })
  }
  if (cpus !== undefined) spans.push({ text: ` ${Math.round(cpus * 100)} %`, tone: 'dim' })
  return spans
}

function sandboxSign(state: NonNullable<State['sandbox']>['state'], now: number): { sign: string; tone: Tone } {
  if (state === 'ready') return { sign: '✓', tone: 'ok' }
  if (state === 'failed' || state === 'gone') return { sign: '✗', tone: 'error' }
  return { sign: spinnerAt(now), tone: 'waiting' }
}
