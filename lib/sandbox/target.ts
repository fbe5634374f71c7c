import { isIP } from 'node:net'

/** Where a program inside wants to go. The host is in small letters, as the name servers take it. */
export interface Target {
  host: string
  port: number
}

/**
 * A target from its parts, or undefined where the host is nothing that could be asked for. All ways to write a name or
 * an address become one (URL Standard, host parsing): `EXAMPLE.org.`, `0x7f.1`, `[::ffff:7f00:1]`.
 */
export function target(host: string, port: number): Target | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65_535 || host.length > 255) return undefined
  const url = `http://${host}/`
  if (/[@/\\?#\s%]/.test(host) || !URL.canParse(url)) return undefined
  const { hostname } = new URL(url)
  const name = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  const isName = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name)
  return isName || isIP(name) > 0 ? { host: name, port } : undefined
}

/** A target from `host:port`, as CONNECT has it (RFC 9112, section 3.2.3). */
export function targetOf(authority: string): Target | undefined {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(authority) ?? []
  // The host alone: a port there would be dropped or doubled.
  return host === undefined ? undefined : target(host, Number(port))
}

export function isAddress({ host }: Target): boolean {
  return isIP(host) > 0
}

/** `host:port`, with brackets where the host is an address that has colons. */
export function nameOf({ host, port }: Target): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Whether a pattern covers a target: `mirror.example.org:443`, or `*.example.net:80` for every name below that one. */
export function covers(pattern: string, { host, port }: Target): boolean {
  const colon = pattern.lastIndexOf(':')
  if (Number(pattern.slice(colon + 1)) !== port) return false
  const name = pattern.slice(0, colon).toLowerCase()
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name
}
