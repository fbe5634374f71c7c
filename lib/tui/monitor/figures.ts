import type { Tone } from '../../config/theme.ts'
import { dollars, percent, tokens } from '../format/tokens.ts'
import { isWorking, type State } from '../state.ts'
import { levels, type Point, rates, topOf } from './series.ts'

/** How a figure went on over time. */
export interface Course {
  points: readonly Point[]
  /** The upper end of its scale, and how that is written. */
  top: number
  topLabel: string
}

/** One thing that is measured. */
export interface Figure {
  label: string
  /** What it is now, with its unit. */
  value: string
  tone: Tone
  course?: Course
  /** The part of its limit, 0 to 1. */
  part?: number
  /** Said where a limit would stand. */
  note?: string
  /** It is worth a chart of its own, where there is room. */
  large?: true
}

export interface Section {
  title: string
  /** Said beside the title. */
  about: { text: string; tone: Tone }
  figures: Figure[]
}

/** What is said of a figure that nobody has measured yet, and of one that is not measured. */
const none = '–'
const never = 'not measured here'

/** Milliseconds after which a sample is not what is now. */
const freshMs = 5_000

/** True where what was measured last still holds. */
export function isFresh({ measured }: State, now: number): boolean {
  return now - (measured.samples.at(-1)?.at ?? -Infinity) < freshMs
}

/** What the sandbox uses. */
export function sandboxSection(state: State, now: number): Section {
  const { samples, limits } = state.measured
  const last = samples.at(-1)
  const tone: Tone = isFresh(state, now) ? 'normal' : 'dim'

  const limited = (
    label: string,
    name: 'cpus' | 'memory' | 'pids' | 'disk',
    write: (value: number) => string,
    scale: { least: number; base: 2 | 10; unit?: string },
  ): Figure => {
    const [used, limit] = [last?.[name], limits?.[name]]
    if (used === undefined) {
      const isNever = samples.length > 1 && samples.every((sample) => sample[name] === undefined)
      return { label, value: isNever ? never : none, tone: 'dim' }
    }
    const points = levels(samples, name)
    const top = topOf(points, scale.least, scale.base)
    const unit = scale.unit === undefined ? '' : ` ${scale.unit}`
    return {
      label,
      value: `${write(used)} of ${write(limit!)}${unit}`,
      tone,
      course: { points, top, topLabel: write(top) },
      ...(limit! > 0 ? { part: used / limit! } : {}),
    }
  }
  const flow = (label: string, name: 'sent' | 'received'): Figure => {
    const points = rates(samples, name)
    const rate = points.at(-1)?.value ?? NaN
    const top = topOf(points, 1024, 2)
    return {
      label,
      value: Number.isNaN(rate) ? none : `${size(rate)}/s`,
      tone: Number.isNaN(rate) ? 'dim' : tone,
      course: { points, top, topLabel: `${size(top)}/s` },
      ...(last === undefined ? {} : { note: `${size(last[name])} in all` }),
    }
  }
  return {
    title: 'Sandbox',
    about: about(state, now),
    figures: [
      { ...limited('cpu', 'cpus', processors, { least: 0.1, base: 10, unit: 'CPUs' }), large: true },
      { ...limited('memory', 'memory', size, { least: 2 ** 20, base: 2 }), large: true },
      limited('processes', 'pids', String, { least: 10, base: 10 }),
      limited('disk', 'disk', size, { least: 2 ** 20, base: 2 }),
      flow('received', 'received'),
      flow('sent', 'sent'),
    ],
  }
}

/** What the model uses. */
export function modelSection(state: State): Section {
  const { usage } = state
  const used = usage.input + usage.output > 0
  const nothing: Pick<Figure, 'value' | 'tone'> = { value: none, tone: 'dim' }
  return {
    title: 'Model',
    about: { text: modelName(state), tone: 'dim' },
    figures: [
      speed(state),
      { label: 'context', ...(usage.contextTokens > 0 ? context(usage) : nothing) },
      { label: 'tokens', ...(used ? is(`${tokens(usage.input)} in ${tokens(usage.output)} out`) : nothing) },
      {
        label: 'cost',
        ...(used ? is(usage.costUsd === undefined ? 'price not known' : dollars(usage.costUsd)) : nothing),
      },
    ],
  }
}

/** A script's name would be its whole path. */
function modelName({ model }: State): string {
  if (model === '') return 'no model is chosen'
  return model.startsWith('script/') ? 'a script' : model
}

function is(value: string): Pick<Figure, 'value' | 'tone'> {
  return { value, tone: 'normal' }
}

/** Tokens a second: of the answer that streams, as far as its length tells, else of the last one, as its service counts. */
function speed(state: State): Figure {
  const { samples, speed: counted } = state.measured
  const points = rates(samples, 'written')
  const top = topOf(points, 10, 10)
  const latest = points.slice(-3).map(({ value }) => value)
  const live = isWorking(state) ? latest.reduce((sum, value) => sum + value, 0) / latest.length : NaN
  const course = { points, top, topLabel: `${tokens(top)}/s` }
  const figure = { label: 'speed', course, large: true as const }
  const of = counted === undefined ? none : `${tokens(counted)} tokens/s`
  if (live >= 1) return { ...figure, value: `~${tokens(live)} tokens/s`, tone: 'normal', note: 'by its length' }
  return {
    ...figure,
    value: of,
    tone: counted === undefined ? 'dim' : 'normal',
    ...(counted === undefined ? {} : { note: 'last answer' }),
  }
}

function context({ contextTokens, contextLimit }: State['usage']): Pick<Figure, 'value' | 'tone' | 'part' | 'note'> {
  if (contextLimit === undefined)
    return { value: `${tokens(contextTokens)} tokens`, tone: 'normal', note: 'limit not known' }
  const value = `${tokens(contextTokens)} of ${tokens(contextLimit)}`
  return { value, tone: 'normal', part: percent(contextTokens, contextLimit) / 100 }
}

/** What is to be known of the sandbox besides its figures. */
function about(state: State, now: number): Section['about'] {
  const { sandbox, local, measured } = state
  if (local) return { text: 'there is none: what runs is not measured', tone: 'dim' }
  if (sandbox === undefined) return { text: 'no container yet', tone: 'dim' }
  if (sandbox.state === 'failed' || sandbox.state === 'gone') return { text: `✗ ${sandbox.text}`, tone: 'error' }
  if (sandbox.state !== 'ready') return { text: `no container yet: ${sandbox.text}`, tone: 'waiting' }
  const old = measured.samples.length > 0 && !isFresh(state, now)
  return { text: `✓ ${sandbox.text}${old ? ', as last measured' : ''}`, tone: 'dim' }
}

function processors(number: number): string {
  return number.toFixed(number < 1 && number > 0 ? 2 : number % 1 === 0 ? 0 : 1)
}

/** Bytes in at most seven characters, in binary units: `0 B`, `12 KB`, `1.5 MB`, `4.0 GB`. */
function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value < 9.95 && unit > 1 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}
