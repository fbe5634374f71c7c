import type { Tone } from '../../config/theme.ts'
import type { PlanStep } from '../../core/events.ts'
import { harmless } from '../harmless.ts'
import { wrap, type Row } from './wrap.ts'

const looks: Record<PlanStep['state'], { sign: string; tone: Tone; text: Tone }> = {
  done: { sign: '✓', tone: 'ok', text: 'dim' },
  doing: { sign: '›', tone: 'accent', text: 'accent' },
  pending: { sign: '○', tone: 'dim', text: 'normal' },
}

/** One step of a plan behind its sign, in rows of `width` columns; `margin` begins each. */
export function stepRows({ text, state }: PlanStep, width: number, margin: Row = []): Row[] {
  const { sign, tone, text: words } = looks[state]
  const line = harmless(text.replaceAll(/\s*\n\s*/g, ' '))
  const signed: Row = [...margin, { text: `${sign} `, tone }]
  return wrap([{ text: line, tone: words }], width, signed, [...margin, { text: '  ', tone: 'normal' }])
}

/** The steps that a model gave, which may be anything; undefined where one of them is none. */
export function stepsIn(value: unknown): PlanStep[] | undefined {
  return Array.isArray(value) && value.every(isStep) ? value : undefined
}

function isStep(value: unknown): value is PlanStep {
  const { text, state } = (value ?? {}) as Record<string, unknown>
  return typeof text === 'string' && typeof state === 'string' && Object.hasOwn(looks, state)
}
