/** How long a tool call took, short enough for a column: `4 ms`, `0.8 s`, `12 s`, `3 m 05 s`, `1 h 02 m`. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < 100) return `${Math.round(whole)} ms`
  if (whole < 9_950) return `${(whole / 1000).toFixed(1)} s`
  return seconds(Math.round(whole / 1000) * 1000)
}

/** Time that is still counting: whole seconds, so that it changes once a second. */
export function seconds(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  if (total < 60) return `${total} s`
  if (total < 3600) return `${Math.floor(total / 60)} m ${pad(total % 60)} s`
  return `${Math.floor(total / 3600)} h ${pad(Math.floor((total % 3600) / 60))} m`
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
