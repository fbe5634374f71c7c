import { cutMiddle } from './wrap.ts'

/** A folder as people write it: `~` for the home folder, and where it is wider than `max` columns cut in the middle. */
export function shortPath(path: string, home: string, max = Infinity): string {
  const base = home.replace(/\/+$/, '')
  const inside = base !== '' && (path === base || path.startsWith(`${base}/`))
  return cutMiddle(inside ? `~${path.slice(base.length)}` : path, max)
}
