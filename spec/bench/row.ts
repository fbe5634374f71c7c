/** One line of the table: a time, and what it is measured against in the same run. */
export interface Row extends Summary {
  what: string
  beside: string
  ratio: number
  promise: string
}

/** Times in milliseconds. */
export interface Summary {
  median: number
  least: number
  /** All but one in a hundred took at most this. */
  p99: number
}

export function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!
  return { median: at(0.5), least: at(0), p99: at(0.99) }
}
