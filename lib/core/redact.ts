const hidden = '[redacted]'
/** Shorter than this, a "secret" would blot out ordinary words. */
const shortest = 6
/** How deep data is followed before it is cut. */
const deepest = 8

/** What gives a secret away by its shape. */
const patterns: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  [
    /\b((?:proxy-)?authorization|x-api-key|api-key|cookie)(["']?\s*[:=]\s*["']?)(?:(bearer|basic|token)\s+)?[^\s"',;]+/gi,
    `$1$2${hidden}`,
  ],
  [/\b(bearer)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}/g, hidden],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g, hidden],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, hidden],
  [/\/\/[^\s/:@]+:[^\s/@]+@/g, `//${hidden}@`],
]

const secretName = /^(?:(?:proxy-)?authorization|x-api-key|api[-_]?key|cookie|set-cookie|password|secret|token)$/i

/** Takes secrets out of what is about to be kept: those it was told of, and those that look like one. */
export class Redactor {
  private secrets: readonly string[] = []

  /** From now on `secret` appears nowhere. */
  add(secret: string): void {
    if (secret.length < shortest || this.secrets.includes(secret)) return
    // The longest first: one may begin like another, whose rest would stay.
    this.secrets = [...this.secrets, secret].toSorted((a, b) => b.length - a.length)
  }

  text(text: string): string {
    let clean = text
    for (const secret of this.secrets) clean = clean.replaceAll(secret, hidden)
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement)
    return clean
  }

  /** A copy of any data that JSON can hold, without secrets, circles and endless depth. Errors keep name, message, stack. */
  data(value: unknown, depth = 0, above: readonly unknown[] = []): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (above.includes(value)) return '[circle]'
    if (depth >= deepest) return '[deeper]'
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString()
    const inner = (item: unknown) => this.data(item, depth + 1, [...above, value])
    if (Array.isArray(value) || value instanceof Set) return [...value].map(inner)
    const entries = value instanceof Map ? [...value] : Object.entries(value)
    const copy: [string, unknown][] = entries.map(([name, item]) => {
      const key = this.text(String(name))
      return [key, secretName.test(key) && typeof item === 'string' ? hidden : inner(item)]
    })
    if (value instanceof Error) {
      const { name, message, stack, cause } = value
      copy.unshift(['name', inner(name)], ['message', inner(message)], ['stack', inner(stack)])
      if (cause !== undefined) copy.push(['cause', inner(cause)])
    }
    return Object.fromEntries(copy)
  }
}
