/** Reading of JSON that a stranger wrote: a field of the wrong type counts as absent. */

export type Json = Record<string, unknown>

/** The object, or an empty one where `value` is none. */
export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

/** The list, or an empty one where `value` is none. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The string, or an empty one where `value` is none. */
export function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A count of something: a finite number from 0 on. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/**
 * JSON text for a request. Halves of surrogate pairs (file names that are not UTF-8 hold them, see lib/core/paths.ts)
 * become U+FFFD: services refuse them.
 */
export function stringify(value: unknown): string {
  const text = JSON.stringify(value)
  if (!/\\ud[89a-f]/.test(text)) return text
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.replace(/\p{Surrogate}/gu, '\ufffd') : item,
  )
}
