const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long ago something was, as one would say it: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the day. */
export function age(at: number, now: number): string {
  const ms = Math.max(0, now - at)
  if (ms < minute) return 'just now'
  if (ms < hour) return `${Math.floor(ms / minute)} min ago`
  if (ms < day) return `${Math.floor(ms / hour)} h ago`
  if (ms < 2 * day) return 'yesterday'
  if (ms < 30 * day) return `${Math.floor(ms / day)} days ago`
  return new Date(at).toISOString().slice(0, 10)
}
