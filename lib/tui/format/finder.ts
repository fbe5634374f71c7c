import { scoreOf } from './fuzzy.ts'

/** Milliseconds that are worked at once: a key is answered in between. */
const sliceMs = 4
/** How many of the best are told. */
const most = 200

interface Found {
  index: number
  score: number
}

/**
 * Looks for texts by letters of them, fuzzily, among any number: a slice at a time, and what is typed on narrows down what
 * was found. For few texts `fuzzy` is simpler.
 */
export class Finder {
  /** Called when more was found, and at the end. */
  private readonly changed: () => void
  private readonly now: () => number
  private texts: readonly string[] = []
  /** In small letters, and which signs are in each; made when they are first looked at. */
  private lower: string[] = []
  private signs = new Int32Array(0)
  private query = ''
  private wanted = 0
  /** Where to look: in all, or in what the query that this one goes on from has found. */
  private among: readonly number[] | undefined
  private next = 0
  private matched: number[] = []
  private best: Found[] = []
  private worst = -Infinity
  private soon: NodeJS.Immediate | undefined

  /** `now`: a clock in milliseconds. */
  constructor(changed: () => void, now = () => performance.now()) {
    this.changed = changed
    this.now = now
  }

  /** The texts to look in. Another list is looked through anew; the same costs nothing. */
  use(texts: readonly string[]): void {
    if (texts === this.texts) return
    this.texts = texts
    this.lower = []
    this.signs = new Int32Array(texts.length)
    this.begin(undefined)
  }

  /** Begins to look for a query; what is found at once is told at once. */
  seek(query: string): void {
    const wanted = query.toLowerCase().replaceAll(' ', '')
    if (wanted === this.query) return
    const goesOn = this.isDone && this.query !== '' && wanted.startsWith(this.query)
    this.query = wanted
    this.wanted = signsOf(wanted)
    this.begin(goesOn ? this.matched : undefined)
  }

  /** The best so far, the best first; without a query all, in their order. */
  get found(): string[] {
    if (this.query === '') return this.texts.slice(0, most)
    this.prune()
    return this.best.map(({ index }) => this.texts[index]!)
  }

  /** How many fit so far. */
  get count(): number {
    return this.query === '' ? this.texts.length : this.matched.length
  }

  get isDone(): boolean {
    return this.query === '' || this.next >= (this.among ?? this.texts).length
  }

  /** Looks no further. */
  stop(): void {
    clearImmediate(this.soon)
    this.soon = undefined
  }

  private begin(among: readonly number[] | undefined): void {
    this.stop()
    this.among = among
    this.next = 0
    this.matched = []
    this.best = []
    this.worst = -Infinity
    this.work()
  }

  private readonly work = (): void => {
    this.soon = undefined
    if (this.isDone) return
    const end = this.now() + sliceMs
    const { length } = this.among ?? this.texts
    while (this.next < length) {
      this.look(this.among ? this.among[this.next]! : this.next)
      this.next += 1
      if ((this.next & 63) === 0 && this.now() >= end) break
    }
    if (this.next < length) this.soon = setImmediate(this.work)
    this.changed()
  }

  private look(index: number): void {
    let lower = this.lower[index]
    if (lower === undefined) {
      lower = this.texts[index]!.toLowerCase()
      this.lower[index] = lower
      this.signs[index] = signsOf(lower)
    }
    if ((this.signs[index]! & this.wanted) !== this.wanted) return
    const score = scoreOf(this.query, lower)
    if (score === undefined) return
    this.matched.push(index)
    if (this.best.length >= most && score <= this.worst) return
    this.best.push({ index, score })
    if (this.best.length >= most * 4) this.prune()
  }

  private prune(): void {
    this.best.sort((a, b) => b.score - a.score || a.index - b.index)
    if (this.best.length < most) return
    this.best.length = most
    this.worst = this.best.at(-1)!.score
  }
}

/** Which signs are in a text, a bit for each: what has not all that are wanted need not be looked at. */
function signsOf(text: string): number {
  let signs = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code >= 97 && code <= 122) signs |= 1 << (code - 97)
    else if (code >= 48 && code <= 57) signs |= 1 << 26
    else if (code === 46) signs |= 1 << 27
    else if (code === 47) signs |= 1 << 28
    else signs |= 1 << 29
  }
  return signs
}
