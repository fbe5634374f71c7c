import ignore, { type Ignore } from 'ignore'

/**
 * What a line may be at most, so that no hostile file keeps the matcher busy: each wildcard multiplies the ways in which
 * a long name can be tried. Lines beyond this are passed over.
 */
const longestLine = 500
const mostWildcards = 3
const mostFolderWildcards = 2
const mostLines = 2000
/** So many lines may have as many wildcards as a line may have. */
const mostBusyLines = 32

/** Milliseconds that the patterns of one look at a tree may take in all; after that they say nothing. */
const patienceMs = 2000

/** What is left of the time for patterns; one for each look at a tree. */
export class Patience {
  leftMs = patienceMs
}

/** Patterns as in a .gitignore, which whoever wrote them cannot make slow. */
export class Patterns {
  private readonly rules: Ignore
  private readonly patience: Patience

  constructor(text: string, patience: Patience) {
    this.rules = ignore({ ignorecase: false }).add(tame(text))
    this.patience = patience
  }

  /** Whether they name a path, which ends in `/` where it is a folder; undefined where they say nothing of it. */
  ignores(path: string): boolean | undefined {
    if (this.patience.leftMs <= 0) return undefined
    const began = performance.now()
    try {
      const { ignored, unignored } = this.rules.test(path)
      return ignored ? true : unignored ? false : undefined
    } catch {
      return undefined // a pattern that makes no regular expression
    } finally {
      this.patience.leftMs -= performance.now() - began
    }
  }
}

function tame(text: string): string[] {
  let busy = 0
  return text
    .split('\n')
    .slice(0, mostLines)
    .filter((line) => {
      const wildcards = line.match(/\*+/g) ?? []
      if (line.length > longestLine || wildcards.length > mostWildcards) return false
      if (wildcards.filter((one) => one.length > 1).length > mostFolderWildcards) return false
      return wildcards.length < mostWildcards || ++busy <= mostBusyLines
    })
}
