import type { Facts, Stats } from '../../core/events.ts'

/** How long a sample is kept, in milliseconds. */
export const keptMs = 600_000
/** And how many are, should they come faster than once a second. */
const mostKept = 600

/** Characters that make a token, about, while the model has not counted them yet. */
const charactersPerToken = 4

/** What was used at a moment. What was not measured is left out. */
export interface Sample extends Omit<Stats, 'limits'> {
  /** Milliseconds since 1970. */
  at: number
  /** Bytes in all. */
  sent: number
  received: number
  /** Tokens that the model had written, in all: counted by its service, or estimated where those are still to come. */
  written: number
}

/** What the sandbox and the model have used in the last minutes. */
export interface Measured {
  /** The oldest first. */
  samples: readonly Sample[]
  limits?: Stats['limits']
  /** Tokens a second of the last answer, by the count of its service. */
  speed?: number
  /** The key of the first entry of the conversation that no count has taken in yet. */
  uncounted: number
}

/** Something in the conversation, of which texts and thoughts are the model's. */
interface Said {
  key: number
  kind: string
  text?: string
}

export const nothingMeasured: Measured = Object.freeze({ samples: [], uncounted: 0 })

/** With another sample; `output` is what the services have counted so far, `live` what the turn at work has said. */
export function sampled(
  measured: Measured,
  { limits, network, ...stats }: Facts['sandbox.stats'],
  output: number,
  live: readonly Said[],
): Measured {
  const sample = { ...stats, ...network, written: output + estimate(live, measured.uncounted) }
  const first = measured.samples.findIndex(({ at }) => at > sample.at - keptMs)
  const kept = first < 0 ? [] : measured.samples.slice(Math.max(first, measured.samples.length + 1 - mostKept))
  return { ...measured, limits, samples: [...kept, sample] }
}

/**
 * With an answer counted: what it took is put in the place of the estimate, evenly over the time that it streamed in.
 * `before`: what was counted up to then; `next`: the key of the next entry.
 */
export function counted(
  measured: Measured,
  { usage, at, ms }: Facts['usage.counted'],
  before: number,
  next: number,
): Measured {
  const start = at - ms
  const part = (moment: number) => Math.max(0, Math.min(1, ms > 0 ? (moment - start) / ms : Number(moment >= at)))
  const samples = measured.samples.map((sample) =>
    sample.at > start || sample.written > before
      ? { ...sample, written: before + usage.output * part(sample.at) }
      : sample,
  )
  return { ...measured, samples, uncounted: next, ...(ms > 0 ? { speed: (usage.output * 1000) / ms } : {}) }
}

function estimate(live: readonly Said[], from: number): number {
  let characters = 0
  for (const { key, kind, text = '' } of live)
    if (key >= from && (kind === 'text' || kind === 'thought')) characters += text.length
  return characters / charactersPerToken
}
