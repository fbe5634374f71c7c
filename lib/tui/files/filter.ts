import { fuzzy } from '../format/fuzzy.ts'
import type { Source } from '../source.ts'
import type { TreeRow } from './tree.ts'

/** Paths that a filter shows. */
const mostFound = 500

/** What was typed to narrow the files down, and the paths that have these letters. */
export class Filter {
  /** Undefined: it is the tree that is shown. */
  private typed: string | undefined
  private found: readonly TreeRow[] | undefined
  private readonly paths: Source['paths']

  /** `changed` is called when there may be other paths than before. */
  constructor(paths: Source['paths'], changed: () => void) {
    this.paths = paths
    paths.onChange(() => {
      if (!this.isOn) return
      this.found = undefined
      changed()
    })
  }

  get isOn(): boolean {
    return this.typed !== undefined
  }

  type(letters: string): void {
    this.typed = letters
    this.found = undefined
  }

  end(): void {
    this.typed = undefined
  }

  /** The paths that fit, the best first. */
  rows(): readonly TreeRow[] {
    this.found ??= fuzzy(this.typed ?? '', this.paths.known, (path) => path, mostFound).map(({ item: path }) => ({
      kind: 'thing',
      path,
      name: path,
      depth: 0,
      type: 'file',
      gone: false,
    }))
    return this.found
  }

  /** Said where nothing fits. */
  get nothing(): string {
    return this.paths.whole ? 'No path has these letters in this order.' : 'Looking for what there is…'
  }
}
