/** A text that was looked through, with how well it fits: the higher, the better. */
export interface Match<T> {
  item: T
  score: number
}

/** What a letter of the query is worth where it goes on from the one before, begins a word, or begins the text. */
const goesOn = 8
const beginsWord = 6
const inName = 3

/**
 * The items that hold the letters of `query` in their order, the best first, at most `most`; all in their own order
 * where the query is empty. Capitals count for nothing. Cheap enough to be called at each key for 100,000 paths.
 */
export function fuzzy<T>(query: string, items: readonly T[], textOf: (item: T) => string, most = 200): Match<T>[] {
  const wanted = query.toLowerCase().replaceAll(' ', '')
  if (wanted === '') return items.slice(0, most).map((item) => ({ item, score: 0 }))
  const found: Match<T>[] = []
  let worst = -Infinity
  for (const item of items) {
    const score = scoreOf(wanted, textOf(item))
    if (score === undefined || (found.length >= most * 2 && score <= worst)) continue
    found.push({ item, score })
    if (found.length < most * 4) continue
    // Cut now and then rather than each time.
    found.sort((a, b) => b.score - a.score)
    found.length = most
    worst = found.at(-1)!.score
  }
  return found.toSorted((a, b) => b.score - a.score).slice(0, most)
}

/** How well a text fits; undefined where the letters are not in it. `wanted` is in small letters. */
export function scoreOf(wanted: string, text: string): number | undefined {
  const lower = text.toLowerCase()
  const name = lower.lastIndexOf('/') + 1
  // From the end: of a path the name is what people type.
  let at = lower.length
  let score = 0
  let before = -1
  for (let i = wanted.length - 1; i >= 0; i -= 1) {
    at = lower.lastIndexOf(wanted[i]!, at - 1)
    if (at < 0) return undefined
    if (at + 1 === before) score += goesOn
    if (at === 0 || isBreak(lower.charCodeAt(at - 1))) score += beginsWord
    if (at >= name) score += inName
    before = at
    if (at === 0 && i > 0) return undefined
  }
  return Math.max(score, wholeScore(wanted, lower, name)) - lower.length / 64
}

/** Places of the whole that are looked at, from the end. */
const mostTried = 8

/** How well it fits as a whole: where it begins a word of the name, of the folders, or stands anywhere. */
function wholeScore(wanted: string, lower: string, name: number): number {
  let best = -Infinity
  let at = lower.length
  for (let tried = 0; tried < mostTried && at > 0; tried += 1) {
    at = lower.lastIndexOf(wanted, at - 1)
    if (at < 0) break
    const begins = at === 0 || isBreak(lower.charCodeAt(at - 1)) ? beginsWord : 0
    best = Math.max(best, begins + (at >= name ? inName * wanted.length : 0))
  }
  return best + goesOn * (wanted.length - 1)
}

/** What stands before a word: anything but a letter and a digit. */
function isBreak(code: number): boolean {
  return !((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127)
}
