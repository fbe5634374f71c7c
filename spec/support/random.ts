/** Numbers that look thrown, the same ones for the same seed (mulberry32). */
export interface Random {
  readonly seed: number
  /** A whole number from 0 to below `below`. */
  below(below: number): number
  pick<T>(from: readonly T[]): T
}

/**
 * The seed is DRYDOCK_SEED where that is set; `npm run soak` takes one of the clock, `npm test` the same each time, so that
 * a change fails by what it changed. A spec prints it where it fails.
 */
export function thrown(seed = Number(process.env.DRYDOCK_SEED ?? usual())): Random {
  const next = numbers(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  return { seed, below, pick: (from) => from[below(from.length)]! }
}

/** Numbers from 0 to below 1. */
export function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function usual(): number {
  return process.env.DRYDOCK_SOAK === undefined ? 1 : Date.now() % 1_000_000
}
