/** So many lines of a file are compared, and so many characters of a line: this runs only when an edit failed. */
const linesCompared = 50_000
const charactersCompared = 300
const linesShown = 30
/** So many lines of the text that is sought are compared: a file of one line over and over is like it nearly everywhere. */
const linesSought = 100

/** A hint for the model about a text that is not in a file: the place that comes nearest, and how it differs. */
export function similarTo(file: string, old: string): string {
  const wanted = lines(old)
  if (wanted.length > 0 && wanted.every((line) => /^\s*\d+\t/.test(line))) {
    return 'It seems to hold the line numbers that read puts before each line: leave them out.'
  }
  const present = file.split(/\r?\n/).slice(0, linesCompared)
  const same = spacedDifferently(present, wanted)
  if (same !== undefined) {
    return `It differs from this place by white space only, so copy it from here:\n${shown(present, same, wanted.length)}`
  }
  const near = nearestPlace(present, wanted)
  if (near === undefined) return 'Nothing in the file is like it: read the file again.'
  return `The nearest place in it is:\n${shown(present, near, wanted.length)}`
}

/** Lines without the empty ones at both ends. */
function lines(text: string): string[] {
  const all = text.trimEnd().split(/\r?\n/)
  return all.slice(
    Math.max(
      0,
      all.findIndex((line) => line.trim() !== ''),
    ),
  )
}

function spacedDifferently(present: string[], wanted: string[]): number | undefined {
  const bare = wanted.slice(0, linesSought).map(withoutSpace)
  if (bare.every((line) => line === '')) return undefined
  const candidates = present.map(withoutSpace)
  const single = bare.length === 1
  const at = candidates.findIndex((line, index) =>
    single ? line.includes(bare[0]!) : bare.every((each, step) => candidates[index + step] === each),
  )
  return at < 0 ? undefined : at
}

function withoutSpace(line: string): string {
  return line.replaceAll(/\s+/g, '')
}

/** Where the most telling line of the wanted text has its nearest likeness, if that is near at all. */
function nearestPlace(present: string[], wanted: string[]): number | undefined {
  const telling = wanted.reduce(
    (best, line, index) => (line.trim().length > wanted[best]!.trim().length ? index : best),
    0,
  )
  const pairs = pairsOf(wanted[telling]!)
  let [best, likeness] = [-1, 0.4]
  for (const [index, line] of present.entries()) {
    const alike = dice(pairs, pairsOf(line))
    if (alike > likeness) [best, likeness] = [index, alike]
  }
  return best < 0 ? undefined : Math.max(0, best - telling)
}

function pairsOf(line: string): Set<string> {
  const text = line.trim().slice(0, charactersCompared)
  const pairs = new Set<string>()
  for (let at = 0; at + 1 < text.length; at++) pairs.add(text.slice(at, at + 2))
  return pairs
}

/** Sørensen and Dice's measure: twice what two sets share, over what both hold. */
function dice(a: Set<string>, b: Set<string>): number {
  if (a.size + b.size === 0) return 0
  let shared = 0
  for (const pair of a) if (b.has(pair)) shared += 1
  return (2 * shared) / (a.size + b.size)
}

function shown(present: string[], from: number, count: number): string {
  const some = present.slice(from, from + Math.min(count, linesShown))
  return some.map((line, index) => `${from + index + 1}\t${line.slice(0, charactersCompared)}`).join('\n')
}
