import type { Sample } from './measured.ts'

/** A number at a moment (milliseconds since 1970); NaN where it was not measured. */
export interface Point {
  at: number
  value: number
}

/** From one sample to the next there is at most so long, in milliseconds: beyond it nobody has measured. */
const longestGapMs = 4_000

/** Seconds that a chart can show; the shortest that shows all is taken, so that it seldom changes. */
const spans = [60, 120, 300, 600] as const

/** A figure as it was measured. */
export function levels(samples: readonly Sample[], name: 'cpus' | 'memory' | 'pids' | 'disk'): Point[] {
  return samples.map((sample) => ({ at: sample.at, value: sample[name] ?? NaN }))
}

/** How fast a count has risen, a second. */
export function rates(samples: readonly Sample[], name: 'sent' | 'received' | 'written'): Point[] {
  return samples.map((sample, i) => {
    const before = samples[i - 1]
    const ms = sample.at - (before?.at ?? -Infinity)
    const value =
      before === undefined || ms > longestGapMs || ms <= 0 ? NaN : ((sample[name] - before[name]) * 1000) / ms
    return { at: sample.at, value: Math.max(0, value) }
  })
}

/** Seconds that charts of these samples show. */
export function spanOf(samples: readonly Sample[]): number {
  const seconds = samples.length === 0 ? 0 : (samples.at(-1)!.at - samples[0]!.at) / 1000
  return spans.find((span) => span >= seconds) ?? spans.at(-1)!
}

/** The means of so many equal slots of time, of which the last ends with the last point; NaN where nothing was measured. */
export function slots(points: readonly Point[], seconds: number, count: number): number[] {
  const end = points.at(-1)?.at ?? 0
  const slotMs = (seconds * 1000) / count
  const sums = Array.from({ length: count }, () => ({ sum: 0, of: 0 }))
  for (const { at, value } of points) {
    const slot = sums[count - 1 - Math.floor((end - at) / slotMs)]
    if (slot === undefined || Number.isNaN(value)) continue
    slot.sum += value
    slot.of += 1
  }
  // Where slots are shorter than it takes to the next sample, a sample fills those up to there.
  let held = { value: NaN, slot: -Infinity }
  return sums.map(({ sum, of }, i) => {
    if (of > 0) held = { value: sum / of, slot: i }
    return (i - held.slot) * slotMs < longestGapMs ? held.value : NaN
  })
}

/** The upper end of a scale for these points: the next number that is a handsome one. `base`: what its steps go by. */
export function topOf(points: readonly Point[], least: number, base: 2 | 10): number {
  const most = points.reduce((max, { value }) => (value > max ? value : max), least)
  if (base === 2) return 2 ** Math.ceil(Math.log2(most))
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most)!
}
