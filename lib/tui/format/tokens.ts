/** A count of tokens in at most five characters: `950`, `14.2k`, `128k`, `1.2M`. */
export function tokens(number: number): string {
  if (number < 1000) return String(Math.max(0, Math.round(number)))
  if (number < 99_950) return `${trim((number / 1000).toFixed(1))}k`
  if (number < 999_500) return `${Math.round(number / 1000)}k`
  return `${trim((number / 1_000_000).toFixed(1))}M`
}

/** US dollars: cents as soon as there are any, `<$0.01` before. */
export function dollars(amount: number): string {
  if (amount > 0 && amount < 0.005) return '<$0.01'
  return amount < 100 ? `$${amount.toFixed(2)}` : `$${Math.round(amount)}`
}

/** How full the context is, 0 to 100, never 0 while something is in it and never 100 before it is full. */
export function percent(part: number, whole: number): number {
  if (part <= 0 || whole <= 0) return 0
  if (part >= whole) return 100
  return Math.min(99, Math.max(1, Math.round((part / whole) * 100)))
}

/** `1 file`, `3 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function trim(number: string): string {
  return number.replace(/\.0$/, '')
}

/** Bytes in at most seven characters: `12 MB`, `1.5 GB`; binary units, as the limits have them. */
export function bytes(number: number): string {
  const megabytes = number / 2 ** 20
  return megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`
}
