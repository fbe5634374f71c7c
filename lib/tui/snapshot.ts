import { initialState, type Entry, type State } from './state.ts'

/** Characters of the conversation that a snapshot has at most, the newest, and that one part has. */
const longest = { all: 32_000_000, part: 128_000 }

/** A piece of a state, as data: what it is besides its entries, which comes first, then the entries in order. */
export type Part = { rest: Omit<State, 'settled' | 'live'> } | { settled: Entry[] } | { live: Entry[] }

/**
 * A state in parts, each made when it is asked for: a state does not change, so that making the parts may take its time.
 * The beginning of a conversation that is longer than a snapshot may be is left out, and said to be.
 */
export function* partsOf({ settled, live, ...rest }: State): Generator<Part> {
  yield { rest }
  const from = firstKept(settled)
  if (from > 0) {
    const text = `What was before is in the session's log.`
    yield { settled: [{ kind: 'notice', key: settled[from - 1]!.key, sign: 'dim', text }] }
  }
  for (const entries of runs(settled, from)) yield { settled: entries }
  for (const entries of runs(live, 0)) yield { live: entries }
}

/** Puts parts together again. */
export class Assembly {
  private rest: Omit<State, 'settled' | 'live'> = initialState
  private settled: Entry[] = []
  private live: Entry[] = []

  take(part: Part): void {
    if ('settled' in part) this.settled.push(...part.settled)
    else if ('live' in part) this.live.push(...part.live)
    else {
      this.rest = part.rest
      this.settled = []
      this.live = []
    }
  }

  /** The state, once all of its parts were taken. */
  get state(): State {
    return { ...this.rest, settled: this.settled, live: this.live }
  }
}

function firstKept(entries: readonly Entry[]): number {
  let room = longest.all
  let from = entries.length
  while (from > 0 && (room -= sizeOf(entries[from - 1]!)) >= 0) from -= 1
  return from
}

function* runs(entries: readonly Entry[], from: number): Generator<Entry[]> {
  let run: Entry[] = []
  let size = 0
  for (const entry of entries.slice(from)) {
    run.push(entry)
    size += sizeOf(entry)
    if (size < longest.part) continue
    yield run
    run = []
    size = 0
  }
  if (run.length > 0) yield run
}

/** About how many characters an entry takes on the wire. */
function sizeOf(entry: Entry): number {
  return 100 + (entry.kind === 'tool' ? entry.output.length : entry.text.length)
}
